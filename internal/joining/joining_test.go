package joining

import (
	"math/rand/v2"
	"testing"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// TestSumsExactly: sums are exact as long as no bit is lost, whatever the order.
func TestSumsExactly(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y"), quiver.Connect("x", "y", quiver.Named("two")), quiver.Connect("x", "y", quiver.Named("three")))
	require.NoError(t, err)
	for _, tc := range []struct {
		x     [3]float64
		exact bool
	}{{[3]float64{1, 2, 3}, true}, {[3]float64{1, 0x1p-52, 0}, true}, {[3]float64{1, 0x1p-60, 0}, false}, {[3]float64{0x1p-60, 1, 0}, false}, {[3]float64{1, 1, -0x1p-60}, false}, {[3]float64{0x1p60, -0x1p60, 0x1p-60}, true}} {
		w := quiver.Zero(q)
		names := []string{"x->y", "two", "three"}
		for i, name := range names {
			require.NoError(t, w.Set(name, mat.NewDense(1, 1, tc.x[i:i+1])))
		}
		assert.Equal(t, tc.exact, sumsExactly(w, names), "%v", tc.x)
	}
}

// TestNoFixedMatricesKeepTheQuiver: only other fixed matrices need another quiver.
func TestNoFixedMatricesKeepTheQuiver(t *testing.T) {
	q, err := layers.Residual(layers.Radial(layers.Tanh), 2, 3, 4, 1, 2)
	require.NoError(t, err)
	w := quiver.Random(q, quiver.He, rand.NewPCG(1, 2))
	same, err := WithFixed(w, nil)
	require.NoError(t, err)
	assert.Same(t, w, same)
	for i, a := range q.Arrows() {
		if a.Fixed {
			other, err := WithFixed(w, map[string]mat.Matrix{a.Name: mat.NewDense(3, 3, []float64{2, 0, 0, 0, 1, 0, 0, 0, 1})})
			require.NoError(t, err)
			assert.NotSame(t, q, other.Quiver())
			assert.Equal(t, 2.0, other.Fixed(i).At(0, 0))
			assert.Equal(t, 1.0, w.Fixed(i).At(0, 0))
			return
		}
	}
	t.Fatal("a residual network has a fixed arrow")
}
