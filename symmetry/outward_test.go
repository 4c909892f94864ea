package symmetry

import (
	"testing"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestRoundingOfActivations: an activation that is computed rounds its value; the identity does not.
func TestRoundingOfActivations(t *testing.T) {
	e := map[string]float64{}
	for _, act := range []quiver.Activation{quiver.Identity, layers.Pointwise(layers.ReLU)} {
		w := chainOf(t, act, 2, 3)
		k := sketchOf(w)
		_, x := k.sizes(1)
		v := k.at["h1"]
		e[act.String()] = k.rounding(1)[v] / (0x1p-52 * x[v])
	}
	assert.Greater(t, e["pointwise(relu)"], 64.0)
	assert.Less(t, e[quiver.Identity.String()], 64.0)
	assert.Positive(t, e[quiver.Identity.String()])
}

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
