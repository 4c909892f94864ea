package rank_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/internal/rank"
)

func TestRankReports(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	diag := func(s ...float64) mat.Matrix {
		m := mat.NewDense(len(s)+2, len(s), nil)
		for i, x := range s {
			m.Set(i, i, x)
		}
		return m
	}
	r := rank.Of(diag(1, 1e-3, 1e-6))
	require.Equal(t, 3, r.Rank)
	require.False(t, r.Ambiguous)
	r = rank.Of(diag(1, 1e-3, 1e-13, 1e-14, 1e-16))
	require.True(t, r.Ambiguous)
	require.Equal(t, 2, r.Other)
	require.Contains(t, r.String(), "ambiguous (or 2)")
	r = rank.Of(diag(1e-14, 1))
	require.True(t, r.Ambiguous) // full, but hardly
	r = rank.Of(mat.NewDense(3, 2, nil))
	require.Equal(t, 0, r.Rank)
	require.False(t, r.Ambiguous)
	r = rank.Of(&mat.Dense{})
	require.Equal(t, 0, r.Rank)
	a, b := piecestest.Normal(rng, 40, 3), piecestest.Normal(rng, 3, 7)
	var c mat.Dense
	c.Mul(a, b)
	require.Equal(t, 3, rank.Of(&c).Rank)
	require.Equal(t, 3, rank.Of(c.T()).Rank)
}

// TestReducerMemory: the rank of 40,000 rows needs memory for the columns only.
func TestReducerMemory(t *testing.T) {
	const rows, cols = 40000, 150
	rng := rand.New(rand.NewPCG(8, 8))
	basis := piecestest.Normal(rng, 100, cols)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	q := rank.NewReducer(cols)
	row := make([]float64, cols)
	for range rows {
		clear(row)
		for range 3 {
			pieces.Axpy(row, rng.NormFloat64(), basis.RawRowView(rng.IntN(100)))
		}
		q.Add(row)
	}
	r := q.Rank()
	runtime.ReadMemStats(&after)
	require.Equal(t, 100, r.Rank)
	require.Equal(t, rows, r.Rows)
	require.False(t, r.Ambiguous)
	require.Greater(t, float64(r.Gap), 1e9)
	used := float64(after.TotalAlloc - before.TotalAlloc)
	require.Less(t, used, 20.0*8*cols*cols, "allocated %.0f bytes, the matrix has %d", used, 8*rows*cols)
}

// TestKernel: the kernel of the rows is orthonormal and is not seen by them, scaled or not; misuse is
// a typed panic.
func TestKernel(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	rows, scale := piecestest.Normal(rng, 3, 5), []float64{1, 2, 4, 0.5, 0.25}
	q := rank.NewReducer(5)
	for i := range 3 {
		q.Add(rows.RawRowView(i))
	}
	for _, s := range [][]float64{nil, scale} {
		r, k := q.Kernel(s, 0)
		require.Equal(t, 3, r.Rank)
		require.Equal(t, 3, q.ScaledRank(s, 0).Rank)
		_, c := k.Dims()
		require.Equal(t, 2, c)
		scaled := mat.DenseCopyOf(rows)
		if s != nil {
			scaled.Apply(func(_, j int, x float64) float64 { return x * s[j] }, scaled)
		}
		var zero, gram mat.Dense
		zero.Mul(scaled, k)
		require.Less(t, mat.Norm(&zero, 2), 1e-13)
		gram.Mul(k.T(), k)
		require.True(t, mat.EqualApprox(&gram, mat.NewDense(2, 2, []float64{1, 0, 0, 1}), 1e-13))
	}
	var misuse *rank.MisuseError
	for _, f := range []func(){func() { rank.NewReducer(-1) }, func() { q.Add(nil) }, func() { q.Kernel(scale[:2], 0) }, func() { (*rank.Reducer)(nil).Rank() }} {
		func() {
			defer func() { require.ErrorAs(t, recover().(error), &misuse) }()
			f()
		}()
	}
	r, k := rank.NewReducer(0).Kernel(nil, 0)
	require.True(t, r.Rank == 0 && k.IsEmpty())
}
