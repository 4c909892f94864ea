package symmetry_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// invariant changes the recurrent matrix so that the span of the first k coordinates, into which
// input and bias are put too, is mapped into itself, and then hides it by a rotation.
func invariant(t *testing.T, w *quiver.Rep, k int, seed uint64) *quiver.Rep {
	t.Helper()
	r := w.Clone()
	for _, name := range []string{"x1->h1", "one->h1", "h1->h2"} {
		m := r.Arrow(name)
		rows, cols := m.Dims()
		for i := k; i < rows; i++ {
			for j := range min(cols, k) {
				m.Set(i, j, 0)
			}
		}
	}
	g := symmetry.RandomElement(w.Quiver(), rand.NewPCG(seed, 1))
	return must(symmetry.Act(g, r))(t)
}

// TestRecurrent: an unrolled recurrence with tied weights shrinks to the Krylov space of its
// matrix on what enters, at all moments alike; a generic one does not shrink, and the report
// says so. Training it tied, projected, is training the small one.
func TestRecurrent(t *testing.T) {
	for _, steps := range []int{2, 3, 6} {
		q := must(layers.Recurrent(tanh, 2, 12, 2, steps))(t)
		w := invariant(t, random(q, 1), 5, 2)
		c := compress(t, w)
		for _, ch := range c.Widths {
			assert.Equal(t, 5, ch.To, "%s of %d moments", ch.Vertex, steps)
		}
		assert.LessOrEqual(t, c.Certificate.Gap, 1e-12)
		assert.Equal(t, 2*5+5+25+2*5+2, c.Reduced.Quiver().NumParams(), "one set of weights for all moments")

		sub := must(c.Subspace())(t)
		large := must(c.Rotated())(t)
		small := c.Reduced.Clone()
		xs := inputs(q, 16, 3)
		target := mat.NewDense(16, 2, nil)
		target.Apply(func(i, j int, _ float64) float64 { return float64(i%3) - float64(j) }, target)
		grad := func(w *quiver.Rep) *quiver.Rep {
			y, err := w.Eval(xs...)
			require.NoError(t, err)
			y[0].Sub(y[0], target)
			y[0].Scale(1.0/16, y[0])
			g, _, err := w.VJP(xs, y)
			require.NoError(t, err)
			return g
		}
		for range 50 {
			g := grad(large)
			require.NoError(t, sub.Project(g))
			large.AddScaled(-0.05, g)
			small.AddScaled(-0.05, grad(small))
		}
		r := must(sub.Reduce(large))(t)
		r.AddScaled(-1, small)
		assert.LessOrEqual(t, r.Norm(), 1e-10*small.Norm())

		generic := compress(t, random(q, 4))
		for _, ch := range generic.Widths {
			assert.Equal(t, ch.From, ch.To)
			assert.Contains(t, ch.Reason, "full")
		}
	}
	_, err := layers.Recurrent(tanh, 2, 3, 1, 0)
	var ce *layers.ConstantError
	assert.ErrorAs(t, err, &ce)
}

// A recurrence with tied weights, unrolled over four moments, whose matrix keeps a subspace of
// dimension 3 that input and bias lie in.
func ExampleCompress_recurrent() {
	q, err := layers.Recurrent(layers.Radial(layers.Tanh), 1, 8, 1, 4)
	if err != nil {
		panic(err)
	}
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	for _, name := range []string{"x1->h1", "one->h1", "h1->h2"} {
		m := w.Arrow(name)
		_, cols := m.Dims()
		for i := 3; i < 8; i++ {
			for j := range min(cols, 3) {
				m.Set(i, j, 0)
			}
		}
	}
	c, err := symmetry.Compress(w)
	if err != nil {
		panic(err)
	}
	for _, ch := range c.Widths {
		fmt.Printf("%s %d→%d\n", ch.Vertex, ch.From, ch.To)
	}
	fmt.Printf("%d numbers for all four moments, then %d\n", q.NumParams(), c.Reduced.Quiver().NumParams())
	// Output:
	// h1 8→3
	// h2 8→3
	// h3 8→3
	// h4 8→3
	// 89 numbers for all four moments, then 19
}
