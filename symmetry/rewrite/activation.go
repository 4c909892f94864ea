package rewrite

import (
	"slices"

	"github.com/quivernet/quivernet/internal/ir"

	"github.com/quivernet/quivernet/internal/composed"

	"github.com/quivernet/quivernet/internal/inspect"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// activation is one, written with one node or several: base ↦ at.
type activation struct {
	several
	base *ir.Node
	act  quiver.Activation
}

// add takes nodes as part of the activation.
func (p *activation) add(es ...*ir.Node) {
	for _, e := range es {
		p.nodes[e] = true
	}
}

func newActivation(e *ir.Node) *activation {
	return &activation{several: several{nodes: map[*ir.Node]bool{e: true}}}
}

// pointwise are the elementwise functions that the catalogue has.
var pointwise = map[string]layers.Func{
	"tanh": layers.Tanh, "sigmoid": composed.Sigmoid, "softplus": composed.Softplus, "exp": layers.Exp, "sin": layers.Sin,
	"square": layers.Square, "cube": layers.Power(3), "abs": layers.Abs,
}

// spelled takes what match reads as an activation: base, function and inner nodes. Where others read an inner value it
// is none, and the scanner notes what leaked.
func spelled(match func(e *ir.Node, p *activation, lay func(*ir.Node) layout) bool) func(*scanner, *ir.Node) form {
	return func(s *scanner, e *ir.Node) form {
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
func (p *activation) leak(e *ir.Node) (first *ir.Node) {
	for n := range p.nodes {
		if n == e || n.Kind.Name == "size" && !n.Root { // the other readers of a size get a constant
			continue
		}
		if n.Root || slices.ContainsFunc(n.Uses, func(u *ir.Node) bool { return !p.nodes[u] && !counts(u, p.nodes) }) {
			if first == nil || n.ID < first.ID {
				first = n
			}
		}
	}
	return first
}

// matchElementwise: a function of the catalogue that is an operation of Gorgonia's.
func matchElementwise(e *ir.Node, p *activation, _ func(*ir.Node) layout) bool {
	f, ok := pointwise[e.Kind.Name]
	if ok {
		p.base, p.act = e.In[0], layers.Pointwise(f)
	}
	return ok
}

// counts says that u is a size which is read as a number only, or by nodes of a pattern.
func counts(u *ir.Node, nodes map[*ir.Node]bool) bool {
	return u.Kind.Name == "size" && !u.Root && !slices.ContainsFunc(u.Uses, func(r *ir.Node) bool { return r.Kind.Name == "repeat" && !nodes[r] })
}

// matchRectify: x∘(x ≥ 0).
func matchRectify(e *ir.Node, p *activation, _ func(*ir.Node) layout) bool {
	x, c := mask(e, ">=", ">")
	if x == nil {
		return false
	}
	p.add(c)
	p.base, p.act = x, layers.Pointwise(layers.ReLU)
	return true
}

// mask reads x∘(x ≥ 0) and the like, and returns x and the comparison.
func mask(e *ir.Node, ops ...string) (x, c *ir.Node) {
	if e.Kind.Name != "⊙" || len(e.In) != 2 {
		return nil, nil
	}
	for i, c := range e.In {
		x := e.In[1-i]
		if !c.Kind.Compares || !slices.Contains(ops, c.Kind.Name) || c.In[0] != x {
			continue
		}
		if zero, ok := c.In[1].Number(); ok && c.In[1].Role == ir.Fixed && zero == 0 {
			return x, c
		}
	}
	return nil, nil
}

// matchLeaky: x∘(x ≥ 0) + a·(x∘(x < 0)).
func matchLeaky(e *ir.Node, p *activation, _ func(*ir.Node) layout) bool {
	if e.Kind.Name != "+" || len(e.In) != 2 {
		return false
	}
	x, c := mask(e.In[0], ">=", ">")
	s := e.In[1]
	if x == nil || s.Kind.Name != "⊙" {
		return false
	}
	a, ok := s.In[1].Number()
	y, d := mask(s.In[0], "<", "<=")
	if !ok || s.In[1].Role != ir.Fixed || y != x || !inspect.IsFinite(a) {
		return false
	}
	p.add(e.In[0], c, s, s.In[0], d)
	p.base, p.act = x, layers.Pointwise(layers.LeakyReLU(a))
	return true
}

// matchGated: x∘sigmoid(x).
func matchGated(e *ir.Node, p *activation, _ func(*ir.Node) layout) bool {
	if e.Kind.Name != "⊙" || len(e.In) != 2 {
		return false
	}
	for i, s := range e.In {
		if x := e.In[1-i]; s.Kind.Name == "sigmoid" && s.In[0] == x {
			p.add(s)
			p.base, p.act = x, layers.Pointwise(composed.SiLU)
			return true
		}
	}
	return false
}
