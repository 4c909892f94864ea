package symmetry

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quivernet/quivernet/internal/linalg"

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

// TestPlainRankOfEvenRows: where no row weighs much more than another, the directions are those of the plain
// numerical rank, bit for bit; where one does they are chosen otherwise.
func TestPlainRankOfEvenRows(t *testing.T) {
	w := chainOf(t, layers.Radial(layers.Squash), 2, 5)
	v, _ := w.Quiver().VertexIndex("h1")
	c := newChooser(w, options{})
	a := mat.NewDense(5, 3, nil)
	for i := range 5 {
		x, y := float64(i+1), float64(i*i-3)
		a.SetRow(i, []float64{x, y, x + y})
	}
	for name, m := range map[string]*mat.Dense{"deficient": a, "full": mat.DenseCopyOf(a.Slice(0, 5, 0, 2))} {
		require.Nil(t, c.weights(v, m), name)
		want, got := byRank{}.span("h1", m), c.ranked(v, m, 0)
		assert.Equal(t, 2, linalg.Width(got.b), name)
		assert.True(t, mat.Equal(want.b, got.b) && mat.Equal(want.r, got.r), name)
		assert.Equal(t, [2]any{want.exact, want.why}, [2]any{got.exact, got.why}, name)
	}
	a.SetRow(4, []float64{1e-9, 1e-9, 2e-9})
	require.NoError(t, w.Set("h1->y", mat.NewDense(1, 5, []float64{1, 1, 1, 1, 1e9})))
	assert.False(t, mat.Equal(byRank{}.span("h1", a).b, c.ranked(v, a, 0).b))
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
