package symmetry_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

// cancelling has two paths from h through linear vertices to k that cancel but for one direction.
func cancelling(t *testing.T) *quiver.Rep {
	t.Helper()
	act := layers.Radial(layers.Tanh)
	q, err := quiver.New(quiver.Input("x", 3), quiver.Bias("one"), quiver.Hidden("h", 4, act),
		quiver.Hidden("p", 5, quiver.Identity), quiver.Hidden("q", 5, quiver.Identity), quiver.Hidden("k", 9, act), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "p"), quiver.Connect("h", "q"),
		quiver.Connect("p", "k"), quiver.Connect("q", "k"), quiver.Connect("one", "k"), quiver.Connect("k", "y"), quiver.Connect("one", "y"))
	require.NoError(t, err)
	w := quiver.Random(q, quiver.He, rand.NewPCG(1, 2))
	w.Arrow("h->q").Copy(w.Arrow("h->p"))
	var minus mat.Dense
	minus.Scale(-1, w.Arrow("p->k"))
	w.Arrow("q->k").Copy(&minus)
	w.Arrow("h->q").Set(0, 0, w.Arrow("h->q").At(0, 0)+1) // one direction is left
	return w
}

func TestPathSum(t *testing.T) {
	w := cancelling(t)
	arrows, err := symmetry.Compress(w, symmetry.Rank(0))
	require.NoError(t, err)
	paths, err := symmetry.Compress(w, symmetry.Rank(0), symmetry.PathSum())
	require.NoError(t, err)
	width := func(c *symmetry.Compression) int { return c.Reduced.Quiver().Dims()["k"] }
	assert.Equal(t, 6, width(arrows), "four directions and one more by p and q, and the bias")
	assert.Equal(t, 2, width(paths), "one direction and the bias")
	assert.True(t, paths.Certificate.Exact)
	assert.LessOrEqual(t, paths.Certificate.Gap, 1e-12)

	again, err := symmetry.Compress(paths.Reduced, symmetry.Rank(0), symmetry.PathSum())
	require.NoError(t, err)
	assert.Equal(t, paths.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims(), "idempotent")
	seen, err := symmetry.Compress(w, symmetry.Rank(0), symmetry.PathSum(), symmetry.Observe())
	require.NoError(t, err)
	assert.LessOrEqual(t, seen.Certificate.Gap, 1e-12)
	assert.Less(t, seen.Reduced.Quiver().NumParams(), paths.Reduced.Quiver().NumParams())

	_, err = paths.Subspace()
	var se *symmetry.SubspaceError
	assert.ErrorAs(t, err, &se)
	r, err := paths.Rotated()
	require.NoError(t, err)
	gap, err := symmetry.Equivalent(w, r)
	require.NoError(t, err)
	assert.LessOrEqual(t, gap, 1e-12)
	small := paths.Reduced.Clone()
	small.Scale(1.1) // trained
	large, err := paths.Lift(small)
	require.NoError(t, err)
	gap, err = symmetry.Equivalent(small, large)
	require.NoError(t, err)
	assert.LessOrEqual(t, gap, 1e-12)
	for _, other := range []symmetry.Option{symmetry.Tolerance(0.1), symmetry.Data(mat.NewDense(4, 3, nil))} {
		_, err = symmetry.Compress(w, symmetry.PathSum(), other)
		var oe *symmetry.OptionError
		assert.ErrorAs(t, err, &oe)
	}
}

// TestPathSumOnTheMix: with half of the vertices linear, the function stays and no width grows.
func TestPathSumOnTheMix(t *testing.T) {
	acts := []quivertest.Act{{Activation: layers.Radial(layers.Tanh), Size: 1.2}, {Activation: quiver.Identity, Size: 1.2}}
	for seed := range uint64(200) {
		in := quivertest.Generate(seed, acts...)
		for _, opts := range [][]symmetry.Option{{symmetry.PathSum()}, {symmetry.PathSum(), symmetry.Rank(0)}, {symmetry.PathSum(), symmetry.Rank(0), symmetry.Observe()}} {
			c, err := symmetry.Compress(in.Rep, append(opts, symmetry.MeasureOn(in.Inputs...))...)
			require.NoError(t, err, in.Name)
			assert.LessOrEqual(t, c.Certificate.Gap, 1e-12, in.Name)
			lifted, err := c.Lift(c.Reduced)
			require.NoError(t, err, in.Name)
			gap, err := symmetry.Equivalent(in.Rep, lifted, in.Inputs...)
			require.NoError(t, err, in.Name)
			assert.LessOrEqual(t, gap, 1e-12, in.Name)
		}
	}
}
