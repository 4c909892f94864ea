package identify

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/exact"
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
	net, err := exactly(w, "exact dimension")
	if err != nil {
		return nil, err
	}
	return net.dimensionOnLine()
}

func (net *network) dimensionOnLine() (*DimensionReport, error) {
	if net.inDim != 1 {
		return nil, &ParameterError{"number of input coordinates", float64(net.inDim), "1; use ExactDimensionOn for few and Dimension for many"}
	}
	cuts, err := net.breakpoints()
	if err != nil {
		return nil, err
	}
	var points [][]exact.Rational
	for i := 0; i <= len(cuts); i++ {
		for k := int64(1); k <= 2; k++ {
			points = append(points, []exact.Rational{between(cuts, i, k)})
		}
	}
	r, err := net.exactDimension(points)
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
func (net *network) exactDimension(points [][]exact.Rational) (*DimensionReport, error) {
	e, err := net.exactRank(points, Options{})
	if err != nil {
		return nil, err
	}
	r := &DimensionReport{Method: Exact, Dimension: e.Rank, Parameters: net.params, Samples: len(points)}
	r.Max = net.params - net.scalings().dim()
	r.Bounds = []Bound{{"rescaling", r.Max, "parameters − independent rescalings"}}
	r.check()
	r.Proved = "Exact (" + e.How + "): the functional dimension"
	if !e.Proved {
		r.Proved = "At least this number is proved, equality is not (" + e.How + "): the functional dimension"
	}
	return r, nil
}

// lineForm is a + b·t.
type lineForm struct{ a, b exact.Rational }

// breakpoints returns, in order, where units of a network with one input coordinate
// switch.
func (net *network) breakpoints() ([]exact.Rational, error) {
	rat := rationalNet(net)
	type piece struct {
		lo, hi *exact.Rational // nil: unbounded
		x, z   [][]lineForm
	}
	zero, one := exact.Int(0), exact.Int(1)
	first := &piece{x: make([][]lineForm, len(net.vs)), z: make([][]lineForm, len(net.vs))}
	for i := range net.vs {
		v := &net.vs[i]
		switch {
		case v.kind == quiver.KindInput && v.dim == 1:
			first.x[i] = []lineForm{{zero, one}}
		case v.kind == quiver.KindBias:
			first.x[i] = []lineForm{{one, zero}}
		}
	}
	inside := func(p *piece) exact.Rational {
		switch {
		case p.lo == nil && p.hi == nil:
			return zero
		case p.lo == nil:
			return p.hi.Sub(one)
		case p.hi == nil:
			return p.lo.Add(one)
		}
		return p.lo.Add(*p.hi).Quo(exact.Int(2))
	}
	pieces := []*piece{first}
	for i := range net.vs {
		v := &net.vs[i]
		if v.isSource() {
			continue
		}
		var next []*piece
		for _, p := range pieces {
			z := make([]lineForm, v.dim)
			var cuts []exact.Rational
			for r := range z {
				z[r] = lineForm{zero, zero}
				for k := range v.in {
					in := &v.in[k]
					for c, m := range rat.m[i][k][r*in.cols : (r+1)*in.cols] {
						if f := p.x[in.source][c]; !m.IsZero() {
							z[r] = lineForm{z[r].a.Add(m.Mul(f.a)), z[r].b.Add(m.Mul(f.b))}
						}
					}
				}
				if v.slopes.straight() || !net.watched[i][r] {
					continue
				}
				if z[r].b.IsZero() {
					side := func(v, unit int) int { f := p.z[v][unit]; return f.a.Add(f.b.Mul(inside(p))).Sign() }
					if z[r].a.IsZero() && !net.still(i, r, side) {
						return nil, &NotSmoothError{v.name, r, intervalText(p.lo, p.hi)}
					}
					continue
				}
				t := z[r].a.Neg().Quo(z[r].b)
				if (p.lo == nil || t.Cmp(*p.lo) > 0) && (p.hi == nil || t.Cmp(*p.hi) < 0) {
					cuts = insertFrac(cuts, t)
				}
			}
			lo := p.lo
			for k := 0; k <= len(cuts); k++ {
				hi := p.hi
				if k < len(cuts) {
					hi = &cuts[k]
				}
				part := &piece{lo, hi, append([][]lineForm(nil), p.x...), append([][]lineForm(nil), p.z...)}
				part.z[i], part.x[i] = z, make([]lineForm, v.dim)
				for r, f := range z {
					s := rat.slope(i, f.a.Add(f.b.Mul(inside(part))).Sign() > 0)
					part.x[i][r] = lineForm{f.a.Mul(s), f.b.Mul(s)}
				}
				next = append(next, part)
				lo = hi
			}
		}
		pieces = next
	}
	var cuts []exact.Rational
	for _, p := range pieces[1:] {
		cuts = append(cuts, *p.lo)
	}
	return cuts, nil
}

func intervalText(lo, hi *exact.Rational) string {
	l, h := "(−∞", "∞)"
	if lo != nil {
		l = "[" + lo.String()
	}
	if hi != nil {
		h = hi.String() + "]"
	}
	return fmt.Sprintf("in %s, %s", l, h)
}

// insertFrac puts t into a sorted slice, once.
func insertFrac(ts []exact.Rational, t exact.Rational) []exact.Rational {
	k := 0
	for k < len(ts) && ts[k].Cmp(t) < 0 {
		k++
	}
	if k < len(ts) && ts[k].Cmp(t) == 0 {
		return ts
	}
	ts = append(ts, t)
	copy(ts[k+1:], ts[k:])
	ts[k] = t
	return ts
}
