package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSlabs(t *testing.T) { bothPrecisions(t, testSlabs[float64], testSlabs[float32]) }

// testSlabs compares with plain Go bit for bit, at lengths with and without a rest.
func testSlabs[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(17, 18))
	for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 63, 64, 65, 127, 200, 1000} {
		x := vector[T](rng, n)
		y, check := guarded[float64](n)
		z := vector[T](rng, n)
		for i := range y {
			y[i] = rng.NormFloat64()
		}
		want, sum := make([]float64, n), make([]T, n)
		for i := range want {
			want[i] = y[i] + float64(0.3*float64(x.x[i]))
			sum[i] = z.x[i] + x.x[i]
		}
		Axpy(0.3, x.x, y)
		equalBits(t, want, y, "Axpy")
		check(t)
		Add(z.x, x.x)
		equalBits(t, sum, z.x, "Add")
		z.check(t)
		require.Equal(t, -1, FirstBad(x.x))
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			for i := range n {
				old := x.x[i]
				x.x[i] = T(bad)
				require.Equal(t, i, FirstBad(x.x))
				x.x[n-1] = T(bad)
				require.Equal(t, i, FirstBad(x.x))
				x.x[n-1], x.x[i] = 1, old
			}
		}
	}
	assert.Equal(t, -1, FirstBad([]T{T(math.Pow(2, 120)), 0, -1, 15: 2}))
}

// TestNoAllocation counts the allocations of one step's worth of calls.
func TestNoAllocation(t *testing.T) {
	everyLevel(t, func(t testing.TB) {
		x, y, l, l1 := make([]float64, 64), make([]float64, 64), make([]float64, 32), make([]float64, 32)
		x32 := make([]float32, 64)
		p := Profile{Kind: Sigmoid}
		assert.Zero(t, testing.AllocsPerRun(10, func() {
			Radial(&p, y, l, l1, x, 2, 32, 32)
			Profiles(&p, l, nil, l1, 32)
			RadialVJP(y, y, x, l, l1, 2, 32, 32)
			Norms(l, x, 2, 32, 32)
			SquaredError(y, x, x, 1, 30, 2, 32, 32)
			SoftmaxCE(y, x, x, 1, 30, 2, 32, 32)
			Pointwise(MapSiLU, 0, y, x)
			PointwiseVJP(MapSiLU, 0, y, x, x, nil)
			Axpy(0.1, x32, y)
			Add(x32, x32)
			FirstBad(x32)
			RowSums(l, x, 2, 32, 32)
			SumSquares(l, x32, 2, 32, 32)
		}))
	})
}
