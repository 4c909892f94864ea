package exact

import "math/big"

// Cone is a convex polyhedron in ℝⁿ with inner points, bounded or not, in homogeneous
// coordinates: the cone over it in ℝⁿ⁺¹, all (x, s) with s ≥ 0 and x/s in the polyhedron. It
// is given by its extreme rays: a corner v of the polyhedron is the ray through (v, 1), a
// direction d in which it is unbounded the ray through (d, 0).
type Cone struct {
	Rays   []Ray
	facets int // inequalities so far
}

// Ray is an extreme ray, a vector of whole numbers without common divisor, and the
// inequalities that are equations there.
type Ray struct {
	At    []Rational
	tight bitset
}

// BoxCone returns the box with the corners lo and hi, lo[i] < hi[i], all finite.
func BoxCone(lo, hi []float64) *Cone {
	n := len(lo)
	c := &Cone{facets: 2 * n} // inequality 2j: x_j ≥ lo; 2j+1: x_j ≤ hi
	for mask := range 1 << n {
		e := Ray{At: Zeros(n + 1)}
		for j := range n {
			x := lo[j]
			if mask>>j&1 == 1 {
				x = hi[j]
			}
			e.At[j] = Float(x)
			e.tight = e.tight.with(2*j + mask>>j&1)
		}
		e.At[n] = Int(1)
		e.At = Primitive(e.At)
		c.Rays = append(c.Rays, e)
	}
	return c
}

// Orthants returns ℝⁿ, which has no corners, as its 2ⁿ orthants.
func Orthants(n int) []*Cone {
	var cs []*Cone
	for mask := range 1 << n {
		c := &Cone{facets: n + 1} // inequality j: ±x_j ≥ 0; inequality n: s ≥ 0
		for j := range n + 1 {
			e := Ray{At: Zeros(n + 1)}
			if e.At[j] = Int(1); j < n && mask>>j&1 == 1 {
				e.At[j] = Int(-1)
			}
			for k := range n + 1 {
				if k != j {
					e.tight = e.tight.with(k)
				}
			}
			c.Rays = append(c.Rays, e)
		}
		cs = append(cs, c)
	}
	return cs
}

// Split cuts a cone along the hyperplane f = 0, f a linear form on ℝⁿ⁺¹, into the parts
// f ≤ 0 and f ≥ 0; a part without inner points is nil. This is one step of the double
// description method (Motzkin, Raiffa, Thompson, Thrall 1953): a new ray lies between two
// old ones on different sides that span a face of dimension two.
func (c *Cone) Split(f []Rational) (below, above *Cone) {
	values := make([]Rational, len(c.Rays))
	var neg, zero, pos []int
	for i, r := range c.Rays {
		values[i] = Dot(f, r.At)
		switch values[i].Sign() {
		case -1:
			neg = append(neg, i)
		case 0:
			zero = append(zero, i)
		default:
			pos = append(pos, i)
		}
	}
	switch {
	case len(neg) == 0:
		return nil, c
	case len(pos) == 0:
		return c, nil
	}
	var wall []Ray // on the hyperplane
	for _, i := range zero {
		wall = append(wall, Ray{c.Rays[i].At, c.Rays[i].tight.with(c.facets)})
	}
	for _, i := range neg {
		for _, j := range pos {
			common := c.Rays[i].tight.and(c.Rays[j].tight)
			if !c.adjacent(i, j, common) {
				continue
			}
			at := make([]Rational, len(f))
			for k := range at {
				at[k] = values[j].Mul(c.Rays[i].At[k]).Sub(values[i].Mul(c.Rays[j].At[k]))
			}
			wall = append(wall, Ray{Primitive(at), common.with(c.facets)})
		}
	}
	side := func(keep []int) *Cone {
		d := &Cone{make([]Ray, 0, len(keep)+len(wall)), c.facets + 1}
		for _, i := range keep {
			d.Rays = append(d.Rays, c.Rays[i])
		}
		d.Rays = append(d.Rays, wall...)
		return d
	}
	return side(neg), side(pos)
}

// adjacent reports whether two rays, with the inequalities tight at both, span a face of
// dimension two: no other ray lies on all of these.
func (c *Cone) adjacent(i, j int, common bitset) bool {
	if common.count() < len(c.Rays[i].At)-2 {
		return false
	}
	for k := range c.Rays {
		if k != i && k != j && common.within(c.Rays[k].tight) {
			return false
		}
	}
	return true
}

// Inner returns an inner point, in whole homogeneous coordinates: the sum of the rays.
func (c *Cone) Inner() []Rational {
	sum := Zeros(len(c.Rays[0].At))
	for k := range sum {
		for _, r := range c.Rays {
			sum[k] = sum[k].Add(r.At[k])
		}
	}
	return sum
}

// Dehomogenize returns the point of ℝⁿ with homogeneous coordinates x.
func Dehomogenize(x []Rational) []Rational {
	n := len(x) - 1
	p := make([]Rational, n)
	for k := range p {
		p[k] = x[k].Quo(x[n])
	}
	return p
}

// Zeros returns n zeros.
func Zeros(n int) []Rational {
	z := make([]Rational, n)
	for i := range z {
		z[i] = Int(0)
	}
	return z
}

// Dot returns Σ aᵢ·bᵢ.
func Dot(a, b []Rational) Rational {
	s := Int(0)
	for i, x := range a {
		if !x.IsZero() && !b[i].IsZero() {
			s = s.Add(x.Mul(b[i]))
		}
	}
	return s
}

// Primitive returns the positive multiple of a vector that consists of whole numbers
// without common divisor, which keeps the numbers small.
func Primitive(x []Rational) []Rational {
	whole := Integers(x)
	var g big.Int
	for _, v := range whole {
		g.GCD(nil, nil, &g, new(big.Int).Abs(v))
	}
	out := make([]Rational, len(x))
	for i, v := range whole {
		if g.Sign() > 0 {
			v.Quo(v, &g)
		}
		out[i] = FromRat(new(big.Rat).SetInt(v))
	}
	return out
}
