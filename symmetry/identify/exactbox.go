package identify

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/quiver"
)

// ExactDimensionOn returns the functional dimension of a piecewise linear quiver on a
// bounded box or on all of ℝⁿ (Whole), in rational arithmetic: the set is cut into the
// cells of constant activation pattern, vertex by vertex, each cell being kept by its
// corners (and directions, where it is unbounded); in a cell J is affine in the input, so
// n+1 affinely independent inner points of each cell are decisive (arXiv 2209.04036).
// Patterns is the number of cells.
//
// It is for few input coordinates: H units have of the order of Hⁿ cells. The result is a
// proof wherever the report says so; see ExactRank. Errors: ActivationError, BoxError,
// LimitError for more than 8 input coordinates or 20,000 cells, NotSmoothError where a
// unit is 0 on a cell, quiver.NonFiniteError.
func ExactDimensionOn(w *quiver.Rep, box Box) (*DimensionReport, error) {
	net, err := pieces.Linear(w, "exact dimension")
	if err != nil {
		return nil, err
	}
	return dimensionOn(net, box, mostRegions)
}

// mostRegions bounds the number of regions that are looked at, and mostInputs that of the
// input coordinates, since a box has 2ⁿ corners.
const (
	mostRegions = 20000
	mostInputs  = 8
)

// tooMany says what to do about a set that has too many dimensions or pieces.
func tooMany(e *pieces.LimitError) error {
	return &pieces.LimitError{What: "exact dimension: " + e.What, Count: e.Count, Limit: e.Limit, Advice: "use Dimension, which samples"}
}

func dimensionOn(net *pieces.Network, box Box, most int) (*DimensionReport, error) {
	if err := box.CheckInterior(net.InDim, true); err != nil {
		return nil, err
	}
	if n := net.InDim; n > mostInputs {
		return nil, tooMany(&pieces.LimitError{What: "number of input coordinates", Count: big.NewInt(int64(n)), Limit: mostInputs})
	}
	rs, err := net.Regions(pieces.OverIntegers(net), box, most)
	if e := (*pieces.LimitError)(nil); errors.As(err, &e) {
		return nil, tooMany(e)
	}
	if err != nil {
		return nil, err
	}
	var points [][]exact.Rational
	seen := make(map[string]bool) // the orthants of ℝⁿ cut cells in pieces
	for _, r := range rs {
		if p := r.Pattern(net); !seen[p] {
			seen[p] = true
			points = append(points, r.Decisive(net, box, p)...)
		}
	}
	rep, err := exactDimension(net, points)
	if err != nil {
		return nil, err
	}
	rep.Patterns = len(seen)
	where := fmt.Sprintf("the box %v", box)
	if net.InDim > 0 && box.IsWhole() {
		where = "all of " + box.String()
	}
	rep.Proved += " on " + where + "."
	return rep, nil
}
