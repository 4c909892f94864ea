package identify

import (
	"fmt"
	"math"
	"math/big"

	"github.com/quivernet/quivernet/quiver"
)

// region is a polyhedron of inputs on which a piecewise linear network is affine: z and x
// hold, by unit, linear forms in (x, 1), up to a positive factor for each vertex.
type region struct {
	c     *cone
	z, x  [][][]frac
	inner []frac // an inner point, homogeneous
}

// wholeNet returns the network with whole numbers: z and x of each vertex are
// multiplied by a positive number, which no side of a unit depends on. Whole numbers need
// no reduction of fractions.
func wholeNet(net *network) *exactNet[frac] {
	e := rationalNet(net)
	factor := make([]frac, len(net.vs)) // of x
	for i := range net.vs {
		v := &net.vs[i]
		factor[i] = fracInt(1)
		for k := range v.in {
			from := factor[v.in[k].source].mul(denominator(e.m[i][k]))
			factor[i] = lcm(factor[i], from)
		}
		for k := range v.in {
			f := factor[i].quo(factor[v.in[k].source])
			for j, m := range e.m[i][k] {
				e.m[i][k][j] = m.mul(f)
			}
		}
		d := denominator([]frac{e.up[i], e.down[i]})
		e.up[i], e.down[i] = e.up[i].mul(d), e.down[i].mul(d)
		factor[i] = factor[i].mul(d)
	}
	return e
}

// denominator returns the least common denominator.
func denominator(xs []frac) frac {
	d := fracInt(1)
	for _, x := range xs {
		d = lcm(d, fracRat(new(big.Rat).SetInt(x.rat().Denom())))
	}
	return d
}

// lcm returns the least common multiple of two positive whole numbers.
func lcm(a, b frac) frac { return a.mul(fracRat(new(big.Rat).SetInt(a.quo(b).rat().Denom()))) }

// mostRegions bounds the number of regions that are looked at, and mostInputs that of the
// input coordinates, since a box has 2ⁿ corners.
const (
	mostRegions = 20000
	mostInputs  = 8
)

// tooMany is the error of a set that is cut in more than most pieces.
func tooMany(what string, n, most int) error {
	return &LimitError{"exact dimension: number of " + what, big.NewInt(int64(n)), most, "use Dimension, which samples"}
}

// regions cuts a box into at most that many regions on which the network is affine, in
// rational arithmetic. Errors: NotSmoothError, LimitError.
func (net *network) regions(rat *exactNet[frac], box Box, most int) ([]*region, error) {
	n := net.inDim
	if n > mostInputs {
		return nil, tooMany("input coordinates", n, mostInputs)
	}
	var rs []*region
	for _, c := range box.cones() {
		r := &region{c: c, z: make([][][]frac, len(net.vs)), x: make([][][]frac, len(net.vs)), inner: c.inner()}
		for i := range net.vs {
			v := &net.vs[i]
			if !v.isSource() {
				continue
			}
			for u := range v.dim {
				f := zeros(n + 1)
				f[n] = fracInt(1)
				if v.kind == quiver.KindInput {
					f[n], f[v.col+u] = fracInt(0), fracInt(1)
				}
				r.x[i] = append(r.x[i], f)
			}
		}
		rs = append(rs, r)
	}
	for i := range net.vs {
		if net.vs[i].isSource() {
			continue
		}
		var next []*region
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
func (r *region) cut(net *network, rat *exactNet[frac], i, others, most int) ([]*region, error) {
	v := &net.vs[i]
	z := make([][]frac, v.dim)
	cones := []*cone{r.c}
	for u := range z {
		z[u] = r.preactivation(net, rat, i, u)
		if v.slopes.straight() || !net.watched[i][u] {
			continue
		}
		if allZero(z[u]) {
			side := func(v, unit int) int { return dotFrac(r.z[v][unit], r.inner).sign() }
			if !net.still(i, u, side) {
				return nil, &NotSmoothError{v.name, u, fmt.Sprintf("around %v", nearN(plain(r.inner)))}
			}
			continue
		}
		var next []*cone
		for _, c := range cones {
			below, above := c.split(z[u])
			for _, d := range []*cone{below, above} {
				if d != nil {
					next = append(next, d)
				}
			}
		}
		if cones = next; others+len(cones) > most {
			return nil, tooMany("cells, at least", others+len(cones), most)
		}
	}
	parts := make([]*region, 0, len(cones))
	for _, c := range cones {
		p := &region{c, append([][][]frac(nil), r.z...), append([][][]frac(nil), r.x...), c.inner()}
		p.z[i], p.x[i] = z, make([][]frac, len(z))
		for u, f := range z {
			s := rat.slope(i, dotFrac(f, p.inner).sign() > 0)
			p.x[i][u] = zeros(len(f))
			for k, y := range f {
				p.x[i][u][k] = s.mul(y)
			}
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// preactivation returns the form of z at a unit.
func (r *region) preactivation(net *network, rat *exactNet[frac], i, unit int) []frac {
	z := zeros(net.inDim + 1)
	for k := range net.vs[i].in {
		in := &net.vs[i].in[k]
		for col, m := range rat.m[i][k][unit*in.cols : (unit+1)*in.cols] {
			if m.isZero() {
				continue
			}
			for t, y := range r.x[in.source][col] {
				if !y.isZero() {
					z[t] = z[t].add(m.mul(y))
				}
			}
		}
	}
	return z
}

// sides calls f with the sign of each unit that switches at a point, given in homogeneous
// coordinates, until f returns false.
func (r *region) sides(net *network, x []frac, f func(sign int) bool) {
	for i := range net.vs {
		if v := &net.vs[i]; !v.isSource() && !v.slopes.straight() {
			for u, z := range r.z[i] {
				if net.watched[i][u] && !f(dotFrac(z, x).sign()) {
					return
				}
			}
		}
	}
}

// pattern returns the activation pattern, as a string to compare.
func (r *region) pattern(net *network) string {
	var s []byte
	r.sides(net, r.inner, func(sign int) bool { s = append(s, byte(sign+1)); return true })
	return string(s)
}

// decisive returns n+1 affinely independent points of the interior of the set of inputs in
// the box with the region's activation pattern, where J is affine: a point p and
// p ± δe_j. Short binary fractions are tried first, since they make the rest cheap; on an
// open set some step δ is small enough.
func (r *region) decisive(net *network, box Box, pattern string) [][]frac {
	n := net.inDim
	inside := func(x []frac) bool {
		for j := range n {
			if !box.whole() && (x[j].cmp(fracFloat(box.Lo[j]).mul(x[n])) <= 0 || x[j].cmp(fracFloat(box.Hi[j]).mul(x[n])) >= 0) {
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
	at := plain(r.inner)
	for k := 0; ; k += 1 + k/short*k {
		x, step := make([]frac, n+1), r.inner[n]
		for j := range x {
			x[j] = r.inner[j].shift(k)
		}
		if k <= short {
			step, x[n] = fracInt(1), fracInt(1).shift(k)
			for j, y := range at {
				x[j] = fracFloat(math.Round(math.Ldexp(y.float(), k)))
			}
		}
		if !inside(x) {
			continue
		}
		points := [][]frac{plain(x)}
		for j := range n {
			for _, d := range []frac{step, step.neg()} {
				y := append([]frac(nil), x...)
				if y[j] = x[j].add(d); inside(y) {
					points = append(points, plain(y))
					break
				}
			}
		}
		if len(points) == n+1 {
			return points
		}
	}
}

// nearN prints a point with a few digits.
func nearN(x []frac) string {
	if len(x) == 1 {
		return fmt.Sprintf("%.4g", x[0].float())
	}
	s := "("
	for j, y := range x {
		if j > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%.4g", y.float())
	}
	return s + ")"
}
