package identify_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

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
