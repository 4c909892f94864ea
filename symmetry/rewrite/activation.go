package rewrite

import (
	"slices"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// pattern is an activation written with several nodes: base ↦ at.
type pattern struct {
	base  *expr
	act   quiver.Activation
	nodes map[*expr]bool // all between base and the value, the value included
	sizes map[*expr]bool // among them, the sizes
}

func (p *pattern) add(es ...*expr) {
	for _, e := range es {
		if p.nodes[e] = true; e.kind.name == "size" {
			p.sizes[e] = true
		}
	}
}

func newPattern() *pattern {
	return &pattern{nodes: make(map[*expr]bool), sizes: make(map[*expr]bool)}
}

// pointwise are the elementwise functions that the catalogue has.
var pointwise = map[string]layers.Func{
	"tanh": layers.Tanh, "sigmoid": sigmoid, "softplus": softplus, "exp": layers.Exp, "sin": layers.Sin,
	"square": layers.Square, "cube": layers.Power(3), "abs": layers.Abs,
}

// matchActivation reads e as an activation. lay tells the layout of a value that is
// known to carry features. leak is not nil where e would be an activation if that inner value of it
// were not used elsewhere.
func matchActivation(e *expr, lay func(*expr) layout) (p *pattern, leak *expr) {
	p = newPattern()
	p.add(e)
	if f, ok := pointwise[e.kind.name]; ok && lay(e.in[0]) != none {
		p.base, p.act = e.in[0], layers.Pointwise(f)
		return p, nil
	}
	for _, match := range []func(*expr, *pattern, func(*expr) layout) bool{matchRectify, matchLeaky, matchGated, matchRadial} {
		q := newPattern()
		q.add(e)
		if !match(e, q, lay) || lay(q.base) == none {
			continue
		}
		for n := range q.nodes {
			if n.kind.name == "size" && !n.root { // its other readers get a constant
				continue
			}
			if n != e && (n.root || slices.ContainsFunc(n.uses, func(u *expr) bool { return !q.nodes[u] && !counts(u, q.nodes) })) {
				if leak == nil || n.id < leak.id {
					leak = n
				}
			}
		}
		if leak != nil {
			return nil, leak
		}
		return q, nil
	}
	return nil, nil
}

// counts says that u is a size which is read as a number only, or by nodes of a pattern.
func counts(u *expr, nodes map[*expr]bool) bool {
	return u.kind.name == "size" && !u.root && !slices.ContainsFunc(u.uses, func(r *expr) bool { return r.kind.name == "repeat" && !nodes[r] })
}

// matchRectify: x∘(x ≥ 0).
func matchRectify(e *expr, p *pattern, _ func(*expr) layout) bool {
	x, c := mask(e, ">=", ">")
	if x == nil {
		return false
	}
	p.add(c)
	p.base, p.act = x, layers.Pointwise(layers.ReLU)
	return true
}

// mask reads x∘(x ≥ 0) and the like, and returns x and the comparison.
func mask(e *expr, ops ...string) (x, c *expr) {
	if e.kind.name != "⊙" || len(e.in) != 2 {
		return nil, nil
	}
	for i, c := range e.in {
		x := e.in[1-i]
		if !c.kind.compares || !slices.Contains(ops, c.kind.name) || c.in[0] != x {
			continue
		}
		if zero, ok := c.in[1].number(); ok && c.in[1].role == fixed && zero == 0 {
			return x, c
		}
	}
	return nil, nil
}

// matchLeaky: x∘(x ≥ 0) + a·(x∘(x < 0)).
func matchLeaky(e *expr, p *pattern, _ func(*expr) layout) bool {
	if e.kind.name != "+" || len(e.in) != 2 {
		return false
	}
	x, c := mask(e.in[0], ">=", ">")
	s := e.in[1]
	if x == nil || s.kind.name != "⊙" {
		return false
	}
	a, ok := s.in[1].number()
	y, d := mask(s.in[0], "<", "<=")
	if !ok || s.in[1].role != fixed || y != x || !finite(a) {
		return false
	}
	p.add(e.in[0], c, s, s.in[0], d)
	p.base, p.act = x, layers.Pointwise(layers.LeakyReLU(a))
	return true
}

// matchGated: x∘sigmoid(x).
func matchGated(e *expr, p *pattern, _ func(*expr) layout) bool {
	if e.kind.name != "⊙" || len(e.in) != 2 {
		return false
	}
	for i, s := range e.in {
		if x := e.in[1-i]; s.kind.name == "sigmoid" && s.in[0] == x {
			p.add(s)
			p.base, p.act = x, layers.Pointwise(silu)
			return true
		}
	}
	return false
}
