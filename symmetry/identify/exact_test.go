package identify

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/quiver"
)

func TestExactLine(t *testing.T) {
	w := piecestest.Chain(t, []int{1, 2, 2, 1}, []float64{3, -2}, []float64{3, -3}, []float64{-3, 1, 3, 3}, []float64{2, -3}, []float64{-1, 2}, []float64{0})
	r, err := ExactDimension(w)
	require.NoError(t, err)
	var cuts []string
	for _, b := range r.Breakpoints {
		cuts = append(cuts, b.RatString())
	}
	require.Equal(t, []string{"-2", "-3/2", "-1", "-7/9", "-2/3"}, cuts)
	require.Equal(t, 12, r.Samples)
	require.Equal(t, 9, r.Dimension)
	require.True(t, r.Full())
	net, err := pieces.Of(w)
	require.NoError(t, err)
	bs, err := net.Breakpoints()
	require.NoError(t, err)
	var points []string
	for i := range len(bs) + 1 {
		for k := int64(1); k <= 2; k++ {
			points = append(points, between(bs, i, k).String())
		}
	}
	require.Equal(t, []string{"-4", "-3", "-11/6", "-5/3", "-4/3", "-7/6", "-25/27", "-23/27", "-20/27", "-19/27", "1/3", "4/3"}, points)

	// random batches underestimate
	rng := rand.New(rand.NewPCG(4, 4))
	for _, c := range []struct{ n, lo, hi int }{{10, 2, 6}, {20, 3, 7}, {50, 5, 9}, {1000, 9, 9}} {
		b, err := BatchDimension(w, piecestest.Batch(piecestest.Normal(rng, c.n, 1)), Options{Drop: true})
		require.NoError(t, err)
		require.GreaterOrEqual(t, b.Dimension, c.lo)
		require.LessOrEqual(t, b.Dimension, c.hi)
	}
}

// TestClip is the disconnected fiber of min(max(x,0),1): two points of full dimension
// that no rescaling and permutation relates.
func TestClip(t *testing.T) {
	a := piecestest.Chain(t, []int{1, 2, 1}, []float64{1, 1}, []float64{0, -1}, []float64{1, -1}, []float64{0})
	b := piecestest.Chain(t, []int{1, 2, 1}, []float64{-1, -1}, []float64{0, 1}, []float64{1, -1}, []float64{1})
	z := piecestest.Column(-2, -1, .25, .5, .75, 2, 3)
	for _, w := range []interface {
		Eval(...*mat.Dense) ([]*mat.Dense, error)
	}{a, b} {
		y, err := w.Eval(z)
		require.NoError(t, err)
		require.Equal(t, []float64{0, 0, .25, .5, .75, 1, 1}, mat.Col(nil, 0, y[0]))
	}
	for _, w := range []*quiver.Rep{a, b} {
		e, err := ExactRank(w, piecestest.Batch(z), Options{})
		require.NoError(t, err)
		require.Equal(t, 5, e.Rank)
		r, err := ExactDimension(w)
		require.NoError(t, err)
		require.Equal(t, 5, r.Dimension)
		require.True(t, r.Full())
	}
	same, err := EqualModPermutation(a, b, 1e-9)
	require.NoError(t, err)
	require.Equal(t, No, same.Verdict)
}

// TestExactPlaneAgrees compares the exact dimension on a box with a dense sample, and
// in one dimension with the line.
func TestExactPlaneAgrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for seed := range uint64(12) {
		w := piecestest.HeChain(t, piecestest.ReLU, seed, 2, 3, 2, 1)
		r, err := ExactDimensionOn(w, Cube(2, 3))
		require.NoError(t, err)
		d, err := Dimension(w, Search{Sampler: Uniform(Cube(2, 3)), Points: 3000, Lines: 0.5, Source: rand.NewPCG(seed, 1), Patience: -1})
		require.NoError(t, err)
		require.GreaterOrEqual(t, r.Dimension, d.Dimension, "%v\n%v", r, d)
		require.LessOrEqual(t, r.Dimension-d.Dimension, 2)

		u := piecestest.HeChain(t, piecestest.ReLU, seed, 1, 3, 3, 1)
		line, err := ExactDimension(u)
		require.NoError(t, err)
		far := Cube(1, 1e6)
		strip, err := ExactDimensionOn(u, far)
		require.NoError(t, err)
		require.Equal(t, line.Dimension, strip.Dimension)
		require.Equal(t, line.Patterns, strip.Patterns)
		small, err := ExactDimensionOn(u, Cube(1, 0.05))
		require.NoError(t, err)
		require.LessOrEqual(t, small.Dimension, line.Dimension)
	}
	_ = rng
}

// TestCollinear: in a cell of one input, rows at a third point bring no rank, and J is
// affine in the input there.
func TestCollinear(t *testing.T) {
	for seed := range uint64(20) {
		w := piecestest.HeChain(t, piecestest.ReLU, seed, 1, 3, 2, 1)
		net, err := pieces.Of(w)
		require.NoError(t, err)
		cuts, err := net.Breakpoints()
		require.NoError(t, err)
		for i := range len(cuts) + 1 {
			a, b := between(cuts, i, 1), between(cuts, i, 2)
			third := a.Add(b).Quo(exact.Int(2))
			two, err := exactRank(net, [][]exact.Rational{{a}, {b}}, Options{})
			require.NoError(t, err)
			three, err := exactRank(net, [][]exact.Rational{{a}, {b}, {third}}, Options{})
			require.NoError(t, err)
			require.Equal(t, two.Rank, three.Rank)
		}
	}
}
