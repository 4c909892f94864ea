package symmetry

import (
	"testing"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
)

// TestSmallRowsThatMatter: what a cut by singular values leaves out is no rounding where a large weight
// behind the vertex brings it back.
func TestSmallRowsThatMatter(t *testing.T) {
	for behind, exact := range map[float64]bool{1: true, 1e18: false} {
		w := chainOf(t, layers.Radial(layers.Squash), 2, 2)
		require.NoError(t, w.Set("one->h1", mat.NewDense(2, 1, nil)))
		require.NoError(t, w.Set("x->h1", mat.NewDense(2, 2, []float64{1, 0.5, 0, 1e-18})))
		require.NoError(t, w.Set("h1->y", mat.NewDense(1, 2, []float64{1, behind})))
		v, _ := w.Quiver().VertexIndex("h1")
		a := mat.NewDense(2, 3, []float64{0, 1, 0.5, 0, 0, 1e-18})
		p := newChooser(w, options{rule: byError{tol: 1e-12}}).span(v, a)
		assert.Equal(t, 1, linalg.Width(p.b), "%v", behind)
		assert.Equal(t, exact, p.exact, "%v", behind)
	}
}
