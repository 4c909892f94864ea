package identify

import (
	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rescale"
	"github.com/quivernet/quivernet/quiver"
)

// ExactDimension returns the functional dimension on ℝ of a piecewise linear quiver with
// a single input coordinate, in rational arithmetic: vertex by vertex, every interval
// is cut where a unit switches; inside an interval each entry of J is affine in the
// input, so the rows at two of its points span those at all (arXiv 2209.04036), and the
// dimension is the rank of J at two points of each interval. Breakpoints lists the cuts.
//
// The result is a proof wherever the report says so; see ExactRank for when the rank
// itself is proved. Errors: ActivationError, ParameterError for more than one input
// coordinate, NotSmoothError where a unit is 0 on an interval, quiver.NonFiniteError.
func ExactDimension(w *quiver.Rep) (*DimensionReport, error) {
	net, err := pieces.Linear(w, "exact dimension")
	if err != nil {
		return nil, err
	}
	return dimensionOnLine(net)
}

func dimensionOnLine(net *pieces.Network) (*DimensionReport, error) {
	if net.InDim != 1 {
		return nil, &ParameterError{"number of input coordinates", float64(net.InDim), "1; use ExactDimensionOn for few and Dimension for many"}
	}
	cuts, err := net.Breakpoints()
	if err != nil {
		return nil, err
	}
	var points [][]exact.Rational
	for i := 0; i <= len(cuts); i++ {
		for k := int64(1); k <= 2; k++ {
			points = append(points, []exact.Rational{between(cuts, i, k)})
		}
	}
	r, err := exactDimension(net, points)
	if err != nil {
		return nil, err
	}
	r.Patterns = len(cuts) + 1
	for _, c := range cuts {
		r.Breakpoints = append(r.Breakpoints, c.Rat())
	}
	r.Proved += " on all of ℝ."
	return r, nil
}

// between returns the k-th of two points inside the i-th interval between cuts.
func between(cuts []exact.Rational, i int, k int64) exact.Rational {
	switch {
	case len(cuts) == 0:
		return exact.Int(k)
	case i == 0:
		return cuts[0].Sub(exact.Int(3 - k))
	case i == len(cuts):
		return cuts[i-1].Add(exact.Int(k))
	}
	third := cuts[i].Sub(cuts[i-1]).Quo(exact.Int(3))
	return cuts[i-1].Add(third.Mul(exact.Int(k)))
}

// exactDimension makes the report on decisive points, with the beginning of a sentence
// that says what is proved.
func exactDimension(net *pieces.Network, points [][]exact.Rational) (*DimensionReport, error) {
	e, err := exactRank(net, points, Options{})
	if err != nil {
		return nil, err
	}
	r := &DimensionReport{Method: Exact, Dimension: e.Rank, Parameters: net.Params, Samples: len(points)}
	r.Max = net.Params - rescale.Of(net).Dim()
	r.Bounds = []Bound{{"rescaling", r.Max, "parameters − independent rescalings"}}
	r.check()
	r.Proved = "Exact (" + e.How + "): the functional dimension"
	if !e.Proved {
		r.Proved = "At least this number is proved, equality is not (" + e.How + "): the functional dimension"
	}
	return r, nil
}
