package pieces

import (
	"fmt"
	"math"
	"math/big"

	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/quiver"
)

// Region is a polyhedron of inputs on which a piecewise linear network is affine. It holds the values
// of each unit as linear forms in (x, 1), up to a positive factor for each vertex.
type Region struct {
	cone  *exact.Cone
	z, x  [][][]exact.Rational // by vertex and unit
	inner []exact.Rational     // an inner point, homogeneous
}

// OverIntegers returns the network with whole numbers: z and x of each vertex are
// multiplied by a positive number, which no side of a unit depends on. Whole numbers need
// no reduction of fractions.
func OverIntegers(net *Network) *Exact[exact.Rational] {
	e := OverRationals(net)
	factor := make([]exact.Rational, len(net.Vertices)) // of x
	for i := range net.Vertices {
		v := &net.Vertices[i]
		factor[i] = exact.Int(1)
		for k := range v.In {
			from := factor[v.In[k].Source].Mul(denominator(e.W[i][k]))
			factor[i] = lcm(factor[i], from)
		}
		for k := range v.In {
			f := factor[i].Quo(factor[v.In[k].Source])
			for j, m := range e.W[i][k] {
				e.W[i][k][j] = m.Mul(f)
			}
		}
		d := denominator([]exact.Rational{e.up[i], e.down[i]})
		e.up[i], e.down[i] = e.up[i].Mul(d), e.down[i].Mul(d)
		factor[i] = factor[i].Mul(d)
	}
	return e
}

// denominator returns the least common denominator.
func denominator(xs []exact.Rational) exact.Rational {
	d := exact.Int(1)
	for _, x := range xs {
		d = lcm(d, exact.FromRat(new(big.Rat).SetInt(x.Rat().Denom())))
	}
	return d
}

// lcm returns the least common multiple of two positive whole numbers.
func lcm(a, b exact.Rational) exact.Rational {
	return a.Mul(exact.FromRat(new(big.Rat).SetInt(a.Quo(b).Rat().Denom())))
}

// Regions cuts a box into the regions on which the network is affine, at most that many, in rational
// arithmetic: unit by unit, each region is cut along the hyperplane on which the unit is 0 there. rat is
// the network in any arithmetic that keeps the sides of its units. All of ℝⁿ is cut along the
// coordinate planes as well. Errors: NotSmoothError for a unit that is 0 on a region and need not
// be, LimitError.
func (net *Network) Regions(rat *Exact[exact.Rational], box quiver.Box, most int) ([]*Region, error) {
	n := net.InDim
	var rs []*Region
	for _, c := range cones(box) {
		r := &Region{cone: c, z: make([][][]exact.Rational, len(net.Vertices)), x: make([][][]exact.Rational, len(net.Vertices)), inner: c.Inner()}
		for i := range net.Vertices {
			v := &net.Vertices[i]
			if !v.IsSource() {
				continue
			}
			for u := range v.Dim {
				f := exact.Zeros(n + 1)
				f[n] = exact.Int(1)
				if v.Kind == quiver.KindInput {
					f[n], f[v.Col+u] = exact.Int(0), exact.Int(1)
				}
				r.x[i] = append(r.x[i], f)
			}
		}
		rs = append(rs, r)
	}
	for i := range net.Vertices {
		if net.Vertices[i].IsSource() {
			continue
		}
		var next []*Region
		for _, r := range rs {
			parts, err := r.cut(net, rat, i, len(next), most)
			if err != nil {
				return nil, err
			}
			next = append(next, parts...)
		}
		rs = next
	}
	return rs, nil
}

// cut splits a region where units of vertex i switch; there are others already, and most in all.
func (r *Region) cut(net *Network, rat *Exact[exact.Rational], i, others, most int) ([]*Region, error) {
	v := &net.Vertices[i]
	z := make([][]exact.Rational, v.Dim)
	cones := []*exact.Cone{r.cone}
	for u := range z {
		z[u] = r.preactivation(net, rat, i, u)
		if v.Slopes.Straight() || !net.Watched[i][u] {
			continue
		}
		if exact.AllZero(z[u]) {
			side := func(v, unit int) int { return exact.Dot(r.z[v][unit], r.inner).Sign() }
			if !net.Still(i, u, side) {
				return nil, &NotSmoothError{v.Name, u, fmt.Sprintf("around %v", exact.Text(exact.Dehomogenize(r.inner)))}
			}
			continue
		}
		var next []*exact.Cone
		for _, c := range cones {
			below, above := c.Split(z[u])
			for _, d := range []*exact.Cone{below, above} {
				if d != nil {
					next = append(next, d)
				}
			}
		}
		if cones = next; others+len(cones) > most {
			return nil, &LimitError{What: "number of cells, at least", Count: big.NewInt(int64(others + len(cones))), Limit: most}
		}
	}
	parts := make([]*Region, 0, len(cones))
	for _, c := range cones {
		p := &Region{c, append([][][]exact.Rational(nil), r.z...), append([][][]exact.Rational(nil), r.x...), c.Inner()}
		p.z[i], p.x[i] = z, make([][]exact.Rational, len(z))
		for u, f := range z {
			s := rat.Slope(i, exact.Dot(f, p.inner).Sign() > 0)
			p.x[i][u] = exact.Zeros(len(f))
			for k, y := range f {
				p.x[i][u][k] = s.Mul(y)
			}
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// preactivation returns the form of z at a unit.
func (r *Region) preactivation(net *Network, rat *Exact[exact.Rational], i, unit int) []exact.Rational {
	z := exact.Zeros(net.InDim + 1)
	for k := range net.Vertices[i].In {
		in := &net.Vertices[i].In[k]
		for col, m := range rat.W[i][k][unit*in.Cols : (unit+1)*in.Cols] {
			if m.IsZero() {
				continue
			}
			for t, y := range r.x[in.Source][col] {
				if !y.IsZero() {
					z[t] = z[t].Add(m.Mul(y))
				}
			}
		}
	}
	return z
}

// sides calls f with the sign of each unit that switches at a point, given in homogeneous
// coordinates, until f returns false.
func (r *Region) sides(net *Network, x []exact.Rational, f func(sign int) bool) {
	for i := range net.Vertices {
		if v := &net.Vertices[i]; !v.IsSource() && !v.Slopes.Straight() {
			for u, z := range r.z[i] {
				if net.Watched[i][u] && !f(exact.Dot(z, x).Sign()) {
					return
				}
			}
		}
	}
}

// Pattern returns the activation pattern, as a string to compare.
func (r *Region) Pattern(net *Network) string {
	var s []byte
	r.sides(net, r.inner, func(sign int) bool { s = append(s, byte(sign+1)); return true })
	return string(s)
}

// Decisive returns n+1 affinely independent points of the interior of the set of inputs in
// the box with the region's activation pattern, where J is affine: a point p and
// p ± δe_j. Short binary fractions are tried first, since they make the rest cheap; on an
// open set some step δ is small enough.
func (r *Region) Decisive(net *Network, box quiver.Box, pattern string) [][]exact.Rational {
	n := net.InDim
	inside := func(x []exact.Rational) bool {
		for j := range n {
			if !box.IsWhole() && (x[j].Cmp(exact.Float(box.Lo[j]).Mul(x[n])) <= 0 || x[j].Cmp(exact.Float(box.Hi[j]).Mul(x[n])) >= 0) {
				return false
			}
		}
		k, same := 0, true
		r.sides(net, x, func(sign int) bool {
			same = byte(sign+1) == pattern[k]
			k++
			return same
		})
		return same
	}
	const short = 40 // beyond it steps are halved ever more times, from the inner point itself
	at := exact.Dehomogenize(r.inner)
	for k := 0; ; k += 1 + k/short*k {
		x, step := make([]exact.Rational, n+1), r.inner[n]
		for j := range x {
			x[j] = r.inner[j].Shift(k)
		}
		if k <= short {
			step, x[n] = exact.Int(1), exact.Int(1).Shift(k)
			for j, y := range at {
				x[j] = exact.Float(math.Round(math.Ldexp(y.Float64(), k)))
			}
		}
		if !inside(x) {
			continue
		}
		points := [][]exact.Rational{exact.Dehomogenize(x)}
		for j := range n {
			for _, d := range []exact.Rational{step, step.Neg()} {
				y := append([]exact.Rational(nil), x...)
				if y[j] = x[j].Add(d); inside(y) {
					points = append(points, exact.Dehomogenize(y))
					break
				}
			}
		}
		if len(points) == n+1 {
			return points
		}
	}
}

// cones returns a box as one cone; all of ℝⁿ, which has no corners, as its 2ⁿ orthants.
func cones(b quiver.Box) []*exact.Cone {
	if n := len(b.Lo); n > 0 && b.IsWhole() {
		return exact.Orthants(n)
	}
	return []*exact.Cone{exact.BoxCone(b.Lo, b.Hi)}
}
