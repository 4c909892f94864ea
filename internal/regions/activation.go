package regions

import (
	"slices"

	"github.com/quivernet/quivernet/internal/composed"
	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// Activation is an activation function written with one node or several, the value of which is Function of Base.
type Activation struct {
	several
	Base     *ir.Node
	Function quiver.Activation
}

// add takes nodes as part of the activation.
func (p *Activation) add(es ...*ir.Node) {
	for _, e := range es {
		p.Nodes[e] = true
	}
}

func newActivation(e *ir.Node) *Activation {
	return &Activation{several: several{Nodes: map[*ir.Node]bool{e: true}}}
}

// pointwise are the elementwise functions that the catalogue has.
var pointwise = map[string]layers.Func{
	"tanh": layers.Tanh, "sigmoid": composed.Sigmoid, "softplus": composed.Softplus, "exp": layers.Exp, "sin": layers.Sin,
	"square": layers.Square, "cube": layers.Power(3), "abs": layers.Abs,
}

// spelling reads e as an activation: it sets base, function and inner nodes of p and returns true.
type spelling func(e *ir.Node, p *Activation, lay func(*ir.Node) Layout) bool

// spelled takes what a spelling reads. Where others read an inner value it is none, and the scanner notes what leaked.
func (s *Scanner) spelled(e *ir.Node, match spelling) Form {
	p := newActivation(e)
	if !match(e, p, s.layout) || s.lay[p.Base] == None {
		return nil
	}
	p.lay = s.lay[p.Base]
	if leak := p.leak(e); leak != nil {
		s.leaks[e] = leak
		return nil
	}
	return p
}

// RecogniseElementwise takes the functions of the catalogue that are operations of Gorgonia's.
func RecogniseElementwise(s *Scanner, e *ir.Node) Form { return s.spelled(e, matchElementwise) }

// RecogniseReLU takes x∘(x ≥ 0).
func RecogniseReLU(s *Scanner, e *ir.Node) Form { return s.spelled(e, matchRectify) }

// RecogniseLeakyReLU takes x∘(x ≥ 0) + a·(x∘(x < 0)).
func RecogniseLeakyReLU(s *Scanner, e *ir.Node) Form { return s.spelled(e, matchLeaky) }

// RecogniseSiLU takes x∘sigmoid(x).
func RecogniseSiLU(s *Scanner, e *ir.Node) Form { return s.spelled(e, matchGated) }

// RecogniseRadial takes v∘s and v÷s with a function s of the norm of v.
func RecogniseRadial(s *Scanner, e *ir.Node) Form { return s.spelled(e, matchRadial) }

// leak returns the first inner value that others read, or nil.
func (p *Activation) leak(e *ir.Node) (first *ir.Node) {
	for n := range p.Nodes {
		if n == e || n.Kind.Name == "size" && !n.Root { // the other readers of a size get a constant
			continue
		}
		if n.Root || slices.ContainsFunc(n.Uses, func(u *ir.Node) bool { return !p.Nodes[u] && !counts(u, p.Nodes) }) {
			if first == nil || n.ID < first.ID {
				first = n
			}
		}
	}
	return first
}

// matchElementwise: a function of the catalogue that is an operation of Gorgonia's.
func matchElementwise(e *ir.Node, p *Activation, _ func(*ir.Node) Layout) bool {
	f, ok := pointwise[e.Kind.Name]
	if ok {
		p.Base, p.Function = e.In[0], layers.Pointwise(f)
	}
	return ok
}

// counts says that u is a size which is read as a number only, or by nodes of a pattern.
func counts(u *ir.Node, nodes map[*ir.Node]bool) bool {
	return u.Kind.Name == "size" && !u.Root && !slices.ContainsFunc(u.Uses, func(r *ir.Node) bool { return r.Kind.Name == "repeat" && !nodes[r] })
}

// matchRectify: x∘(x ≥ 0).
func matchRectify(e *ir.Node, p *Activation, _ func(*ir.Node) Layout) bool {
	x, c := mask(e, ">=", ">")
	if x == nil {
		return false
	}
	p.add(c)
	p.Base, p.Function = x, layers.Pointwise(layers.ReLU)
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
func matchLeaky(e *ir.Node, p *Activation, _ func(*ir.Node) Layout) bool {
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
	p.Base, p.Function = x, layers.Pointwise(layers.LeakyReLU(a))
	return true
}

// matchGated: x∘sigmoid(x).
func matchGated(e *ir.Node, p *Activation, _ func(*ir.Node) Layout) bool {
	if e.Kind.Name != "⊙" || len(e.In) != 2 {
		return false
	}
	for i, s := range e.In {
		if x := e.In[1-i]; s.Kind.Name == "sigmoid" && s.In[0] == x {
			p.add(s)
			p.Base, p.Function = x, layers.Pointwise(composed.SiLU)
			return true
		}
	}
	return false
}
