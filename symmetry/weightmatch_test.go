package symmetry_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/symmetry"
)

// TestPointwiseAligned: exact for copies on the orbit; with noise, no worse than the element that
// was planted; never below the lower bound.
func TestPointwiseAligned(t *testing.T) {
	tried, planted := 0, 0
	for n := range 4 * len(mixtures) {
		q := mixed(t, n, mixtures[n/4]...)
		w := random(q, uint64(n))
		g := symmetry.RandomElement(q, rand.NewPCG(uint64(n), 9))
		v := must(symmetry.Act(g, w))(t)
		a := must(symmetry.Aligned(w, v))(t)
		assert.LessOrEqual(t, a.Upper, 1e-9*norm(v), "%d", n)
		noise := random(q, uint64(n+100))
		v.AddScaled(0.003, noise)
		a = must(symmetry.Aligned(w, v))(t)
		moved := must(symmetry.Act(a.Element, w))(t)
		moved.AddScaled(-1, v)
		assert.InDelta(t, a.Upper, moved.Norm(), 1e-10*norm(v))
		assert.LessOrEqual(t, a.Lower, a.Upper)
		tried++
		if a.Upper <= 0.003*noise.Norm()*(1+1e-9) {
			planted++
		}
		other := random(q, uint64(n+7))
		b := must(symmetry.Aligned(w, other))(t)
		for k := range uint64(3) { // no random element beats the lower bound, and few the upper
			h := must(symmetry.Act(symmetry.RandomElement(q, rand.NewPCG(k, 3)), w))(t)
			h.AddScaled(-1, other)
			assert.GreaterOrEqual(t, h.Norm(), b.Lower)
			assert.GreaterOrEqual(t, h.Norm(), b.Upper*(1-1e-9), "%d", n)
		}
	}
	t.Logf("no worse than the planted element: %d of %d", planted, tried)
	assert.GreaterOrEqual(t, planted, tried*90/100)
}

// TestPointwiseAverage: the mean of a network and a copy on its orbit is the network; the naive
// mean is not.
func TestPointwiseAverage(t *testing.T) {
	for _, f := range []layers.Func{layers.ReLU, layers.Tanh, layers.GELU} {
		w := random(mlp(t, layers.Pointwise(f), 2, 12, 9, 2), 3)
		v := actsOn(t, w, 5)
		mean := must(symmetry.Average(w, v))(t)
		xs := inputs(w.Quiver(), 6, 1)
		assert.LessOrEqual(t, gap(t, w, mean, xs...), 1e-10, f.String())
		naive := w.Clone()
		naive.AddScaled(1, v)
		naive.Scale(0.5)
		assert.Greater(t, gap(t, w, naive, xs...), 1e-3)
	}
	// Tied weights share their element.
	w := random(unrolled(t, layers.Pointwise(layers.Tanh), 5, 3), 1)
	a := must(symmetry.Aligned(w, actsOn(t, w, 5)))(t)
	require.LessOrEqual(t, a.Upper, 1e-12)
}
