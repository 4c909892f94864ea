package identify

import (
	"fmt"
	"math/big"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// Rational is a piecewise linear representation with rational weights, such as 1/3,
// which no float64 is. Rep gives the shape and the fixed matrices; Weights has its
// NumParams numbers in the order of the slab, Rep.Data.
//
// Its methods do what ExactRank, ExactDimension and ExactDimensionOn do, with the same
// reports and errors, plus quiver.InputError for a number of weights that does not fit, or a nil one.
type Rational struct {
	Rep     *quiver.Rep // its own weights are not looked at
	Weights []*big.Rat
}

// Rationals returns the rational numbers that the weights of a representation are.
func Rationals(w *quiver.Rep) (Rational, error) {
	if _, err := pieces.Of(w); err != nil {
		return Rational{}, err
	}
	r := Rational{Rep: w, Weights: make([]*big.Rat, len(w.Data()))}
	for j, x := range w.Data() {
		r.Weights[j] = new(big.Rat).SetFloat64(x)
	}
	return r, nil
}

// Rank returns the rank of J at points, each with all inputs in declared order. See
// ExactRank.
func (r Rational) Rank(points [][]*big.Rat, o Options) (ExactReport, error) {
	net, err := r.compile("exact rank")
	if err != nil {
		return ExactReport{}, err
	}
	if len(points) == 0 {
		return ExactReport{}, &pieces.EmptyError{Reason: "there are no points"}
	}
	xs := make([][]exact.Rational, len(points))
	for i, p := range points {
		if len(p) != net.InDim {
			return ExactReport{}, &quiver.ShapeError{Where: fmt.Sprintf("point %d", i), Rows: 1, Cols: len(p), WantRows: 1, WantCols: net.InDim, Why: "all input coordinates"}
		}
		if xs[i], err = rationals(p, fmt.Sprintf("point %d", i)); err != nil {
			return ExactReport{}, err
		}
	}
	return exactRank(net, xs, o)
}

// Dimension returns the functional dimension on ℝ of a quiver with a single input
// coordinate. See ExactDimension.
func (r Rational) Dimension() (*DimensionReport, error) {
	net, err := r.compile("exact dimension")
	if err != nil {
		return nil, err
	}
	return dimensionOnLine(net)
}

// DimensionOn returns the functional dimension on a box or on all of ℝⁿ. See
// ExactDimensionOn.
func (r Rational) DimensionOn(box Box) (*DimensionReport, error) {
	net, err := r.compile("exact dimension")
	if err != nil {
		return nil, err
	}
	return dimensionOn(net, box, mostRegions)
}

func (r Rational) compile(op string) (*pieces.Network, error) {
	net, err := pieces.Linear(r.Rep, op)
	if err != nil {
		return nil, err
	}
	if len(r.Weights) != net.Params {
		return nil, &quiver.InputError{Reason: fmt.Sprintf("%d rational weights, want %d, in the order of Rep.Data", len(r.Weights), net.Params)}
	}
	net.Rational, err = rationals(r.Weights, "rational weights")
	return net, err
}

func rationals(xs []*big.Rat, where string) ([]exact.Rational, error) {
	fs := make([]exact.Rational, len(xs))
	for j, x := range xs {
		if x == nil {
			return nil, &quiver.InputError{Reason: fmt.Sprintf("%s: number %d is nil; give a *big.Rat", where, j)}
		}
		fs[j] = exact.FromRat(new(big.Rat).Set(x))
	}
	return fs, nil
}
