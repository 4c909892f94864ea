package identify_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/symmetry"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/local"
	"github.com/quivernet/quivernet/symmetry/paths"
)

// TestAct: elements of package symmetry leave Φ (up to the order of paths), the ranks, the path
// norms and the verdicts alone, and the two tests of equality agree.
func TestAct(t *testing.T) {
	equal, other := 0, 0
	for k, in := range piecestest.Instances(t, 41, 4, 25, piecestest.Gauss, piecestest.ReLU, piecestest.Leaky) {
		v, err := symmetry.Act(symmetry.RandomElement(in.Rep.Quiver(), rand.NewPCG(uint64(k), 1)), in.Rep)
		require.NoError(t, err, in.Name)
		phi, err := paths.PathEmbedding(in.Rep, 0)
		require.NoError(t, err)
		psi, err := paths.PathEmbedding(v, 0)
		require.NoError(t, err)
		a, b := slices.Clone(phi.RawMatrix().Data), slices.Clone(psi.RawMatrix().Data)
		slices.Sort(a)
		slices.Sort(b)
		size := 0.0
		for i := range a {
			size = max(size, math.Abs(a[i]))
		}
		for i := range a {
			require.InDelta(t, a[i], b[i], 1e-11*max(size, 1e-300), in.Name)
		}
		ra, err := identify.BatchDimension(in.Rep, in.Inputs, identify.Options{Drop: true})
		require.NoError(t, err)
		rb, err := identify.BatchDimension(v, in.Inputs, identify.Options{Drop: true})
		require.NoError(t, err)
		require.Equal(t, ra.Dimension, rb.Dimension, in.Name)
		na, err := paths.PathNorm(in.Rep, 2)
		require.NoError(t, err)
		nb, err := paths.PathNorm(v, 2)
		require.NoError(t, err)
		require.InDelta(t, na.Log10, nb.Log10, 1e-11)
		la, err := local.Identifiability(in.Rep, in.Inputs, local.Options{Options: identify.Options{Drop: true}})
		if err == nil {
			lb, err := local.Identifiability(v, in.Inputs, local.Options{Options: identify.Options{Drop: true}})
			require.NoError(t, err, in.Name)
			require.Equal(t, la.Verdict, lb.Verdict, in.Name)
		}
		o, err := symmetry.SameOrbit(in.Rep, v, 1e-9)
		require.NoError(t, err)
		require.NotEqual(t, symmetry.No, o.Full, in.Name)
		if e, err := identify.EqualModPermutation(in.Rep, v, 1e-8); err == nil && e.Verdict == identify.Yes {
			equal++
			require.Equal(t, symmetry.Yes, o.Full, in.Name)
		}
		changed := v.Clone()
		if len(changed.Data()) == 0 {
			continue
		}
		changed.Data()[0] += 0.5
		if e, err := identify.EqualModPermutation(in.Rep, changed, 1e-8); err == nil && e.Verdict == identify.No {
			other++
			o, err := symmetry.SameOrbit(in.Rep, changed, 1e-9)
			require.NoError(t, err)
			require.NotEqual(t, symmetry.Yes, o.Full, in.Name)
		}
	}
	t.Logf("equal %d, not equal %d", equal, other)
	assert.Greater(t, equal, 10)
	assert.Greater(t, other, 10)
}
