package symmetry

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// chainOf is x → h → y with the activation at h, and random matrices.
func chainOf(t *testing.T, act quiver.Activation, in, width int) *quiver.Rep {
	t.Helper()
	q, err := layers.MLP(act, in, width, 1)
	require.NoError(t, err)
	return quiver.Random(q, nil, rand.NewPCG(1, 2))
}

// TestNoBoundWhereNoneIsKnown: an error before the activation is carried on only by what knows its constants, and an
// error that is no number or has no bound stays without one.
func TestNoBoundWhereNoneIsKnown(t *testing.T) {
	through := func(act quiver.Activation, shift, d float64) float64 {
		w := chainOf(t, act, 2, 3)
		v, _ := w.Quiver().VertexIndex("h1")
		for i := range w.ParamsAt(v) {
			w.ParamsAt(v)[i] += shift
		}
		return (&bounder{c: &Compression{original: w}, vs: w.Quiver().Vertices()}).through(v, 1, 1, d)
	}
	inf := math.Inf(1)
	radial, trainable := layers.Radial(layers.Tanh), layers.Trainable(layers.Tanh, 0.2, 1)
	assert.InDelta(t, 1e-3, through(radial, 0, 1e-3), 1e-3)
	assert.False(t, math.IsInf(through(trainable, 0, 1e-3), 1), "its constants hold at its first parameters")
	assert.Equal(t, inf, through(trainable, 0.5, 1e-3))
	assert.Equal(t, inf, through(radial, 0, math.NaN()))
	assert.Equal(t, inf, through(radial, 0, inf))
	assert.Zero(t, through(trainable, 0.5, 0))
}
