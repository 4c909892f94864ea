package identify_test

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

// TestRationalThirds: f = ReLU(x/3 − 1) + ReLU(2x/3 − 2) has one breakpoint, x = 3: its
// units are twins up to the factor 2. Moving one bias by 1/10³⁰, which no float64 could
// tell, gives it two.
func TestRationalThirds(t *testing.T) {
	w := piecestest.HeChain(t, piecestest.ReLU, 1, 1, 2, 1)
	r, err := identify.Rationals(w)
	require.NoError(t, err)
	set := func(xs ...string) {
		for j, x := range xs {
			_, ok := r.Weights[j].SetString(x)
			require.True(t, ok)
		}
	}
	set("1/3", "2/3", "-1", "-2", "1", "1", "0")
	d, err := r.Dimension()
	require.NoError(t, err)
	require.Len(t, d.Breakpoints, 1)
	require.Equal(t, "3", d.Breakpoints[0].RatString())
	require.Less(t, d.Dimension, d.Max)
	on, err := r.DimensionOn(identify.Cube(1, 10))
	require.NoError(t, err)
	require.Equal(t, []int{d.Dimension, 2}, []int{on.Dimension, on.Patterns})
	third := [][]*big.Rat{{big.NewRat(1, 3)}, {big.NewRat(10, 3)}, {big.NewRat(11, 3)}, {big.NewRat(13, 3)}}
	e, err := r.Rank(third, identify.Options{})
	require.NoError(t, err)
	require.Equal(t, d.Dimension, e.Rank)
	require.True(t, e.Proved)
	// on the kink
	_, err = r.Rank([][]*big.Rat{{big.NewRat(3, 1)}}, identify.Options{})
	var be *pieces.BoundaryError
	require.ErrorAs(t, err, &be)

	set("1/3", "2/3", "-1", "-2000000000000000000000000000001/1000000000000000000000000000000")
	d, err = r.Dimension()
	require.NoError(t, err)
	require.Len(t, d.Breakpoints, 2)
	require.True(t, d.Full())
	on, err = r.DimensionOn(identify.Cube(1, 10))
	require.NoError(t, err)
	require.Equal(t, []int{d.Dimension, 3}, []int{on.Dimension, on.Patterns})
}

// TestRationalAgrees: on weights that are float64 the answers are those of the
// functions for Rep; the weights of Rep itself are not looked at.
func TestRationalAgrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(90, 1))
	for seed := range uint64(6) {
		w := piecestest.HeChain(t, piecestest.ReLU, seed, 2, 3, 2, 1)
		r, err := identify.Rationals(w)
		require.NoError(t, err)
		r.Rep = quiver.Random(w.Quiver(), piecestest.Gauss, rng)
		a, err := identify.ExactDimensionOn(w, identify.Whole(2))
		require.NoError(t, err)
		b, err := r.DimensionOn(identify.Whole(2))
		require.NoError(t, err)
		require.Equal(t, a, b)
	}
}

func TestRationalErrors(t *testing.T) {
	w := piecestest.NetA1(t)
	r, err := identify.Rationals(w)
	require.NoError(t, err)
	var in *quiver.InputError
	var sh *quiver.ShapeError
	var ee *pieces.EmptyError
	_, err = identify.Rational{w, r.Weights[:3]}.DimensionOn(identify.Cube(2, 1))
	require.ErrorAs(t, err, &in)
	require.EqualError(t, err, "quiver: 3 rational weights, want 9, in the order of Rep.Data")
	_, err = r.Rank(nil, identify.Options{})
	require.ErrorAs(t, err, &ee)
	_, err = r.Rank([][]*big.Rat{{big.NewRat(1, 2)}}, identify.Options{})
	require.ErrorAs(t, err, &sh)
	_, err = r.Rank([][]*big.Rat{{big.NewRat(1, 2), nil}}, identify.Options{})
	require.ErrorAs(t, err, &in)
	_, err = identify.Rationals(nil)
	require.ErrorAs(t, err, &in)
	_, err = identify.Rational{}.Dimension()
	require.ErrorAs(t, err, &in)
	r.Weights[4] = nil
	_, err = r.DimensionOn(identify.Cube(2, 1))
	require.ErrorAs(t, err, &in)
	var pe *identify.ParameterError
	r, err = identify.Rationals(w)
	require.NoError(t, err)
	_, err = r.Dimension() // two inputs
	require.ErrorAs(t, err, &pe)
}
