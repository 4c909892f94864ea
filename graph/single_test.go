package graph_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// TestSinglePrecisionWidths: data of any width arrive in single precision, contiguous and not, in batches of any size.
func TestSinglePrecisionWidths(t *testing.T) {
	for _, d := range []int{1, 4, 5, 17} {
		for _, n := range []int{1, 9, 300} {
			q, err := layers.MLP(tanh, d, 6, d)
			require.NoError(t, err)
			w := quiver.Random(q, nil, rngOf(4))
			x := normal(n, d+2, 5).Slice(0, n, 1, d+1).(*mat.Dense)
			p, err := graph.Compile(q, graph.Float32)
			require.NoError(t, err)
			want, err := w.Eval(x)
			require.NoError(t, err)
			got, err := p.Forward(w, x)
			require.NoError(t, err)
			name := fmt.Sprintf("%d samples of %d numbers", n, d)
			assert.LessOrEqual(t, quivertest.Gap(want, got), 1e-5, name)
			other, err := p.Forward(w, normal(n, d, 6))
			require.NoError(t, err)
			assert.Greater(t, quivertest.Gap(want, other), 1e-3, "%s: a control", name)
		}
	}
}
