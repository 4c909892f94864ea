package symmetry_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// linear returns a network with linear vertices l1, l2, l3 that narrow ones look at.
func linear(t testing.TB) *quiver.Quiver {
	t.Helper()
	return must(quiver.New(quiver.Input("x", 5), quiver.Bias("one"),
		quiver.Hidden("l1", 9, quiver.Identity), quiver.Hidden("l2", 8, quiver.Identity), quiver.Hidden("l3", 7, quiver.Identity),
		quiver.Hidden("h", 2, squash), quiver.Hidden("k", 6, squash), quiver.Output("y", 1, nil),
		quiver.Connect("x", "l1"), quiver.Connect("one", "l1"), quiver.Connect("l1", "l2"), quiver.Connect("one", "l2"),
		quiver.Connect("l2", "h"), quiver.Connect("l1", "l3"), quiver.Connect("l3", "y"), quiver.Connect("h", "k"), quiver.Connect("one", "k"), quiver.Connect("k", "y")))(t)
}

func TestObserve(t *testing.T) {
	q := linear(t)
	w := random(q, 3)
	assert.Equal(t, []int{6, 7, 6}, widths(compress(t, w), "l1", "l2", "l3"))
	c := compress(t, w, symmetry.Observe())
	assert.Equal(t, []int{3, 2, 1, 2, 3}, widths(c, "l1", "l2", "l3", "h", "k"))
	xs, ys := inputs(q, 12, 1), targets(q, 12, 2)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-13)
	assert.LessOrEqual(t, gap(t, w, must(c.Rotated())(t), xs...), 1e-13)
	assert.LessOrEqual(t, distance(w, must(c.Lift(c.Reduced))(t)), 1e-13)
	assert.Equal(t, c.Reduced.Quiver().Dims(), compress(t, c.Reduced, symmetry.Observe()).Reduced.Quiver().Dims())
	projected(t, w, 100, 0.005, 1e-11, symmetry.Observe())
	projected(t, w, 40, 0.005, 1e-11, symmetry.Observe(), symmetry.Rank(0))
	golden.Check(t, "observe.txt", stable(c.String()))

	// In the original frame too; without the last term the training differs.
	p := must(c.OriginalSubspace())(t)
	without := must(compress(t, w).OriginalSubspace())(t)
	a, b, reduced := w.Clone(), w.Clone(), c.Reduced.Clone()
	for range 100 {
		la, g := halfSumOfSquares(t, a, xs, ys)
		require.NoError(t, p.Project(g))
		h := g.Clone()
		require.NoError(t, p.Project(h))
		require.LessOrEqual(t, distance(g, h), 1e-12)
		a.AddScaled(-0.005, g)
		_, g = halfSumOfSquares(t, b, xs, ys)
		require.NoError(t, without.Project(g))
		b.AddScaled(-0.005, g)
		lr := descend(t, reduced, xs, ys, 0.005, nil)
		require.InDelta(t, 0, (la-lr)/lr, 1e-10)
	}
	assert.LessOrEqual(t, distance(a, must(c.Lift(reduced))(t)), 1e-11)
	lb, _ := halfSumOfSquares(t, b, xs, ys)
	la, _ := halfSumOfSquares(t, a, xs, ys)
	assert.Greater(t, math.Abs(la-lb), 1e-4)

	// A vertex that nobody sees at all.
	w.Arrow("l3->y").Zero()
	c = compress(t, w, symmetry.Observe())
	assert.Equal(t, []int{2, 2, 0}, widths(c, "l1", "l2", "l3"))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-13)
	projected(t, w, 30, 0.005, 1e-11, symmetry.Observe())
	// Nothing happens where Keep forbids it, or where a cut is not exact.
	assert.Equal(t, []int{9}, widths(compress(t, w, symmetry.Observe(), symmetry.Keep("l1")), "l1"))
	lossy := compress(t, w, symmetry.Observe(), symmetry.Tolerance(0.3))
	assert.LessOrEqual(t, lossy.Certificate.Gap, lossy.Certificate.Bound)
}
