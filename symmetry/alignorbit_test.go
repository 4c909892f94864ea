package symmetry_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/matching"
	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// turnedCopy returns a radial network and a copy on its orbit.
func turnedCopy(t *testing.T, seed uint64, dims ...int) (w, v *quiver.Rep) {
	q := mlp(t, layers.Radial(layers.Tanh), dims...)
	w = quiver.Random(q, quiver.He, rand.NewPCG(seed, 1))
	v, err := symmetry.Act(symmetry.RandomElement(q, rand.NewPCG(seed, 2)), w)
	require.NoError(t, err)
	return w, v
}

// TestAlignedOnTheOrbitIsExact: a copy on the orbit is found to rounding, in wide networks too, where the
// limit of work binds.
func TestAlignedOnTheOrbitIsExact(t *testing.T) {
	cases := [][]int{{24, 64, 64, 6}, {8, 40, 40, 40, 3}, {64, 200, 200, 10}}
	for k, dims := range cases[:trials.Count(2, len(cases))] {
		w, v := turnedCopy(t, uint64(k), dims...)
		a, err := symmetry.Aligned(w, v)
		require.NoError(t, err)
		assert.LessOrEqual(t, a.Upper, 1e-12*matching.Norm(v), "%v", dims)
		moved, err := symmetry.Act(a.Element, w)
		require.NoError(t, err)
		assert.LessOrEqual(t, matching.Distance(moved, v), 1e-12*matching.Norm(v), "%v", dims)
	}
	w, v := turnedCopy(t, 9, 3, 8, 8, 2)
	m := v.Arrow("h1->h2")
	m.Set(0, 0, m.At(0, 0)+1e-6*mat.Norm(m, 2))
	a, err := symmetry.Aligned(w, v)
	require.NoError(t, err)
	assert.Greater(t, a.Upper, 1e-9*matching.Norm(v), "it has left the orbit")
}
