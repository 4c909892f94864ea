package subspace

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestPlainRankOfEvenRows: where no row weighs much more than another, the directions are those of the plain
// numerical rank, bit for bit; where one does they are chosen otherwise.
func TestPlainRankOfEvenRows(t *testing.T) {
	w := perceptron(t, layers.Radial(layers.Squash), 2, 5)
	v, _ := w.Quiver().VertexIndex("h1")
	c := New(w, Settings{})
	a := mat.NewDense(5, 3, nil)
	for i := range 5 {
		x, y := float64(i+1), float64(i*i-3)
		a.SetRow(i, []float64{x, y, x + y})
	}
	for name, m := range map[string]*mat.Dense{"deficient": a, "full": mat.DenseCopyOf(a.Slice(0, 5, 0, 2))} {
		require.Nil(t, c.weights(v, m), name)
		want, got := ByRank{}.span("h1", m), c.ranked(v, m, 0)
		assert.Equal(t, 2, linalg.Width(got.b), name)
		assert.True(t, mat.Equal(want.b, got.b) && mat.Equal(want.r, got.r), name)
		assert.Equal(t, [2]any{want.exact, want.why}, [2]any{got.exact, got.why}, name)
	}
	a.SetRow(4, []float64{1e-9, 1e-9, 2e-9})
	require.NoError(t, w.Set("h1->y", mat.NewDense(1, 5, []float64{1, 1, 1, 1, 1e9})))
	assert.False(t, mat.Equal(ByRank{}.span("h1", a).b, c.ranked(v, a, 0).b))
}

// TestSmallRowsThatMatter: what a cut by singular values leaves out is no rounding where a large weight
// behind the vertex brings it back.
func TestSmallRowsThatMatter(t *testing.T) {
	for behind, exact := range map[float64]bool{1: true, 1e18: false} {
		w := perceptron(t, layers.Radial(layers.Squash), 2, 2)
		require.NoError(t, w.Set("one->h1", mat.NewDense(2, 1, nil)))
		require.NoError(t, w.Set("x->h1", mat.NewDense(2, 2, []float64{1, 0.5, 0, 1e-18})))
		require.NoError(t, w.Set("h1->y", mat.NewDense(1, 2, []float64{1, behind})))
		v, _ := w.Quiver().VertexIndex("h1")
		a := mat.NewDense(2, 3, []float64{0, 1, 0.5, 0, 0, 1e-18})
		p := New(w, Settings{Rule: ByError{Tol: 1e-12}}).span(v, a)
		assert.Equal(t, 1, linalg.Width(p.b), "%v", behind)
		assert.Equal(t, exact, p.exact, "%v", behind)
	}
}

// perceptron is x → h → y with the activation at h, and random matrices.
func perceptron(t *testing.T, act quiver.Activation, in, width int) *quiver.Rep {
	t.Helper()
	q, err := layers.MLP(act, in, width, 1)
	require.NoError(t, err)
	return quiver.Random(q, nil, rand.NewPCG(1, 2))
}
