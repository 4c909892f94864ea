package identify

import (
	"fmt"
	"math/big"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/internal/rescale"
	"github.com/quivernet/quivernet/quiver"
)

// Method says how a functional dimension was found.
type Method string

// The methods.
const (
	Batch   Method = "batch"   // the rank of J on the given samples
	Sampled Method = "sampled" // the rank of J on random samples: a lower bound
	Exact   Method = "exact"   // decisive points in every cell, rational arithmetic
)

// DimensionReport is a functional dimension: the number of independent directions in
// the space of parameters that change the function, to first order, at the samples
// (arXiv 2209.04036). Max is what rescalings leave, D − H for a chain; Max −
// Dimension directions are hidden.
type DimensionReport struct {
	Method     Method      `json:"method"`
	Dimension  int         `json:"dimension"`
	Max        int         `json:"max"`
	Parameters int         `json:"parameters"`
	Samples    int         `json:"samples"`
	Dropped    int         `json:"dropped"`
	Patterns   int         `json:"patterns"`
	Rank       rank.Report `json:"rank"`
	Saturated  bool        `json:"saturated"` // Sampled: the rank stopped growing, or reached Max
	Bounds     []Bound     `json:"bounds"`
	Violated   []string    `json:"violated,omitempty"` // bounds below the rank found: the numerical rank is then wrong

	// Breakpoints are where the function of one input bends, for ExactDimension.
	Breakpoints []*big.Rat `json:"breakpoints,omitempty"`
	Proved      string     `json:"proved"` // what follows from this, and what does not
}

// Full reports whether the dimension is the largest that rescalings allow, so that
// there is no hidden continuous symmetry.
func (r *DimensionReport) Full() bool { return r != nil && r.Dimension == r.Max }

// String returns the report as text.
func (r *DimensionReport) String() string {
	if r == nil {
		return "<nil>"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "functional dimension %d of %d (%s; %d parameters − %d rescalings)\n", r.Dimension, r.Max, r.Method, r.Parameters, r.Parameters-r.Max)
	fmt.Fprintf(&b, "  samples    %d", r.Samples)
	if r.Dropped > 0 {
		fmt.Fprintf(&b, ", %d on a kink left out", r.Dropped)
	}
	if r.Patterns > 0 {
		fmt.Fprintf(&b, ", %d activation patterns", r.Patterns)
	}
	b.WriteByte('\n')
	if r.Rank.Cols > 0 {
		fmt.Fprintf(&b, "  J          %v\n", r.Rank)
	}
	if len(r.Breakpoints) > 0 {
		var s []string
		for _, x := range r.Breakpoints {
			if x != nil {
				s = append(s, x.RatString())
			}
		}
		fmt.Fprintf(&b, "  breaks     %s\n", strings.Join(s, ", "))
	}
	if r.Method == Sampled {
		fmt.Fprintf(&b, "  saturated  %v\n", r.Saturated)
	}
	for _, x := range r.Bounds {
		mark := ""
		if x.Value == r.Dimension {
			mark = ", attained"
		}
		if x.Value < r.Dimension {
			mark = ", VIOLATED"
		}
		fmt.Fprintf(&b, "  ≤ %-8d %s: %s%s\n", x.Value, x.Name, x.Why, mark)
	}
	fmt.Fprintf(&b, "  %s\n", r.Proved)
	return b.String()
}

// report makes the report of a collector. The caller fills in Method and Proved.
func (c *collector) report(extra ...Bound) *DimensionReport {
	rank := c.rank()
	r := &DimensionReport{Dimension: rank.Rank, Rank: rank, Parameters: c.net.Params, Samples: c.samples, Dropped: c.boundary.Count, Patterns: len(c.patterns)}
	r.Max = c.net.Params - rescale.Of(c.net).Dim()
	r.Bounds = append(c.bounds(), extra...)
	r.check()
	return r
}

// check lists the bounds that the dimension exceeds.
func (r *DimensionReport) check() {
	for _, b := range r.Bounds {
		if b.Value < r.Dimension {
			r.Violated = append(r.Violated, b.Name)
		}
	}
}

// BatchDimension returns the batch functional dimension: the rank of J at the given
// samples (arXiv 2209.04036). It works for any acyclic quiver and any activations, in
// chunks: 10⁵ samples × 10³ parameters need some 100 MB, J itself 800 MB.
//
// The rank is numerical. Proved, up to rounding, is dim ≥ rank for the functional
// dimension on any set that contains the samples. The bounds are
// theorems: "rows", "rescaling" (each independent rescaling of units with a positively
// homogeneous activation is invisible; rotations at radial vertices are not
// counted), and for piecewise linear quivers "patterns" (in a cell, J is affine in
// the input), "paths" (rank J ≤ Σ over outputs of the rank of the path activations)
// and "symmetry".
//
// Errors: BoundaryError (see Options.Drop), OverflowError, quiver.InputError,
// quiver.ShapeError, quiver.NonFiniteError, EmptyError.
func BatchDimension(w *quiver.Rep, xs []*mat.Dense, o Options) (*DimensionReport, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	net, err := pieces.Of(w)
	if err != nil {
		return nil, err
	}
	rows, err := net.Samples(xs)
	if err != nil {
		return nil, err
	}
	kept, dropped, err := net.Smooth(rows, o.Drop)
	if err != nil {
		return nil, err
	}
	c := newCollector(net, o.Tolerance)
	for _, x := range kept {
		if err := c.add(x); err != nil {
			return nil, err
		}
	}
	c.boundary.Count = dropped
	var extra []Bound
	if ra, rep, ok := activationRank(net, kept, boundBudget); ok && !rep.Ambiguous {
		extra = append(extra, Bound{"paths", ra, "Σ over outputs of the rank of the path activations"})
	}
	r := c.report(extra...)
	r.Method = Batch
	r.Proved = "Numerical rank on these samples; a lower bound, up to rounding, of the functional dimension."
	if r.Full() {
		r.Proved = "Numerical rank on these samples, and full: up to rounding, no continuous hidden symmetry. Discrete ones are not excluded."
	}
	return r, nil
}

// boundBudget is the number of path activations or Gram entries that a bound may cost.
const boundBudget = 4e5
