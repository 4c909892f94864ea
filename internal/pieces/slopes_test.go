package pieces_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// TestRecognition: which activations are taken for linear on each side, of which degree,
// and where their kinks are.
func TestRecognition(t *testing.T) {
	type want struct {
		up, down float64
		pieces   bool
		degree   float64
		kinks    int
	}
	for _, c := range []struct {
		act  quiver.Activation
		want want
	}{
		{piecestest.ReLU, want{1, 0, true, 1, 1}},
		{piecestest.Leaky, want{1, 0.25, true, 1, 1}},
		{layers.Pointwise(layers.Abs), want{1, -1, true, 1, 1}},
		{quiver.Identity, want{1, 1, true, 1, 0}},
		{piecestest.Bent{Up: 2, Down: -0.5}, want{2, -0.5, true, 1, 1}},
		{layers.Pointwise(layers.Square), want{0, 0, false, 2, 0}},
		{layers.Pointwise(layers.Power(3)), want{0, 0, false, 3, 0}},
		{layers.Pointwise(layers.Tanh), want{0, 0, false, 0, 0}},
		{layers.Pointwise(layers.GELU), want{0, 0, false, 0, 0}},
		{layers.Pointwise(layers.StepReLU), want{0, 0, false, 0, 1}},
		{layers.Pointwise(layers.Shift(layers.ReLU, 0.5)), want{0, 0, false, 0, 1}},
		{layers.Radial(layers.ReLU), want{0, 0, false, 0, 0}},
	} {
		s, ok := pieces.SlopesOf(c.act)
		require.Equal(t, c.want.pieces, ok, c.act)
		if ok {
			require.Equal(t, pieces.Slopes{Up: c.want.up, Down: c.want.down}, s)
		}
		d, _ := pieces.DegreeOf(c.act)
		require.Equal(t, c.want.degree, d, c.act)
		require.Len(t, pieces.KinksOf(c.act), c.want.kinks, c.act)
	}
	q, err := layers.MLP(piecestest.Bent{Up: 2, Down: -0.5}, 2, 3, 1)
	require.NoError(t, err)
	w := quiver.Random(q, piecestest.Gauss, rand.NewPCG(1, 1))
	r, err := identify.Dimension(w, identify.Search{})
	require.NoError(t, err)
	require.Equal(t, q.NumParams()-3, r.Max)
}
