package data_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
)

func TestBump(t *testing.T) {
	x, y := data.Bump()
	r, c := x.Dims()
	assert.Equal(t, []int{121, 1}, []int{r, c})
	assert.Equal(t, []float64{-3, -2.95, 0, 3}, []float64{x.At(0, 0), x.At(1, 0), x.At(60, 0), x.At(120, 0)})
	assert.Equal(t, 1.0, y.At(60, 0))
	assert.Equal(t, math.Exp(-9), y.At(120, 0))
	assert.NotEqual(t, y.At(1, 0), y.At(0, 0))
}

func TestGrid(t *testing.T) {
	x, y := data.Grid(121, data.Gauss)
	r, _ := x.Dims()
	require.Equal(t, 121*121, r)
	for i, want := range map[int][]float64{0: {-3, -3}, 1: {-3, -2.95}, 121: {-2.95, -3}, 121*121 - 1: {3, 3}} {
		assert.InDeltaSlice(t, want, x.RawRowView(i), 1e-15, "row %d", i)
		assert.Equal(t, []float64{data.Gauss(x.At(i, 0)), data.Gauss(x.At(i, 1))}, y.RawRowView(i))
	}
	small, _ := data.Grid(11, data.Sigmoid)
	r, _ = small.Dims()
	assert.Equal(t, 121, r)
	one, _ := data.Grid(1, data.Sigmoid)
	assert.Equal(t, []float64{0, 0}, one.RawRowView(0))
	none, _ := data.Grid(0, data.Sigmoid)
	assert.True(t, none.IsEmpty())
}

func TestSigmoid(t *testing.T) {
	assert.Equal(t, 0.5, data.Sigmoid(0))
	assert.Equal(t, 0.0, data.Sigmoid(-1e4))
	assert.Equal(t, 1.0, data.Sigmoid(1e4))
	for _, x := range []float64{0.1, 1, 5, 30} {
		assert.InDelta(t, 1, data.Sigmoid(x)+data.Sigmoid(-x), 1e-15)
	}
}

// numbered returns an n×2 matrix with rows (i, −i).
func numbered(n int) *mat.Dense {
	m := mat.NewDense(n, 2, nil)
	for i := range n {
		m.SetRow(i, []float64{float64(i), -float64(i)})
	}
	return m
}

// epoch ranges once over batches and returns the samples in their order and the sizes.
func epoch(t *testing.T, xs, ys []*mat.Dense, size int, src rand.Source) (order []float64, sizes []int) {
	seq, err := data.Batches(xs, ys, size, src)
	require.NoError(t, err)
	for bx, by := range seq {
		r, _ := bx[0].Dims()
		sizes = append(sizes, r)
		for i := range r {
			order = append(order, bx[0].At(i, 0))
			require.Equal(t, bx[0].RawRowView(i), by[0].RawRowView(i), "x and y stay together")
		}
	}
	return order, sizes
}

func TestBatches(t *testing.T) {
	x := numbered(10)
	xs, ys := []*mat.Dense{x, {}}, []*mat.Dense{mat.DenseCopyOf(x)}
	order, sizes := epoch(t, xs, ys, 4, nil)
	assert.Equal(t, []int{4, 4, 2}, sizes)
	assert.Equal(t, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, order)

	a, _ := epoch(t, xs, ys, 3, rand.NewPCG(1, 2))
	b, _ := epoch(t, xs, ys, 5, rand.NewPCG(1, 2))
	c, _ := epoch(t, xs, ys, 5, rand.NewPCG(1, 3))
	assert.ElementsMatch(t, order, a)
	assert.Equal(t, a, b, "the order depends on the source alone")
	assert.NotEqual(t, a, c)
	assert.NotEqual(t, order, a)

	_, sizes = epoch(t, xs, ys, math.MaxInt, nil)
	assert.Equal(t, []int{10}, sizes)
	assert.Equal(t, numbered(10).RawMatrix(), x.RawMatrix(), "the data are left alone")
}

func TestBatchesGoOnAndStop(t *testing.T) {
	x := []*mat.Dense{numbered(20)}
	seq, err := data.Batches(x, nil, 20, rand.NewPCG(1, 2))
	require.NoError(t, err)
	var first, second []float64
	for bx := range seq {
		first = mat.Col(nil, 0, bx[0])
	}
	for bx := range seq {
		second = mat.Col(nil, 0, bx[0])
	}
	assert.NotEqual(t, first, second, "a second epoch draws on")
	seq, err = data.Batches(x, nil, 3, nil)
	require.NoError(t, err)
	n := 0
	for range seq {
		if n++; n == 2 {
			break
		}
	}
	assert.Equal(t, 2, n)
}

func TestBatchesRefuse(t *testing.T) {
	_, err := data.Batches([]*mat.Dense{{}, numbered(3)}, []*mat.Dense{numbered(4)}, 2, nil)
	require.ErrorAs(t, err, new(*data.SizeError))
	assert.EqualError(t, err, "data: ys[0]: 4 samples, but xs[1]: 3; every matrix needs one row per sample")
	_, err = data.Batches(nil, nil, 0, nil)
	require.ErrorAs(t, err, new(*data.BatchError))
	assert.EqualError(t, err, "data: batch size 0; want 1 or more")
	seq, err := data.Batches([]*mat.Dense{{}}, nil, 2, nil)
	require.NoError(t, err)
	for range seq {
		t.Fatal("a batch of nothing")
	}
}
