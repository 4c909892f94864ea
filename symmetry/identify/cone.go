package identify

import (
	"math/big"
	"math/bits"
)

// cone is a convex polyhedron in ℝⁿ with inner points, bounded or not, in homogeneous
// coordinates: the cone over it in ℝⁿ⁺¹, all (x, s) with s ≥ 0 and x/s in the polyhedron. It
// is given by its extreme rays: a corner v of the polyhedron is the ray through (v, 1), a
// direction d in which it is unbounded the ray through (d, 0).
type cone struct {
	rays  []extreme
	faces int // inequalities so far
}

// extreme is an extreme ray, a vector of whole numbers without common divisor, and the
// inequalities that are equations there.
type extreme struct {
	at    []frac
	tight bitset
}

// split cuts a cone along the hyperplane f = 0, f a linear form on ℝⁿ⁺¹, into the parts
// f ≤ 0 and f ≥ 0; a part without inner points is nil. This is one step of the double
// description method (Motzkin, Raiffa, Thompson, Thrall 1953): a new ray lies between two
// old ones on different sides that span a face of dimension two.
func (c *cone) split(f []frac) (below, above *cone) {
	values := make([]frac, len(c.rays))
	var neg, zero, pos []int
	for i, r := range c.rays {
		values[i] = dotFrac(f, r.at)
		switch values[i].sign() {
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
	var wall []extreme // on the hyperplane
	for _, i := range zero {
		wall = append(wall, extreme{c.rays[i].at, c.rays[i].tight.with(c.faces)})
	}
	for _, i := range neg {
		for _, j := range pos {
			common := c.rays[i].tight.and(c.rays[j].tight)
			if !c.adjacent(i, j, common) {
				continue
			}
			at := make([]frac, len(f))
			for k := range at {
				at[k] = values[j].mul(c.rays[i].at[k]).sub(values[i].mul(c.rays[j].at[k]))
			}
			wall = append(wall, extreme{primitive(at), common.with(c.faces)})
		}
	}
	side := func(keep []int) *cone {
		d := &cone{make([]extreme, 0, len(keep)+len(wall)), c.faces + 1}
		for _, i := range keep {
			d.rays = append(d.rays, c.rays[i])
		}
		d.rays = append(d.rays, wall...)
		return d
	}
	return side(neg), side(pos)
}

// adjacent reports whether two rays, with the inequalities tight at both, span a face of
// dimension two: no other ray lies on all of these.
func (c *cone) adjacent(i, j int, common bitset) bool {
	if common.count() < len(c.rays[i].at)-2 {
		return false
	}
	for k := range c.rays {
		if k != i && k != j && common.within(c.rays[k].tight) {
			return false
		}
	}
	return true
}

// inner returns an inner point, in whole homogeneous coordinates: the sum of the rays.
func (c *cone) inner() []frac {
	sum := zeros(len(c.rays[0].at))
	for k := range sum {
		for _, r := range c.rays {
			sum[k] = sum[k].add(r.at[k])
		}
	}
	return sum
}

// plain returns the point with homogeneous coordinates x.
func plain(x []frac) []frac {
	n := len(x) - 1
	p := make([]frac, n)
	for k := range p {
		p[k] = x[k].quo(x[n])
	}
	return p
}

// cones returns a box as one cone; all of ℝⁿ, which has no corners, as its 2ⁿ orthants.
func (b Box) cones() []*cone {
	n := len(b.Lo)
	if n > 0 && b.whole() {
		var cs []*cone
		for mask := range 1 << n {
			c := &cone{faces: n + 1} // inequality j: ±x_j ≥ 0; inequality n: s ≥ 0
			for j := range n + 1 {
				e := extreme{at: zeros(n + 1)}
				if e.at[j] = fracInt(1); j < n && mask>>j&1 == 1 {
					e.at[j] = fracInt(-1)
				}
				for k := range n + 1 {
					if k != j {
						e.tight = e.tight.with(k)
					}
				}
				c.rays = append(c.rays, e)
			}
			cs = append(cs, c)
		}
		return cs
	}
	c := &cone{faces: 2 * n} // inequality 2j: x_j ≥ lo; 2j+1: x_j ≤ hi
	for mask := range 1 << n {
		e := extreme{at: zeros(n + 1)}
		for j := range n {
			x := b.Lo[j]
			if mask>>j&1 == 1 {
				x = b.Hi[j]
			}
			e.at[j] = fracFloat(x)
			e.tight = e.tight.with(2*j + mask>>j&1)
		}
		e.at[n] = fracInt(1)
		e.at = primitive(e.at)
		c.rays = append(c.rays, e)
	}
	return []*cone{c}
}

func zeros(n int) []frac {
	z := make([]frac, n)
	for i := range z {
		z[i] = fracInt(0)
	}
	return z
}

func dotFrac(a, b []frac) frac {
	s := fracInt(0)
	for i, x := range a {
		if !x.isZero() && !b[i].isZero() {
			s = s.add(x.mul(b[i]))
		}
	}
	return s
}

// primitive returns the positive multiple of a vector that consists of whole numbers
// without common divisor, which keeps the numbers small.
func primitive(x []frac) []frac {
	whole := integers(x)
	var g big.Int
	for _, v := range whole {
		g.GCD(nil, nil, &g, new(big.Int).Abs(v))
	}
	out := make([]frac, len(x))
	for i, v := range whole {
		if g.Sign() > 0 {
			v.Quo(v, &g)
		}
		out[i] = fracRat(new(big.Rat).SetInt(v))
	}
	return out
}

// bitset is a set of small numbers, never changed.
type bitset []uint64

func (s bitset) with(k int) bitset {
	t := make(bitset, max(len(s), k/64+1))
	copy(t, s)
	t[k/64] |= 1 << (k % 64)
	return t
}

func (s bitset) and(o bitset) bitset {
	t := make(bitset, min(len(s), len(o)))
	for i := range t {
		t[i] = s[i] & o[i]
	}
	return t
}

func (s bitset) within(o bitset) bool {
	for i, x := range s {
		if i >= len(o) && x != 0 || i < len(o) && x&^o[i] != 0 {
			return false
		}
	}
	return true
}

func (s bitset) count() int {
	n := 0
	for _, x := range s {
		n += bits.OnesCount64(x)
	}
	return n
}
