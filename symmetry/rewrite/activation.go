package rewrite

import (
	"slices"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// activation is one, written with one node or several: base ↦ at.
type activation struct {
	several
	base *expr
	act  quiver.Activation
}

// add takes nodes as part of the activation.
func (p *activation) add(es ...*expr) {
	for _, e := range es {
		p.nodes[e] = true
	}
}

func newActivation(e *expr) *activation {
	return &activation{several: several{nodes: map[*expr]bool{e: true}}}
}

// pointwise are the elementwise functions that the catalogue has.
var pointwise = map[string]layers.Func{
	"tanh": layers.Tanh, "sigmoid": sigmoid, "softplus": softplus, "exp": layers.Exp, "sin": layers.Sin,
	"square": layers.Square, "cube": layers.Power(3), "abs": layers.Abs,
}

// spelled takes what match reads as an activation: base, function and inner nodes. Where others read an inner value it
// is none, and the scanner notes what leaked.
func spelled(match func(e *expr, p *activation, lay func(*expr) layout) bool) func(*scanner, *expr) form {
	return func(s *scanner, e *expr) form {
		p := newActivation(e)
		if !match(e, p, s.layout) || s.lay[p.base] == none {
			return nil
		}
		p.lay = s.lay[p.base]
		if leak := p.leak(e); leak != nil {
			s.leaks[e] = leak
			return nil
		}
		return p
	}
}

// leak returns the first inner value that others read, or nil.
func (p *activation) leak(e *expr) (first *expr) {
	for n := range p.nodes {
		if n == e || n.kind.name == "size" && !n.root { // the other readers of a size get a constant
			continue
		}
		if n.root || slices.ContainsFunc(n.uses, func(u *expr) bool { return !p.nodes[u] && !counts(u, p.nodes) }) {
			if first == nil || n.id < first.id {
				first = n
			}
		}
	}
	return first
}

// matchElementwise: a function of the catalogue that is an operation of Gorgonia's.
func matchElementwise(e *expr, p *activation, _ func(*expr) layout) bool {
	f, ok := pointwise[e.kind.name]
	if ok {
		p.base, p.act = e.in[0], layers.Pointwise(f)
	}
	return ok
}

// counts says that u is a size which is read as a number only, or by nodes of a pattern.
func counts(u *expr, nodes map[*expr]bool) bool {
	return u.kind.name == "size" && !u.root && !slices.ContainsFunc(u.uses, func(r *expr) bool { return r.kind.name == "repeat" && !nodes[r] })
}

// matchRectify: x∘(x ≥ 0).
func matchRectify(e *expr, p *activation, _ func(*expr) layout) bool {
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
func matchLeaky(e *expr, p *activation, _ func(*expr) layout) bool {
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
func matchGated(e *expr, p *activation, _ func(*expr) layout) bool {
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
