package symmetry

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quivernet/quivernet/internal/subspace"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestFeaturesOfNoSamples: elements of every kind act on an empty batch.
func TestFeaturesOfNoSamples(t *testing.T) {
	for _, act := range []quiver.Activation{layers.Radial(layers.Tanh), layers.Pointwise(layers.ReLU), layers.Pointwise(layers.Tanh), quiver.Identity, layers.Pointwise(layers.SiLU), layers.Blocks(layers.Tanh, 1, 2)} {
		q, err := layers.MLP(act, 2, 3, 2)
		require.NoError(t, err)
		g := RandomElement(q, rand.NewPCG(1, 2))
		for _, on := range []func(string, mat.Matrix) (*mat.Dense, error){g.ActBefore, g.ActAfter} {
			z, err := on("h1", &mat.Dense{})
			require.NoError(t, err)
			assert.True(t, z.IsEmpty())
			z, err = on("h1", mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6}))
			require.NoError(t, err)
			r, c := z.Dims()
			assert.Equal(t, []int{2, 3}, []int{r, c})
		}
	}
}

// TestOverflownLengthsBoundNothing: where a bound of a length overflows, the network may overflow too, so nothing
// is said of a vertex, although its activation is bounded.
func TestOverflownLengthsBoundNothing(t *testing.T) {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 3, 2)
	require.NoError(t, err)
	c, err := Compress(quiver.Random(q, quiver.He, rand.NewPCG(1, 2)))
	require.NoError(t, err)
	b := basing{c.original, c.Reduced, c.frame}
	v, _ := q.VertexIndex("h1")
	nan, inf := math.NaN(), math.Inf(1)
	for _, in := range [][2]float64{{inf, 0.1}, {1, inf}, {nan, 0.1}, {1, nan}, {math.MaxFloat64, math.MaxFloat64}} {
		x, e := b.through(v, in[0], in[1])
		assert.Equal(t, [2]float64{inf, inf}, [2]float64{x, e}, "%v", in)
	}
	x, e := b.through(v, math.MaxFloat64, 0.1)
	assert.InDelta(t, 1, x, 1e-9)
	assert.InDelta(t, 0.1, e, 1e-9)
}

// TestOnlyCutsThatLostSomethingAreLossy: a cut that left nothing out, one that was taken back before, and the cuts of
// rules that are exact are not what an option asked for.
func TestOnlyCutsThatLostSomethingAreLossy(t *testing.T) {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 3, 2)
	require.NoError(t, err)
	c, err := Compress(quiver.Random(q, quiver.He, rand.NewPCG(1, 2)))
	require.NoError(t, err)
	v, _ := q.VertexIndex("h1")
	for _, lost := range []float64{0, 1e-300} {
		c.frame.Lost[v] = lost
		assert.Equal(t, lost > 0, c.lossy(&options{rule: subspace.ByError{Tol: 0.1}}, "h1"))
		assert.Equal(t, lost > 0, c.lossy(&options{rule: subspace.ByRank{Tol: 0.1}}, "h1"))
		assert.False(t, c.lossy(&options{rule: subspace.ByRank{}}, "h1"))
		assert.False(t, c.lossy(&options{rule: subspace.ByColumns{}}, "h1"))
		assert.False(t, c.lossy(&options{rule: subspace.ByError{Tol: 0.1}, inexact: map[string]bool{"h1": true}}, "h1"))
	}
}
