package deviation

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
		return (&bounder{Step: Step{Original: w}, vs: w.Quiver().Vertices()}).through(v, 1, 1, d)
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

// TestOverflownLengthsBoundNothing: where a bound of a length overflows, the network may overflow too, so nothing
// is said of a vertex, although its activation is bounded.
func TestOverflownLengthsBoundNothing(t *testing.T) {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 3, 2)
	require.NoError(t, err)
	w := quiver.Random(q, quiver.He, rand.NewPCG(1, 2))
	b := Step{Original: w}
	v, _ := q.VertexIndex("h1")
	nan, inf := math.NaN(), math.Inf(1)
	for _, in := range [][2]float64{{inf, 0.1}, {1, inf}, {nan, 0.1}, {1, nan}, {math.MaxFloat64, math.MaxFloat64}} {
		x, e := b.throughBall(v, in[0], in[1])
		assert.Equal(t, [2]float64{inf, inf}, [2]float64{x, e}, "%v", in)
	}
	x, e := b.throughBall(v, math.MaxFloat64, 0.1)
	assert.InDelta(t, 1, x, 1e-9)
	assert.InDelta(t, 0.1, e, 1e-9)
}
