package identify_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/paths"
)

// TestInvariance: rank of J, rank of α, Φ, path norms do not change along the orbit.
func TestInvariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(30, 1))
	n := 0
	for _, in := range piecestest.Instances(t, 30, 6, 25, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky) {
		b := piecestest.Moved(t, in.Rep, rng, 1e3, false)
		if b == nil {
			continue
		}
		n++
		phi, err := paths.PathEmbedding(in.Rep, 0)
		require.NoError(t, err)
		psi, err := paths.PathEmbedding(b, 0)
		require.NoError(t, err)
		require.Less(t, piecestest.MaxDiff(phi, psi), 1e-11, in.Name)
		p := piecestest.Moved(t, b, rng, 1, true)
		ra, err := identify.BatchDimension(in.Rep, in.Inputs, identify.Options{Drop: true})
		require.NoError(t, err)
		for _, c := range []*quiver.Rep{b, p} {
			rb, err := identify.BatchDimension(c, in.Inputs, identify.Options{Drop: true})
			require.NoError(t, err)
			require.Equal(t, ra.Dimension, rb.Dimension, in.Name)
			require.False(t, rb.Rank.Ambiguous, "%v", rb)
			aa, err := identify.PathActivationRank(in.Rep, in.Inputs, identify.Options{Drop: true})
			require.NoError(t, err)
			ab, err := identify.PathActivationRank(c, in.Inputs, identify.Options{Drop: true})
			require.NoError(t, err)
			require.Equal(t, aa.Total, ab.Total, in.Name)
			na, err := paths.PathNorm(in.Rep, 3)
			require.NoError(t, err)
			nb, err := paths.PathNorm(c, 3)
			require.NoError(t, err)
			require.InDelta(t, na.Log10, nb.Log10, 1e-11)
			sa, err := paths.PathSaliency(in.Rep)
			require.NoError(t, err)
			if c == b {
				sb, err := paths.PathSaliency(c)
				require.NoError(t, err)
				require.Less(t, pieces.Distance(sa.Share.Data(), sb.Share.Data()), 1e-11)
			}
		}
		ya, err := in.Rep.Eval(in.Inputs...)
		require.NoError(t, err)
		yb, err := p.Eval(in.Inputs...)
		require.NoError(t, err)
		for o := range ya {
			require.Less(t, piecestest.MaxDiff(ya[o], yb[o]), 1e-10)
		}
	}
	require.Greater(t, n, 30)
}

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

func TestEqualModPermutation(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 1))
	n := 0
	for _, in := range piecestest.Instances(t, 32, 6, 3, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky) {
		b := piecestest.Moved(t, in.Rep, rng, 10, true)
		if b == nil {
			continue
		}
		e, err := identify.EqualModPermutation(in.Rep, b, 1e-8)
		if err != nil {
			continue // a unit without incoming weights
		}
		n++
		require.Equal(t, identify.Yes, e.Verdict, "%s %v", in.Name, e)
		// the permutation and the factors lead from one to the other
		net, err := pieces.Rescalable(in.Rep, "test")
		require.NoError(t, err)
		for i := range net.Vertices {
			if v := &net.Vertices[i]; v.Kind == quiver.KindHidden {
				back := make([]int, v.Dim)
				for u, j := range e.Perms[v.Name] {
					net.ScaleUnit(i, u, e.Scales[v.Name][u])
					back[j] = u
				}
				net.Permute(i, back)
			}
		}
		require.Less(t, pieces.Distance(b.Data(), net.Rep.Data()), 1e-12, in.Name)
		b.Data()[0] += 1e-3 * (1 + math.Abs(b.Data()[0]))
		e, err = identify.EqualModPermutation(in.Rep, b, 1e-8)
		require.NoError(t, err)
		require.NotEqual(t, identify.Yes, e.Verdict, in.Name)
	}
	require.Greater(t, n, 20)
}
