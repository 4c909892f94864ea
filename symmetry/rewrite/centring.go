package rewrite

import (
	"slices"

	"gonum.org/v1/gonum/mat"
)

// centring is v + β·mean(v) or −v + β·mean(v), the mean over the features of each sample, with β = −1 the first half of a layer
// normalisation. It is the product with the fixed matrix αI + β·11ᵀ/d.
type centring struct {
	several
	v           *expr
	alpha, beta float64
}

// matchCentre reads a sum or a difference of v and its mean. The mean may be a sum divided by a number or by a
// size, or times a number, or a product with equal fixed numbers; with or without the axis that it lost.
func matchCentre(e *expr, lay func(*expr) layout) *centring {
	if e.kind.name != "-" && e.kind.name != "+" || len(e.in) != 2 {
		return nil
	}
	for i, v := range e.in {
		mean := e.in[1-i]
		if lay(v) == none || lay(mean) != none && lay(mean) != vector || !sameType(v, e) || v == mean {
			continue
		}
		c := &centring{several{map[*expr]bool{e: true}, lay(v)}, v, sign(e, i), 0}
		s, ok := c.spread(mean)
		if c.beta = s * sign(e, 1-i); !ok || c.beta == 0 || !finite(c.beta) || c.leaks(e) {
			continue
		}
		return c
	}
	return nil
}

// recogniseCentring takes v less its mean.
func recogniseCentring(s *scanner, e *expr) form {
	if c := matchCentre(e, s.layout); c != nil {
		return c
	}
	return nil
}

// leaks says whether an inner value is read elsewhere.
func (c *centring) leaks(e *expr) bool {
	for n := range c.nodes {
		if n == e || n.kind.name == "size" && !n.root {
			continue
		}
		if n.root || slices.ContainsFunc(n.uses, func(u *expr) bool { return !c.nodes[u] && !counts(u, c.nodes) }) {
			return true
		}
	}
	return false
}

// spread reads s·mean(v), repeated over the features, and returns s.
func (c *centring) spread(e *expr) (s float64, ok bool) {
	switch {
	case c.lay == vector:
		if !e.scalar() {
			return 0, false
		}
		return c.number(e)
	case e.kind.is("repeat", c.lay.feature()):
		n := e.in[1]
		if !n.kind.is("size", c.lay.feature()) || n.in[0] != c.v {
			return 0, false
		}
		if s, ok = c.number(e.in[0]); ok {
			c.nodes[e], c.nodes[n] = true, true
		}
		return s, ok
	}
	return c.scaled(e, c.spread)
}

// scaled reads −x, x·k, k·x and x÷k for a constant k, x read by inner.
func (c *centring) scaled(e *expr, inner func(*expr) (float64, bool)) (s float64, ok bool) {
	x, k := (*expr)(nil), -1.0
	switch e.kind.name {
	case "neg":
		x = e.in[0]
	case "⊙", "÷":
		for i, d := range e.in {
			v, ok := d.number()
			if ok = ok && d.role == fixed; !ok && d.kind.is("size", c.lay.feature()) && d.in[0] == c.v {
				v, ok = float64(c.v.shape[c.lay.feature()]), true
				c.nodes[d] = true
			}
			if ok && (i == 1 || e.kind.name == "⊙") {
				x, k = e.in[1-i], v
			}
		}
		if e.kind.name == "÷" {
			k = 1 / k
		}
	}
	if x == nil {
		return 0, false
	}
	if s, ok = inner(x); ok {
		c.nodes[e] = true
	}
	return s * k, ok
}

// number reads s·mean(v), one number per sample, and returns s.
func (c *centring) number(e *expr) (s float64, ok bool) {
	d := c.v.shape[c.lay.feature()]
	switch e.kind.name {
	case "sum":
		if e.in[0] != c.v || !slices.Equal(e.kind.axes, []int{c.lay.feature()}) {
			return 0, false
		}
		c.nodes[e] = true
		return float64(d), true
	case "reshape":
		n := e.shape.TotalSize()
		if len(e.shape) > 2 || len(e.in[0].shape) > 2 || n != e.in[0].shape.TotalSize() {
			return 0, false
		}
		if s, ok = c.number(e.in[0]); ok {
			c.nodes[e] = true
		}
		return s, ok
	case "matmul", "matvec":
		x, u := e.in[0], e.in[1]
		if c.lay == columns {
			x, u = u, x
		}
		if x != c.v || u.role != fixed || u.value == nil || u.shape.TotalSize() != d || e.kind.transA || e.kind.transB || c.lay == vector {
			return 0, false
		}
		xs, ok := numbers(u.value)
		if !ok || slices.ContainsFunc(xs, func(y float64) bool { return y != xs[0] }) {
			return 0, false
		}
		c.nodes[e] = true
		return float64(d) * xs[0], true
	}
	return c.scaled(e, c.number)
}

// matrix returns αI + β·11ᵀ/d.
func (c *centring) matrix(d int) *mat.Dense {
	m := mat.NewDense(d, d, nil)
	for i := range d {
		for j := range d {
			m.Set(i, j, c.beta/float64(d))
		}
		m.Set(i, i, c.alpha+c.beta/float64(d))
	}
	return m
}
