package paths_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/paths"
)

// TestReconstruction: Φ and the signs give back the outgoing-normal form.
func TestReconstruction(t *testing.T) {
	n := 0
	for _, in := range piecestest.Instances(t, 31, 12, 3, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky) {
		phi, err := paths.PathEmbedding(in.Rep, 0)
		require.NoError(t, err)
		got, err := paths.FromPathEmbedding(phi, in.Rep, 0)
		if err != nil {
			continue // not plain, or a unit without weights
		}
		n++
		want, err := identify.NormalizeOutgoing(in.Rep)
		require.NoError(t, err)
		require.Less(t, pieces.Distance(want.Data(), got.Data()), 1e-10, in.Name)
		eq, err := identify.EqualModRescaling(in.Rep, got, 1e-9)
		require.NoError(t, err)
		require.Equal(t, identify.Yes, eq.Verdict)

		// negative controls: another sign, another entry, no rank one
		flipped := in.Rep.Clone()
		for i, a := range flipped.Quiver().Arrows() {
			for j, x := range flipped.Block(i) {
				if flipped.Quiver().Vertices()[a.Source].Kind == quiver.KindHidden {
					flipped.Block(i)[j] = -x
				}
			}
		}
		if other, err := paths.FromPathEmbedding(phi, flipped, 0); err == nil {
			eq, err := identify.EqualModRescaling(in.Rep, other, 1e-6)
			require.NoError(t, err)
			require.Equal(t, identify.No, eq.Verdict, in.Name)
		}
	}
	t.Log("round trips:", n)
	require.Greater(t, n, 40)
	w := piecestest.NetT1(t)
	phi, err := paths.PathEmbedding(w, 0)
	require.NoError(t, err)
	got, err := paths.FromPathEmbedding(phi, w, 0)
	require.NoError(t, err)
	require.Equal(t, []float64{8, -8, -4, -2, 4, -4, 1, -1, -.25, 0, 4, 2, 1, -1, -2}, got.Data())
	phi.Set(3, 0, phi.At(3, 0)+1)
	_, err = paths.FromPathEmbedding(phi, w, 0)
	require.Error(t, err)
	wide := piecestest.HeChain(t, piecestest.ReLU, 1, 2, 3, 2)
	phi, err = paths.PathEmbedding(wide, 0)
	require.NoError(t, err)
	phi.Set(0, 1, phi.At(0, 1)*1.5)
	var ee *paths.EmbeddingError
	_, err = paths.FromPathEmbedding(phi, wide, 0)
	require.ErrorAs(t, err, &ee)
}

// TestSignsAreNeeded: two networks with one Φ and different functions.
func TestSignsAreNeeded(t *testing.T) {
	a := piecestest.Chain(t, []int{1, 1, 1}, []float64{1}, []float64{0}, []float64{1}, []float64{0})
	b := piecestest.Chain(t, []int{1, 1, 1}, []float64{-1}, []float64{0}, []float64{-1}, []float64{0})
	pa, err := paths.PathEmbedding(a, 0)
	require.NoError(t, err)
	pb, err := paths.PathEmbedding(b, 0)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 0, 0}, mat.Col(nil, 0, pa))
	require.True(t, mat.Equal(pa, pb))
	ya, err := a.Eval(piecestest.Column(2, -2))
	require.NoError(t, err)
	yb, err := b.Eval(piecestest.Column(2, -2))
	require.NoError(t, err)
	require.Equal(t, []float64{2, 0}, mat.Col(nil, 0, ya[0]))
	require.Equal(t, []float64{0, -2}, mat.Col(nil, 0, yb[0]))
}
