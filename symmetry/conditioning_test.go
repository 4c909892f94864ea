package symmetry_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// TestIllConditioned: incoming matrices of condition 1e14 cost the outputs nothing that counts, and
// nobody claims that two such networks have different orbits when they have not.
func TestIllConditioned(t *testing.T) {
	for seed := range uint64(20) {
		q, err := layers.MLP(layers.Radial(layers.Tanh), 3, 10, 12, 2)
		require.NoError(t, err)
		w := quiver.Random(q, quiver.He, rand.NewPCG(seed, 1))
		for _, name := range []string{"x->h1", "h1->h2"} {
			m := w.Arrow(name)
			var svd mat.SVD
			require.True(t, svd.Factorize(m, mat.SVDThin))
			var u, v mat.Dense
			svd.UTo(&u)
			svd.VTo(&v)
			s := svd.Values(nil)
			for k := range s {
				s[k] = math.Pow(1e-14, float64(k)/float64(len(s)-1))
			}
			u.Mul(&u, mat.NewDiagDense(len(s), s))
			m.Mul(&u, v.T())
		}
		c, err := symmetry.Compress(w)
		require.NoError(t, err)
		assert.LessOrEqual(t, c.Certificate.Gap, 1e-10, "seed %d", seed)
		rank, err := symmetry.Compress(w, symmetry.Rank(0))
		require.NoError(t, err)
		assert.LessOrEqual(t, rank.Certificate.Gap, 1e-10, "seed %d", seed)
		g, err := symmetry.Act(symmetry.RandomElement(q, rand.NewPCG(seed, 2)), w)
		require.NoError(t, err)
		o, err := symmetry.SameOrbit(w, g, 1e-9)
		require.NoError(t, err)
		assert.NotEqual(t, symmetry.No, o.Full, "seed %d", seed)
		assert.NotEqual(t, symmetry.No, o.Reduced, "seed %d", seed)
	}
}
