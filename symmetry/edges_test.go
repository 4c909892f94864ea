package symmetry

import (
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
