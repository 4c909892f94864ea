package identify_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// TestTrends: the share of networks without hidden continuous symmetry falls with depth
// and rises with width. The example measures more sizes, and more networks of each.
func TestTrends(t *testing.T) {
	const n = 40
	share := func(width, depth int) float64 {
		full := 0
		for seed := range uint64(n) {
			w := piecestest.HeChain(t, piecestest.ReLU, 7000+seed, append(slices.Repeat([]int{width}, depth), 1)...)
			r, err := identify.Dimension(w, identify.Search{Points: 15 * w.Quiver().NumParams(), Batch: 4 * w.Quiver().NumParams(), Patience: -1, Source: rand.NewPCG(seed, 5)})
			require.NoError(t, err)
			if r.Full() {
				full++
			}
		}
		return float64(full) / n
	}
	a, b, c, d := share(3, 3), share(3, 5), share(5, 3), share(5, 5)
	t.Logf("width 3: depth 3 %.3f, depth 5 %.3f; width 5: depth 3 %.3f, depth 5 %.3f", a, b, c, d)
	require.Greater(t, a, b)
	require.Greater(t, c, d)
	require.Greater(t, c, a+0.1)
}

// TestBatchMemory: BatchDimension works in chunks, so it allocates much less than the
// matrix J, which Jacobian makes.
func TestBatchMemory(t *testing.T) {
	w := piecestest.HeChain(t, piecestest.ReLU, 2, 6, 12, 9, 1)
	const samples = 10000
	xs := piecestest.Batch(piecestest.Normal(rand.New(rand.NewPCG(1, 1)), samples, 6))
	matrix := 8.0 * samples * float64(w.Quiver().NumParams())
	allocated := func(f func() error) float64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		require.NoError(t, f())
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	rank := 0
	chunked := allocated(func() error {
		r, err := identify.BatchDimension(w, xs, identify.Options{Drop: true})
		if err == nil {
			rank = r.Dimension
		}
		return err
	})
	whole := allocated(func() error { _, err := identify.Jacobian(w, xs, identify.Options{Drop: true}); return err })
	t.Logf("rank %d; allocated %.1f MB in chunks, %.1f MB with J, which has %.1f MB", rank, chunked/1e6, whole/1e6, matrix/1e6)
	require.Less(t, chunked, matrix/2)
	require.Greater(t, whole, matrix)
}
