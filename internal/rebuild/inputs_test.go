package rebuild

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/internal/shrink"
)

// TestEqualMatrices: the same fixed matrix is one input, another is another.
func TestEqualMatrices(t *testing.T) {
	b := newBuilder(shrink.New(regions.Find(&ir.Graph{}, nil)), false)
	m := func(x float64) *gorgonia.Node {
		n, err := b.matrix("m", tensor.Float64, mat.NewDense(2, 3, []float64{x, x, x, x, x, x}))
		require.NoError(t, err)
		return n
	}
	assert.Same(t, m(1), m(1))
	assert.NotSame(t, m(1), m(1+1e-15))
	assert.Len(t, b.Fixed, 2)
}
