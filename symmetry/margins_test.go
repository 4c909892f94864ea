package symmetry

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

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

// TestSumsExactly: sums are exact as long as no bit is lost, whatever the order.
func TestSumsExactly(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y"), quiver.Connect("x", "y", quiver.Named("two")), quiver.Connect("x", "y", quiver.Named("three")))
	require.NoError(t, err)
	for _, tc := range []struct {
		x     [3]float64
		exact bool
	}{{[3]float64{1, 2, 3}, true}, {[3]float64{1, 0x1p-52, 0}, true}, {[3]float64{1, 0x1p-60, 0}, false}, {[3]float64{0x1p-60, 1, 0}, false}, {[3]float64{1, 1, -0x1p-60}, false}, {[3]float64{0x1p60, -0x1p60, 0x1p-60}, true}} {
		w := quiver.Zero(q)
		names := []string{"x->y", "two", "three"}
		for i, name := range names {
			require.NoError(t, w.Set(name, mat.NewDense(1, 1, tc.x[i:i+1])))
		}
		assert.Equal(t, tc.exact, sumsExactly(w, names), "%v", tc.x)
	}
}
