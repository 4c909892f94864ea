package symmetry_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// TestDegenerate: zero biases and matrices, rank one, equal rows and columns. Signs of
// zeros on the diagonal must not spoil the basis.
func TestDegenerate(t *testing.T) {
	for _, zeroInside := range []quiver.Activation{squash, tanh} {
		for name, spoil := range map[string]func(w *quiver.Rep){
			"first bias zero": func(w *quiver.Rep) { w.Arrow("one->h1").Zero() },
			"biases zero": func(w *quiver.Rep) {
				for _, a := range []string{"one->h1", "one->h2", "one->h3", "one->y"} {
					w.Arrow(a).Zero()
				}
			},
			"first matrix zero":  func(w *quiver.Rep) { w.Arrow("x->h1").Zero() },
			"second matrix zero": func(w *quiver.Rep) { w.Arrow("h1->h2").Zero(); w.Arrow("one->h2").Zero() },
			"last matrix zero":   func(w *quiver.Rep) { w.Arrow("h3->y").Zero() },
			"all zero":           func(w *quiver.Rep) { w.Scale(0) },
			"rank one":           func(w *quiver.Rep) { outer(w.Arrow("x->h1")); outer(w.Arrow("h1->h2")) },
			"equal rows": func(w *quiver.Rep) {
				for _, m := range w.All() {
					r, _ := m.Dims()
					for i := range r {
						copy(m.RawRowView(i), m.RawRowView(0))
					}
				}
			},
			"equal columns": func(w *quiver.Rep) {
				for _, m := range w.All() {
					r, c := m.Dims()
					for i := range r {
						for j := range c {
							m.Set(i, j, m.At(i, 0))
						}
					}
				}
			},
			"negative zeros": func(w *quiver.Rep) {
				b := w.Arrow("one->h1")
				b.Apply(func(int, int, float64) float64 { return math.Copysign(0, -1) }, b)
			},
		} {
			w := random(mlp(t, zeroInside, 3, 10, 12, 9, 2), 8)
			spoil(w)
			c := compress(t, w)
			xs := inputs(w.Quiver(), 7, 1)
			assert.Equal(t, []int{4, 5, 6}, widths(c, "h1", "h2", "h3"), name)
			assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-12, name)
			rotated := must(c.Rotated())(t)
			assert.LessOrEqual(t, gap(t, w, rotated, xs...), 1e-12, name)
			g := must(c.Element())(t)
			for _, v := range []string{"h1", "h2", "h3"} {
				assert.LessOrEqual(t, notOrthogonal(g.Factor(v)), 1e-12, name)
			}
			assert.LessOrEqual(t, distance(w, must(symmetry.Act(g, rotated))(t)), 1e-13, name)
		}
	}
}

func outer(m *mat.Dense) {
	r, c := m.Dims()
	u, v := mat.VecDenseCopyOf(m.ColView(0)), mat.VecDenseCopyOf(m.RowView(0))
	for i := range r {
		for j := range c {
			m.Set(i, j, u.AtVec(i)*v.AtVec(j))
		}
	}
}

func notOrthogonal(q *mat.Dense) float64 {
	n, _ := q.Dims()
	var p mat.Dense
	p.Mul(q.T(), q)
	for i := range n {
		p.Set(i, i, p.At(i, i)-1)
	}
	return mat.Max(&p)
}

func TestParallelFactorsOfZeroBiases(t *testing.T) {
	// Without biases a radial network is a scalar times the product of its matrices.
	w := random(mlp(t, sigmoid, 3, 8, 9, 2), 5)
	for _, a := range []string{"one->h1", "one->h2", "one->y"} {
		w.Arrow(a).Zero()
	}
	var p mat.Dense
	p.Product(w.Arrow("h2->y"), w.Arrow("h1->h2"), w.Arrow("x->h1"))
	xs := inputs(w.Quiver(), 20, 3)
	for _, r := range []*quiver.Rep{w, compress(t, w).Reduced} {
		y := must(r.Eval(xs...))(t)[0]
		var l mat.Dense
		l.Mul(xs[0], p.T())
		for i := range 20 {
			a, b := y.RowView(i), l.RowView(i)
			cos := mat.Dot(a, b) / mat.Norm(a, 2) / mat.Norm(b, 2)
			assert.InDelta(t, 1, math.Abs(cos), 1e-12)
		}
	}
	w.Arrow("one->h1").Set(0, 0, 1) // with a bias it is not
	y := must(w.Eval(xs...))(t)[0]
	var l mat.Dense
	l.Mul(xs[0], p.T())
	off := 0.0
	for i := range 20 {
		a, b := y.RowView(i), l.RowView(i)
		off = max(off, 1-math.Abs(mat.Dot(a, b)/mat.Norm(a, 2)/mat.Norm(b, 2)))
	}
	assert.Greater(t, off, 1e-3)
}
