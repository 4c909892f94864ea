package symmetry_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

func TestAligned(t *testing.T) {
	for n := range 20 { // over-wide: alternating steps alone do not get there
		w := random(mlp(t, squash, 2, 16, 16, 2), uint64(n))
		a := must(symmetry.Aligned(w, actsOn(t, w, uint64(n))))(t)
		assert.LessOrEqual(t, a.Upper, 1e-12)
		assert.LessOrEqual(t, a.Lower, a.Upper)
	}
	loose := 0.0
	for n := range 30 {
		w := sample(t, n)
		v := actsOn(t, w, uint64(n))
		noise := random(w.Quiver(), uint64(n+100))
		v.AddScaled(0.01, noise)
		a := must(symmetry.Aligned(w, v))(t)
		assert.LessOrEqual(t, a.Upper, 0.01*noise.Norm()*(1+1e-9)+1e-12, "the planted element is a candidate")
		assert.LessOrEqual(t, a.Lower, a.Upper)
		moved := must(symmetry.Act(a.Element, w))(t)
		moved.AddScaled(-1, v)
		if n%5 != 3 { // no fixed arrows, which Upper counts and Norm does not
			assert.InDelta(t, a.Upper, moved.Norm(), 1e-12)
		}
		loose = max(loose, a.Upper/max(a.Lower, 1e-12))

		other := random(w.Quiver(), uint64(n+7))
		b := must(symmetry.Aligned(w, other))(t)
		assert.Greater(t, b.Lower, 0.0)
		assert.LessOrEqual(t, b.Lower, b.Upper)
		// No random element beats the lower bound.
		for k := range uint64(5) {
			g := actsOn(t, w, k)
			g.AddScaled(-1, other)
			assert.GreaterOrEqual(t, g.Norm(), b.Lower)
		}
	}
	t.Logf("upper/lower at most %.3g", loose)
	_, err := symmetry.Aligned(sample(t, 1), sample(t, 2))
	var layout *quiver.LayoutError
	require.ErrorAs(t, err, &layout)
}

func TestAverage(t *testing.T) {
	w := random(mlp(t, squash, 2, 6, 5, 2), 3)
	v := actsOn(t, w, 5)
	mean := must(symmetry.Average(w, v))(t)
	assert.LessOrEqual(t, gap(t, w, mean, inputs(w.Quiver(), 6, 1)...), 1e-11)
	naive := w.Clone()
	naive.AddScaled(1, v)
	naive.Scale(0.5)
	assert.Greater(t, gap(t, w, naive, inputs(w.Quiver(), 6, 1)...), 1e-3)
}

func TestWiden(t *testing.T) {
	for _, q := range []*quiver.Quiver{
		mlp(t, squash, 2, 3, 4, 2),
		must(layers.Residual(squash, 2, 3, 4, 2, 2))(t),
		mlp(t, layers.Pointwise(layers.Tanh), 2, 3, 4, 2),
		mlp(t, layers.Trainable(layers.Tanh, 0.2, 1), 2, 3, 4, 2),
	} {
		w := random(q, 3)
		wide := map[string]int{}
		for _, h := range q.Hidden() {
			wide[h] = q.Dims()[h] + 5
		}
		xs := inputs(q, 6, 1)
		plain := must(symmetry.Widen(w, wide, nil, nil))(t)
		assert.LessOrEqual(t, gap(t, w, plain, xs...), 1e-14)
		grown := must(symmetry.Widen(w, wide, quiver.He, rand.NewPCG(1, 2)))(t)
		require.NoError(t, grown.Check())
		assert.LessOrEqual(t, gap(t, w, grown, xs...), 1e-14)
		assert.Greater(t, distance(plain, grown), 1e-2)
		// With a free part the new coordinates learn; without they do not.
		ys := targets(q, 6, 2)
		_, g := halfSumOfSquares(t, plain, xs, ys)
		_, k := halfSumOfSquares(t, grown, xs, ys)
		assert.Greater(t, k.Norm(), g.Norm())
		descend(t, grown, xs, ys, 0.1, nil)
		descend(t, plain, xs, ys, 0.1, nil)
		small := w.Clone()
		descend(t, small, xs, ys, 0.1, nil)
		assert.LessOrEqual(t, gap(t, small, plain, xs...), 1e-13, "a zero free part trains like the small network")
		assert.Greater(t, gap(t, small, grown, xs...), 1e-6)
	}
	w := random(mlp(t, squash, 2, 9, 2), 3)
	c := compress(t, w)
	back := must(symmetry.Widen(c.Reduced, map[string]int{"h1": 9}, nil, nil))(t)
	assert.Equal(t, c.Reduced.Data(), compress(t, back).Reduced.Data())

	var bad *symmetry.WidenError
	for name, tc := range map[string]struct {
		q *quiver.Quiver
		d map[string]int
	}{
		"below 9":       {w.Quiver(), map[string]int{"h1": 5}},
		"only hidden":   {w.Quiver(), map[string]int{"x": 5}},
		"is not itself": {mlp(t, layers.Pointwise(layers.Sigmoid), 2, 3, 2), map[string]int{"h1": 5}},
	} {
		_, err := symmetry.Widen(random(tc.q, 1), tc.d, nil, nil)
		require.ErrorAs(t, err, &bad)
		assert.ErrorContains(t, err, name)
	}
	_, err := symmetry.Widen(w, map[string]int{"h9": 12}, nil, nil)
	var unknown *quiver.UnknownVertexError
	require.ErrorAs(t, err, &unknown)
}

// TestOriginalSubspace: projection without rotating anybody's weights.
func TestOriginalSubspace(t *testing.T) {
	for _, q := range []*quiver.Quiver{mlp(t, squash, 2, 8, 9, 2), must(layers.Residual(squash, 2, 9, 12, 2, 2))(t), unrolled(t, squash, 8, 3)} {
		w := random(q, 3)
		if _, tied := q.VertexIndex("x1"); tied {
			special(w, 4)
		}
		c := compress(t, w)
		here, there := must(c.OriginalSubspace())(t), must(c.Subspace())(t)
		assert.False(t, here.Coordinate())
		rotated := must(c.Rotated())(t)
		xs, ys := inputs(q, 6, 1), targets(q, 6, 2)
		free := w.Clone()
		for range 50 {
			_, g := halfSumOfSquares(t, w, xs, ys)
			require.NoError(t, here.Project(g))
			h := g.Clone()
			require.NoError(t, here.Project(h))
			assert.LessOrEqual(t, distance(g, h), 1e-13, "idempotent")
			w.AddScaled(-0.02, g)
			descend(t, rotated, xs, ys, 0.02, there)
			descend(t, free, xs, ys, 0.02, nil)
		}
		back := must(symmetry.Act(must(c.Element())(t), rotated))(t)
		assert.LessOrEqual(t, distance(w, back), 1e-12)
		assert.Greater(t, distance(w, free), 1e-4, "without projection it is another training")
		var layout *quiver.LayoutError
		require.ErrorAs(t, here.Project(c.Reduced), &layout)
	}
	c := compress(t, random(mlp(t, squash, 2, 8, 9, 2), 1), symmetry.Tolerance(0.5))
	_, err := c.OriginalSubspace()
	var none *symmetry.SubspaceError
	require.ErrorAs(t, err, &none)
	assert.False(t, math.IsNaN(c.Certificate.Gap))
}
