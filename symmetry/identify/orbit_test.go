package identify

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/quiver"
)

// moved returns w after a random permutation and positive rescaling of its hidden
// units, factors between 1/most and most; nil where the quiver's arrows are not free.
func moved(t testing.TB, w *quiver.Rep, rng *rand.Rand, most float64, permute bool) *quiver.Rep {
	t.Helper()
	net, err := own(w, "test")
	if err != nil {
		return nil
	}
	for i := range net.Vertices {
		v := &net.Vertices[i]
		if v.Kind != quiver.KindHidden {
			continue
		}
		for r := range v.Dim {
			scaleUnit(net, i, r, math.Exp((2*rng.Float64()-1)*math.Log(most)))
		}
		if permute {
			permuteUnits(net, i, rng.Perm(v.Dim))
		}
	}
	return net.Rep
}

// TestInvariance: rank of J, rank of α, Φ, path norms do not change along the orbit.
func TestInvariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(30, 1))
	n := 0
	for _, in := range piecestest.Instances(t, 30, 6, 25, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky) {
		b := moved(t, in.Rep, rng, 1e3, false)
		if b == nil {
			continue
		}
		n++
		phi, err := PathEmbedding(in.Rep, 0)
		require.NoError(t, err)
		psi, err := PathEmbedding(b, 0)
		require.NoError(t, err)
		require.Less(t, piecestest.MaxDiff(phi, psi), 1e-11, in.Name)
		p := moved(t, b, rng, 1, true)
		ra, err := BatchDimension(in.Rep, in.Inputs, Options{Drop: true})
		require.NoError(t, err)
		for _, c := range []*quiver.Rep{b, p} {
			rb, err := BatchDimension(c, in.Inputs, Options{Drop: true})
			require.NoError(t, err)
			require.Equal(t, ra.Dimension, rb.Dimension, in.Name)
			require.False(t, rb.Rank.Ambiguous, "%v", rb)
			aa, err := PathActivationRank(in.Rep, in.Inputs, Options{Drop: true})
			require.NoError(t, err)
			ab, err := PathActivationRank(c, in.Inputs, Options{Drop: true})
			require.NoError(t, err)
			require.Equal(t, aa.Total, ab.Total, in.Name)
			na, err := PathNorm(in.Rep, 3)
			require.NoError(t, err)
			nb, err := PathNorm(c, 3)
			require.NoError(t, err)
			require.InDelta(t, na.Log10, nb.Log10, 1e-11)
			sa, err := PathSaliency(in.Rep)
			require.NoError(t, err)
			if c == b {
				sb, err := PathSaliency(c)
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
		phi, err := PathEmbedding(in.Rep, 0)
		require.NoError(t, err)
		got, err := FromPathEmbedding(phi, in.Rep, 0)
		if err != nil {
			continue // not plain, or a unit without weights
		}
		n++
		want, err := NormalizeOutgoing(in.Rep)
		require.NoError(t, err)
		require.Less(t, pieces.Distance(want.Data(), got.Data()), 1e-10, in.Name)
		eq, err := EqualModRescaling(in.Rep, got, 1e-9)
		require.NoError(t, err)
		require.Equal(t, Yes, eq.Verdict)

		// negative controls: another sign, another entry, no rank one
		flipped := in.Rep.Clone()
		for i, a := range flipped.Quiver().Arrows() {
			for j, x := range flipped.Block(i) {
				if flipped.Quiver().Vertices()[a.Source].Kind == quiver.KindHidden {
					flipped.Block(i)[j] = -x
				}
			}
		}
		if other, err := FromPathEmbedding(phi, flipped, 0); err == nil {
			eq, err := EqualModRescaling(in.Rep, other, 1e-6)
			require.NoError(t, err)
			require.Equal(t, No, eq.Verdict, in.Name)
		}
	}
	t.Log("round trips:", n)
	require.Greater(t, n, 40)
	w := piecestest.NetT1(t)
	phi, err := PathEmbedding(w, 0)
	require.NoError(t, err)
	got, err := FromPathEmbedding(phi, w, 0)
	require.NoError(t, err)
	require.Equal(t, []float64{8, -8, -4, -2, 4, -4, 1, -1, -.25, 0, 4, 2, 1, -1, -2}, got.Data())
	phi.Set(3, 0, phi.At(3, 0)+1)
	_, err = FromPathEmbedding(phi, w, 0)
	require.Error(t, err)
	wide := piecestest.HeChain(t, piecestest.ReLU, 1, 2, 3, 2)
	phi, err = PathEmbedding(wide, 0)
	require.NoError(t, err)
	phi.Set(0, 1, phi.At(0, 1)*1.5)
	var ee *EmbeddingError
	_, err = FromPathEmbedding(phi, wide, 0)
	require.ErrorAs(t, err, &ee)
}

// TestSignsAreNeeded: two networks with one Φ and different functions.
func TestSignsAreNeeded(t *testing.T) {
	a := piecestest.Chain(t, []int{1, 1, 1}, []float64{1}, []float64{0}, []float64{1}, []float64{0})
	b := piecestest.Chain(t, []int{1, 1, 1}, []float64{-1}, []float64{0}, []float64{-1}, []float64{0})
	pa, err := PathEmbedding(a, 0)
	require.NoError(t, err)
	pb, err := PathEmbedding(b, 0)
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
		b := moved(t, in.Rep, rng, 10, true)
		if b == nil {
			continue
		}
		e, err := EqualModPermutation(in.Rep, b, 1e-8)
		if err != nil {
			continue // a unit without incoming weights
		}
		n++
		require.Equal(t, Yes, e.Verdict, "%s %v", in.Name, e)
		// the permutation and the factors lead from one to the other
		net, err := own(in.Rep, "test")
		require.NoError(t, err)
		for i := range net.Vertices {
			if v := &net.Vertices[i]; v.Kind == quiver.KindHidden {
				back := make([]int, v.Dim)
				for u, j := range e.Perms[v.Name] {
					scaleUnit(net, i, u, e.Scales[v.Name][u])
					back[j] = u
				}
				permuteUnits(net, i, back)
			}
		}
		require.Less(t, pieces.Distance(b.Data(), net.Rep.Data()), 1e-12, in.Name)
		b.Data()[0] += 1e-3 * (1 + math.Abs(b.Data()[0]))
		e, err = EqualModPermutation(in.Rep, b, 1e-8)
		require.NoError(t, err)
		require.NotEqual(t, Yes, e.Verdict, in.Name)
	}
	require.Greater(t, n, 20)
}
