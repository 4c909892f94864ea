package paths_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/paths"
)

func TestEmbeddingOfA1AndT1(t *testing.T) {
	phi, err := paths.PathEmbedding(piecestest.NetA1(t), 0)
	require.NoError(t, err)
	require.Equal(t, []float64{2, 3, 4, -1, 2, 0, 3}, mat.Col(nil, 0, phi))
	phi, err = paths.PathEmbedding(piecestest.NetT1(t), 0)
	require.NoError(t, err)
	require.Equal(t, []float64{8, 2, 4, 0, -8, -2, 2, 0, 4, 1, 4, 0, 4, -2, -2}, mat.Col(nil, 0, phi))
	a, err := paths.PathActivations(piecestest.NetA1(t), piecestest.Batch(piecestest.RowsOf([]float64{1, 1}, []float64{-1, 2}, []float64{2, -3})), 0, identify.Options{})
	require.NoError(t, err)
	require.Equal(t, []float64{1, 0, 1, 0, 1, 0, 1}, a.RawRowView(0))
	require.Equal(t, []float64{-1, -1, 2, 2, 1, 1, 1}, a.RawRowView(1))
	require.Equal(t, []float64{0, 0, 0, 0, 0, 0, 1}, a.RawRowView(2))
	ps, err := paths.Paths(piecestest.NetA1(t), 0)
	require.NoError(t, err)
	var names []string
	for _, p := range ps {
		names = append(names, p.String())
	}
	require.Equal(t, []string{"x[0] h1[0]", "x[0] h1[1]", "x[1] h1[0]", "x[1] h1[1]", "one[0] h1[0]", "one[0] h1[1]", "one[0]"}, names)
}

// TestPathCounts compares |P| and the generic rank of DΦ with their formulas.
func TestPathCounts(t *testing.T) {
	for _, c := range []struct {
		dims        []int
		paths, rank int
	}{
		{[]int{2, 2, 1}, 7, 7}, {[]int{2, 3, 2}, 10, 14}, {[]int{2, 2, 2, 1}, 15, 11},
		{[]int{3, 2, 4, 2}, 37, 24}, {[]int{1, 2, 2, 1}, 11, 9}, {[]int{2, 3, 2, 2, 2}, 43, 22},
	} {
		w := piecestest.HeChain(t, piecestest.ReLU, 7, c.dims...)
		n, err := paths.NumPaths(w)
		require.NoError(t, err)
		require.EqualValues(t, c.paths, n.Int64())
		d, err := paths.EmbeddingJacobian(w, 0)
		require.NoError(t, err)
		require.Equal(t, c.rank, rank.Of(d).Rank)
	}
}

// TestLinearisation checks f = αΦ, J = (α⊗I)·DΦ and the Gram matrix, on every shape.
func TestLinearisation(t *testing.T) {
	abs := layers.Pointwise(layers.Abs)
	for _, in := range piecestest.Instances(t, 2, 5, 6, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky, abs, quiver.Identity) {
		phi, err := paths.PathEmbedding(in.Rep, 0)
		require.NoError(t, err, in.Name)
		alpha, err := paths.PathActivations(in.Rep, in.Inputs, 0, identify.Options{})
		require.NoError(t, err)
		var f mat.Dense
		f.Mul(alpha, phi)
		ys, err := in.Rep.Eval(in.Inputs...)
		require.NoError(t, err)
		all := mat.DenseCopyOf(ys[0])
		for _, y := range ys[1:] {
			var both mat.Dense
			both.Augment(all, y)
			all = &both
		}
		require.Less(t, piecestest.MaxDiff(all, &f), 1e-12, in.Name)

		j, err := identify.Jacobian(in.Rep, in.Inputs, identify.Options{})
		require.NoError(t, err)
		d, err := paths.EmbeddingJacobian(in.Rep, 0)
		require.NoError(t, err)
		_, outs := phi.Dims()
		var kron, ad mat.Dense
		kron.Kronecker(alpha, quiver.Eye(outs))
		ad.Mul(&kron, d)
		require.Less(t, piecestest.MaxDiff(j, &ad), 1e-12, in.Name)

		g, err := paths.PathGram(in.Rep, in.Inputs, identify.Options{})
		require.NoError(t, err)
		var aat mat.Dense
		aat.Mul(alpha, alpha.T())
		require.Less(t, piecestest.MaxDiff(&aat, g), 1e-12, in.Name)

		// negative control: the path activations of other samples do not fit
		rng := rand.New(rand.NewPCG(3, 3))
		for i := range alpha.RawMatrix().Data {
			alpha.RawMatrix().Data[i] += 1e-3 * rng.NormFloat64()
		}
		f.Mul(alpha, phi)
		require.Greater(t, piecestest.MaxDiff(all, &f), 1e-9, in.Name)
	}
}
