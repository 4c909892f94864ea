package identify

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/quiver"
)

// TestRegionsOfArrangement: H hyperplanes in general position cut ℝⁿ into Σ_{k≤n} C(H,k)
// regions (Schläfli), and in special position into fewer.
func TestRegionsOfArrangement(t *testing.T) {
	for _, c := range []struct{ n, h, regions int }{{1, 4, 5}, {2, 4, 11}, {3, 4, 15}, {3, 5, 26}, {4, 5, 31}} {
		w := piecestest.HeChain(t, piecestest.ReLU, 3, c.n, c.h, 1)
		r, err := ExactDimensionOn(w, Whole(c.n))
		require.NoError(t, err)
		require.Equal(t, c.regions, r.Patterns, "%v", c)
		require.Equal(t, (c.n+1)*c.regions, r.Samples)
		require.True(t, r.Full())
		require.Contains(t, r.Proved, "on all of ℝ")
	}
	// three planes through one line, and then a parallel one
	w := piecestest.Chain(t, []int{3, 3, 1}, []float64{1, 0, 0, 0, 1, 0, 1, 1, 0}, []float64{0, 0, 0}, []float64{1, 2, 3}, []float64{0})
	r, err := ExactDimensionOn(w, Whole(3))
	require.NoError(t, err)
	require.Equal(t, 6, r.Patterns)
	w.Arrow("x->h1").SetRow(2, []float64{1, 0, 0})
	w.Arrow("one->h1").Set(2, 0, 1)
	r, err = ExactDimensionOn(w, Whole(3))
	require.NoError(t, err)
	require.Equal(t, 6, r.Patterns)
	// a box that one plane misses
	r, err = ExactDimensionOn(w, Box{Lo: []float64{-0.5, -1, -1}, Hi: []float64{1, 1, 1}})
	require.NoError(t, err)
	require.Equal(t, 4, r.Patterns)
	require.False(t, r.Full())
}

// TestExactSpace compares the exact dimension with three inputs with dense samples: never
// below, on a skip and a chain, and attained.
func TestExactSpace(t *testing.T) {
	equal := 0
	for seed := range uint64(4) {
		w := piecestest.HeChain(t, piecestest.ReLU, seed, 3, 3, 2, 1)
		r, err := ExactDimensionOn(w, Cube(3, 3))
		require.NoError(t, err)
		d, err := Dimension(w, Search{Sampler: Uniform(Cube(3, 3)), Points: 3000, Lines: 0.5, Source: rand.NewPCG(seed, 1), Patience: -1})
		require.NoError(t, err)
		require.GreaterOrEqual(t, r.Dimension, d.Dimension, "%v\n%v", r, d)
		require.GreaterOrEqual(t, r.Patterns, d.Patterns)
		all, err := ExactDimensionOn(w, Whole(3))
		require.NoError(t, err)
		require.GreaterOrEqual(t, all.Dimension, r.Dimension)
		require.GreaterOrEqual(t, all.Patterns, r.Patterns)
		if r.Dimension == d.Dimension {
			equal++
		}
	}
	require.Greater(t, equal, 2)
	// a unit that is on in the whole box, and one that is off
	w := piecestest.HeChain(t, piecestest.ReLU, 5, 3, 3, 2, 1)
	w.Arrow("one->h1").Set(0, 0, 1e3)
	on, err := ExactDimensionOn(w, Cube(3, 3))
	require.NoError(t, err)
	w.Arrow("one->h1").Set(0, 0, -1e3)
	off, err := ExactDimensionOn(w, Cube(3, 3))
	require.NoError(t, err)
	require.LessOrEqual(t, on.Dimension, on.Max-1)
	require.LessOrEqual(t, off.Dimension, 3*2+2*2+2+1) // that of (3,2,2,1)
}

// TestExactFinds: a cell so small that samples miss it is found, and it counts.
func TestExactFinds(t *testing.T) {
	// ReLU(1 − 1024(|x|+|y|+|z|)) in three layers of its own: units ±x, ±y, ±z, then one
	abs := []float64{1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1}
	w := piecestest.Chain(t, []int{3, 6, 1, 1}, abs, make([]float64, 6), []float64{-1024, -1024, -1024, -1024, -1024, -1024}, []float64{1}, []float64{1}, []float64{0})
	w.Arrow("one->h1").SetCol(0, []float64{1, 1, 1, 1, 1, 1}) // kinks that do not coincide
	w.Arrow("one->h2").Set(0, 0, 1+1024*6)
	box := Cube(3, 1<<10)
	r, err := ExactDimensionOn(w, box)
	require.NoError(t, err)
	d, err := Dimension(w, Search{Sampler: Uniform(box), Points: 500})
	require.NoError(t, err)
	require.Greater(t, r.Dimension, d.Dimension)
	y, err := w.Eval(mat.NewDense(1, 3, nil))
	require.NoError(t, err)
	require.Equal(t, 1.0, y[0].At(0, 0))
}

// TestExactLimits: too many inputs or cells.
func TestExactLimits(t *testing.T) {
	var le *pieces.LimitError
	_, err := ExactDimensionOn(piecestest.HeChain(t, piecestest.ReLU, 1, 12, 2, 1), Cube(12, 1))
	require.ErrorAs(t, err, &le)
	require.Contains(t, err.Error(), "use Dimension")
	// 11 cells, but not 10; the cut itself stops
	net, err := pieces.Of(piecestest.HeChain(t, piecestest.ReLU, 3, 2, 4, 1))
	require.NoError(t, err)
	rs, err := net.Regions(pieces.OverIntegers(net), Cube(2, 100), 11)
	require.NoError(t, err)
	require.Len(t, rs, 11)
	_, err = dimensionOn(net, Cube(2, 100), 10)
	require.ErrorAs(t, err, &le)
	require.EqualError(t, err, "identify: exact dimension: number of cells, at least: 11, over the limit of 10; use Dimension, which samples")
	// no inputs at all
	q, err := quiver.New(quiver.Bias("one"), quiver.Output("y", 2, nil), quiver.Connect("one", "y"))
	require.NoError(t, err)
	r, err := ExactDimensionOn(quiver.Random(q, piecestest.Gauss, rand.NewPCG(1, 1)), Box{})
	require.NoError(t, err)
	require.Equal(t, 2, r.Dimension)
}
