package symmetry_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// undone returns 2-2-1 with rows (1 1; e 2e) into h and (1 1/e) out of it.
func undone(t *testing.T, act quiver.Activation, e float64) *quiver.Rep {
	t.Helper()
	w := quiver.Zero(build(t, act, "x:i2", "h:h2", "y:o1", "x>h", "h>y"))
	w.Arrow("x->h").Copy(mat.NewDense(2, 2, []float64{1, 1, e, 2 * e}))
	w.Arrow("h->y").Copy(mat.NewDense(1, 2, []float64{1, 1 / e}))
	return w
}

// TestUndoneTail: a row at the level of rounding that the arrow behind it undoes is no rounding.
func TestUndoneTail(t *testing.T) {
	x := mat.NewDense(1, 2, []float64{0.5, 0.25})
	w := undone(t, tanh, math.Ldexp(1, -50))
	assert.InDelta(t, 1.48201422, must(w.Eval(x))(t)[0].At(0, 0), 1e-8)
	for _, e := range []float64{math.Ldexp(1, -50), math.Ldexp(1, -60), 1e-30, 1e-100} {
		for name, opts := range map[string][]symmetry.Option{"none": nil, "Rank(0)": {symmetry.Rank(0)}, "Observe": {symmetry.Observe()}, "Rank(0), Observe": {symmetry.Rank(0), symmetry.Observe()}, "PathSum": {symmetry.PathSum(), symmetry.Rank(0)}} {
			for _, act := range []quiver.Activation{tanh, squash, quiver.Identity} {
				w := undone(t, act, e)
				c := compress(t, w, opts...)
				far := mat.NewDense(3, 2, []float64{0.5, 0.25, 0, 1, 3, -3})
				assert.LessOrEqual(t, gap(t, w, c.Reduced, far), 1e-12, "%s, %s at %g", name, act, e)
				require.True(t, c.Certificate.Exact)
				if p, err := c.Subspace(); err == nil {
					r := must(c.Rotated())(t)
					assert.LessOrEqual(t, gap(t, w, r, far), 1e-12, "%s, %s at %g", name, act, e)
					assert.True(t, p.Contains(r))
				}
			}
		}
	}
	// The same row with nothing behind it that undoes it is rounding, and goes.
	w.Arrow("h->y").Copy(mat.NewDense(1, 2, []float64{1, 1}))
	c := compress(t, w, symmetry.Rank(0))
	assert.Equal(t, []int{1}, widths(c, "h"))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, x), 1e-13)
}

// TestUndoneDeeper: rows of any size in a tall, a wide and a later vertex, undone behind it; the rank
// that is not there goes all the same.
func TestUndoneDeeper(t *testing.T) {
	for seed := range uint64(60) {
		rng := rngOf(seed)
		dims := []int{3, 12, 9, 2}
		w := random(mlp(t, tanh, dims...), seed)
		for k, name := range []string{"h1", "h2"} {
			unit := make([]float64, dims[k+1])
			for i := range unit {
				unit[i] = math.Ldexp(1, -rng.IntN(90))
			}
			into, out := []string{"x->h1", "h1->h2"}[k], []string{"h1->h2", "h2->y"}[k]
			for _, a := range []string{into, "one->" + name} {
				m := w.Arrow(a)
				for i := range unit {
					row := m.RawRowView(i)
					for j := range row {
						row[j] *= unit[i]
					}
				}
			}
			m := w.Arrow(out)
			r, _ := m.Dims()
			for i := range r {
				for j := range unit {
					m.Set(i, j, m.At(i, j)/unit[j])
				}
			}
		}
		if seed%2 == 1 { // one input says what another one says, at h1
			m := w.Arrow("x->h1")
			for i := range 12 {
				m.Set(i, 2, 3*m.At(i, 0))
			}
		}
		for _, opts := range [][]symmetry.Option{nil, {symmetry.Rank(0)}, {symmetry.Tolerance(0)}} {
			c, err := symmetry.Compress(w, opts...)
			require.NoError(t, err)
			xs := inputs(w.Quiver(), 30, seed)
			g := gap(t, w, c.Reduced, xs...)
			if c.Certificate.Exact {
				assert.LessOrEqual(t, g, 1e-9, "seed %d\n%s", seed, c)
				assert.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Rounding)
				assert.LessOrEqual(t, gap(t, w, must(c.Lift(c.Reduced))(t), xs...), 1e-9, "seed %d", seed)
				if _, err := c.Subspace(); err == nil { // then the rotated network has the function too
					assert.LessOrEqual(t, gap(t, w, must(c.Rotated())(t), xs...), 1e-9, "seed %d", seed)
				}
			} else {
				assert.LessOrEqual(t, g, must(c.BoundOn(xs...))(t))
			}
		}
		if seed%2 == 1 {
			c := compress(t, w, symmetry.Rank(0))
			assert.Equal(t, []int{3, 4}, widths(c, "h1", "h2"), "seed %d", seed)
		}
	}
}

// TestUndoneAtTies: one subspace for tied vertices, a small row of which is undone behind one of them.
func TestUndoneAtTies(t *testing.T) {
	e := math.Ldexp(1, -55)
	q := must(quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 4, tanh), quiver.Hidden("k", 4, tanh), quiver.Output("y", 1, nil), quiver.Output("z", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("x", "k", quiver.Tied("x->h")), quiver.Connect("h", "y"), quiver.Connect("k", "z")))(t)
	w := quiver.Zero(q)
	w.Arrow("x->h").Copy(mat.NewDense(4, 2, []float64{1, 1, e, 2 * e, 0, 0, 2, 2}))
	w.Arrow("h->y").Copy(mat.NewDense(1, 4, []float64{1, 1, 1, 1}))
	w.Arrow("k->z").Copy(mat.NewDense(1, 4, []float64{1, 1 / e, 1, 1}))
	x := mat.NewDense(2, 2, []float64{0.5, 0.25, 0, 1})
	c := compress(t, w)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, x), 1e-13)
	assert.Equal(t, []int{2, 2}, widths(c, "h", "k"))
	w.Arrow("k->z").Copy(mat.NewDense(1, 4, []float64{1, 1, 1, 1}))
	c = compress(t, w)
	assert.Equal(t, []int{1, 1}, widths(c, "h", "k"), "nobody undoes it")
	assert.LessOrEqual(t, gap(t, w, c.Reduced, x), 1e-13)
}

// TestUndoneObservation: what a linear vertex carries in large units is seen through small entries.
func TestUndoneObservation(t *testing.T) {
	e := math.Ldexp(1, -60)
	w := quiver.Zero(build(t, quiver.Identity, "x:i2", "h:h2", "y:o2", "x>h", "h>y"))
	w.Arrow("x->h").Copy(mat.NewDense(2, 2, []float64{1, 1, 1 / e, 2 / e}))
	w.Arrow("h->y").Copy(mat.NewDense(2, 2, []float64{1, e, 1, 3 * e}))
	x := mat.NewDense(3, 2, []float64{0.5, 0.25, 0, 1, 1, -0.5})
	for _, opts := range [][]symmetry.Option{{symmetry.Observe()}, {symmetry.Observe(), symmetry.Rank(0)}, {symmetry.Observe(), symmetry.Rank(0), symmetry.PathSum()}} {
		c := compress(t, w, opts...)
		assert.Equal(t, []int{2}, widths(c, "h"))
		assert.LessOrEqual(t, gap(t, w, c.Reduced, x), 1e-13)
		assert.NotContains(t, c.String(), "more than rounding explains", "it is not cut in the first place")
	}
	w.Arrow("x->h").Copy(mat.NewDense(2, 2, []float64{1, 1, 1, 2}))
	c := compress(t, w, symmetry.Observe())
	assert.Equal(t, []int{1}, widths(c, "h"), "here the small entries are rounding")
	assert.LessOrEqual(t, gap(t, w, c.Reduced, x), 1e-13)
}

// TestUndoneLinearUnits: the rank of what linear units carry, with one source in large units.
func TestUndoneLinearUnits(t *testing.T) {
	e := math.Ldexp(1, -60)
	w := quiver.Zero(build(t, quiver.Identity, "x:i3", "h:h3", "y:o3", "x>h", "h>y"))
	w.Arrow("x->h").Copy(mat.NewDense(3, 3, []float64{1, 1, 0, e, 2 * e, 0, 1, 3, 0}))
	w.Arrow("h->y").Copy(mat.NewDense(3, 3, []float64{1, 0, 1, 0, 1 / e, 0, 1, 1 / e, 1}))
	x := inputs(w.Quiver(), 8, 1)[0]
	c := compress(t, w, symmetry.Pointwise())
	assert.LessOrEqual(t, gap(t, w, c.Reduced, x), 1e-13)
}
