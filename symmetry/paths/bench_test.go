package paths_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/paths"
)

// BenchmarkGram compares the Gram matrix of the path activations with and without
// enumerating the paths: 3,509 paths, 60 samples.
func BenchmarkGram(b *testing.B) {
	w := piecestest.HeChain(b, piecestest.ReLU, 1, 5, 12, 12, 4, 1)
	xs := piecestest.Batch(piecestest.Normal(rand.New(rand.NewPCG(1, 1)), 60, 5))
	b.Run("enumerated", func(b *testing.B) {
		for b.Loop() {
			_, err := paths.PathActivations(w, xs, 0, identify.Options{})
			require.NoError(b, err)
		}
	})
	b.Run("recursion", func(b *testing.B) {
		for b.Loop() {
			_, err := paths.PathGram(w, xs, identify.Options{})
			require.NoError(b, err)
		}
	})
}
