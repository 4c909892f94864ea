package assign

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// brute returns the least cost over all assignments.
func brute(cost []float64, rows, cols int) float64 {
	best := math.Inf(1)
	taken := make([]bool, cols)
	var try func(i int, sum float64)
	try = func(i int, sum float64) {
		if i == rows {
			best = min(best, sum)
			return
		}
		for j := range cols {
			if !taken[j] {
				taken[j] = true
				try(i+1, sum+cost[i*cols+j])
				taken[j] = false
			}
		}
	}
	try(0, 0)
	return best
}

func random(rng *rand.Rand, rows, cols int) []float64 {
	cost := make([]float64, rows*cols)
	for k := range cost {
		switch rng.IntN(4) {
		case 0:
			cost[k] = float64(rng.IntN(4)) // ties
		default:
			cost[k] = rng.NormFloat64()
		}
	}
	return cost
}

// TestMin compares with all permutations, and checks the proof that comes with an answer.
func TestMin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	worse := 0
	for range 2000 {
		rows := rng.IntN(7)
		cols := rows + rng.IntN(3)
		cost := random(rng, rows, cols)
		r, ok := Min(cost, rows, cols)
		require.True(t, ok)
		require.InDelta(t, brute(cost, rows, cols), r.Cost, 1e-12)
		check(t, cost, rows, cols, r)
		if rows > 1 { // a control: exchanging two columns is rarely as good
			cost[0*cols+r.To[0]], cost[1*cols+r.To[0]] = cost[1*cols+r.To[0]], cost[0*cols+r.To[0]]
			if s, _ := Min(cost, rows, cols); math.Abs(s.Cost-r.Cost) > 1e-9 {
				worse++
			}
		}
	}
	assert.Greater(t, worse, 1000)
}

// check verifies the dual solution, which proves that r is optimal.
func check(t *testing.T, cost []float64, rows, cols int, r Result) {
	t.Helper()
	seen := make([]bool, cols)
	sum := 0.0
	for i, j := range r.To {
		require.False(t, seen[j])
		seen[j] = true
		sum += r.U[i] + r.V[j]
		for k := range cols {
			require.LessOrEqual(t, r.U[i]+r.V[k], cost[i*cols+k]+1e-9)
		}
	}
	require.InDelta(t, sum, r.Cost, 1e-9)
	for j, s := range seen {
		if !s {
			require.Zero(t, r.V[j])
		} else if rows < cols {
			require.LessOrEqual(t, r.V[j], 0.0)
		}
	}
}

// TestLarge proves optimality at a size that no search reaches.
func TestLarge(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	cost := random(rng, 200, 200)
	r, ok := Min(cost, 200, 200)
	require.True(t, ok)
	check(t, cost, 200, 200, r)
}

// TestForbidden: +Inf forbids; what cannot be solved is said to be so.
func TestForbidden(t *testing.T) {
	inf := math.Inf(1)
	r, ok := Min([]float64{inf, 1, 2, inf}, 2, 2)
	require.True(t, ok)
	assert.Equal(t, []int{1, 0}, r.To)
	for _, cost := range [][]float64{{inf, 1, inf, 2}, {inf, inf, 1, 2}, {math.NaN(), 1, 2, 3}, {math.Inf(-1), 1, 2, 3}, {1, 2, 3}} {
		_, ok = Min(cost, 2, 2)
		assert.False(t, ok, "%v", cost)
	}
	_, ok = Min([]float64{1, 2}, 2, 1)
	assert.False(t, ok, "more rows than columns")
	r, ok = Min(nil, 0, 0)
	require.True(t, ok)
	assert.Empty(t, r.To)
	rng := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		cost := random(rng, 5, 5)
		for k := range cost {
			if rng.IntN(2) == 0 {
				cost[k] = inf
			}
		}
		want := brute(cost, 5, 5)
		r, ok := Min(cost, 5, 5)
		require.Equal(t, !math.IsInf(want, 1), ok)
		if ok {
			require.InDelta(t, want, r.Cost, 1e-12)
		}
	}
}

// BenchmarkMin is a matching of 256 units.
func BenchmarkMin(b *testing.B) {
	cost := random(rand.New(rand.NewPCG(3, 4)), 256, 256)
	for b.Loop() {
		Min(cost, 256, 256)
	}
}
