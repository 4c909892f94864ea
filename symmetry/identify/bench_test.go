package identify_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// BenchmarkDimension is one network of the table: width 5, depth 4, 4,800 points.
func BenchmarkDimension(b *testing.B) {
	w := piecestest.HeChain(b, piecestest.ReLU, 1, 5, 5, 5, 5, 1)
	for b.Loop() {
		_, err := identify.Dimension(w, identify.Search{Points: 4800, Batch: 4800, Patience: -1})
		require.NoError(b, err)
	}
}

// BenchmarkExactDimension cuts the plane and space into cells.
func BenchmarkExactDimension(b *testing.B) {
	for name, dims := range map[string][]int{"plane": {2, 4, 3, 1}, "space": {3, 4, 3, 1}} {
		w := piecestest.HeChain(b, piecestest.ReLU, 1, dims...)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := identify.ExactDimensionOn(w, identify.Cube(dims[0], 3))
				require.NoError(b, err)
			}
		})
	}
}
