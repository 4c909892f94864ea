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

// pointwise are the elementwise functions that the catalogue has.
var pointwise = map[string]layers.Func{
	"tanh": layers.Tanh, "sigmoid": composed.Sigmoid, "softplus": composed.Softplus, "exp": layers.Exp, "sin": layers.Sin,
	"square": layers.Square, "cube": layers.Power(3), "abs": layers.Abs,
}

// spelled returns e as the activation f of base, computed by way of the inner nodes; nil where base carries no features, and
// where others read an inner value, which the scanner notes.
func (s *Scanner) spelled(e, base *ir.Node, f quiver.Activation, inner ...*ir.Node) Form {
	lay := s.lay[base]
	if lay == None {
		return nil
	}
	p := &Activation{several{map[*ir.Node]bool{e: true}, lay}, base, f}
	for _, n := range inner {
		p.Nodes[n] = true
	}
	if leak := p.leak(e); leak != nil {
		s.leaks[e] = leak
		return nil
	}
	return p
}

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

// RecogniseElementwise takes the functions of the catalogue that are operations of Gorgonia's.
func RecogniseElementwise(s *Scanner, e *ir.Node) Form {
	f, ok := pointwise[e.Kind.Name]
	if !ok {
		return nil
	}
	return s.spelled(e, e.In[0], layers.Pointwise(f))
}

// counts says that u is a size which is read as a number only, or by nodes of a pattern.
func counts(u *ir.Node, nodes map[*ir.Node]bool) bool {
	return u.Kind.Name == "size" && !u.Root && !slices.ContainsFunc(u.Uses, func(r *ir.Node) bool { return r.Kind.Name == "repeat" && !nodes[r] })
}

// RecogniseReLU takes x∘(x ≥ 0).
func RecogniseReLU(s *Scanner, e *ir.Node) Form {
	x, c := mask(e, ">=", ">")
	if x == nil {
		return nil
	}
	return s.spelled(e, x, layers.Pointwise(layers.ReLU), c)
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

// RecogniseLeakyReLU takes x∘(x ≥ 0) + a·(x∘(x < 0)).
func RecogniseLeakyReLU(s *Scanner, e *ir.Node) Form {
	if e.Kind.Name != "+" || len(e.In) != 2 {
		return nil
	}
	x, c := mask(e.In[0], ">=", ">")
	m := e.In[1]
	if x == nil || m.Kind.Name != "⊙" {
		return nil
	}
	a, ok := m.In[1].Number()
	y, d := mask(m.In[0], "<", "<=")
	if !ok || m.In[1].Role != ir.Fixed || y != x || !inspect.IsFinite(a) {
		return nil
	}
	return s.spelled(e, x, layers.Pointwise(layers.LeakyReLU(a)), e.In[0], c, m, m.In[0], d)
}

// RecogniseSiLU takes x∘sigmoid(x).
func RecogniseSiLU(s *Scanner, e *ir.Node) Form {
	if e.Kind.Name != "⊙" || len(e.In) != 2 {
		return nil
	}
	for i, g := range e.In {
		if x := e.In[1-i]; g.Kind.Name == "sigmoid" && g.In[0] == x {
			return s.spelled(e, x, layers.Pointwise(composed.SiLU), g)
		}
	}
	return nil
}
