package regions

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
)

// Centring is v + β·mean(v) or −v + β·mean(v), the mean over the features of each sample, with β = −1 the first half of a layer
// normalisation. It is the product with the fixed matrix αI + β·11ᵀ/d.
type Centring struct {
	several
	v           *ir.Node
	alpha, beta float64
}

// matchCentre reads a sum or a difference of v and its mean. The mean may be a sum divided by a number or by a
// size, or times a number, or a product with equal fixed numbers; with or without the axis that it lost.
func matchCentre(e *ir.Node, lay func(*ir.Node) Layout) *Centring {
	if e.Kind.Name != "-" && e.Kind.Name != "+" || len(e.In) != 2 {
		return nil
	}
	for i, v := range e.In {
		mean := e.In[1-i]
		if lay(v) == None || lay(mean) != None && lay(mean) != Vector || !ir.SameType(v, e) || v == mean {
			continue
		}
		c := &Centring{several{map[*ir.Node]bool{e: true}, lay(v)}, v, Sign(e, i), 0}
		s, ok := c.spread(mean)
		if c.beta = s * Sign(e, 1-i); !ok || c.beta == 0 || !inspect.IsFinite(c.beta) || c.leaks(e) {
			continue
		}
		return c
	}
	return nil
}

// RecogniseCentring takes v less its mean.
func RecogniseCentring(s *Scanner, e *ir.Node) Form {
	if c := matchCentre(e, s.layout); c != nil {
		return c
	}
	return nil
}

// leaks says whether an inner value is read elsewhere.
func (c *Centring) leaks(e *ir.Node) bool {
	for n := range c.Nodes {
		if n == e || n.Kind.Name == "size" && !n.Root {
			continue
		}
		if n.Root || slices.ContainsFunc(n.Uses, func(u *ir.Node) bool { return !c.Nodes[u] && !counts(u, c.Nodes) }) {
			return true
		}
	}
	return false
}

// spread reads s·mean(v), repeated over the features, and returns s.
func (c *Centring) spread(e *ir.Node) (s float64, ok bool) {
	switch {
	case c.lay == Vector:
		if !e.IsScalar() {
			return 0, false
		}
		return c.number(e)
	case e.Kind.Is("repeat", c.lay.Feature()):
		n := e.In[1]
		if !n.Kind.Is("size", c.lay.Feature()) || n.In[0] != c.v {
			return 0, false
		}
		if s, ok = c.number(e.In[0]); ok {
			c.Nodes[e], c.Nodes[n] = true, true
		}
		return s, ok
	}
	return c.scaled(e, c.spread)
}

// scaled reads −x, x·k, k·x and x÷k for a constant k, x read by inner.
func (c *Centring) scaled(e *ir.Node, inner func(*ir.Node) (float64, bool)) (s float64, ok bool) {
	x, k := (*ir.Node)(nil), -1.0
	switch e.Kind.Name {
	case "neg":
		x = e.In[0]
	case "⊙", "÷":
		for i, d := range e.In {
			v, ok := d.Number()
			if ok = ok && d.Role == ir.Fixed; !ok && d.Kind.Is("size", c.lay.Feature()) && d.In[0] == c.v {
				v, ok = float64(c.v.Shape[c.lay.Feature()]), true
				c.Nodes[d] = true
			}
			if ok && (i == 1 || e.Kind.Name == "⊙") {
				x, k = e.In[1-i], v
			}
		}
		if e.Kind.Name == "÷" {
			k = 1 / k
		}
	}
	if x == nil {
		return 0, false
	}
	if s, ok = inner(x); ok {
		c.Nodes[e] = true
	}
	return s * k, ok
}

// number reads s·mean(v), one number per sample, and returns s.
func (c *Centring) number(e *ir.Node) (s float64, ok bool) {
	d := c.v.Shape[c.lay.Feature()]
	switch e.Kind.Name {
	case "sum":
		if e.In[0] != c.v || !slices.Equal(e.Kind.Axes, []int{c.lay.Feature()}) {
			return 0, false
		}
		c.Nodes[e] = true
		return float64(d), true
	case "reshape":
		n := e.Shape.TotalSize()
		if len(e.Shape) > 2 || len(e.In[0].Shape) > 2 || n != e.In[0].Shape.TotalSize() {
			return 0, false
		}
		if s, ok = c.number(e.In[0]); ok {
			c.Nodes[e] = true
		}
		return s, ok
	case "matmul", "matvec":
		x, u := e.In[0], e.In[1]
		if c.lay == Columns {
			x, u = u, x
		}
		if x != c.v || u.Role != ir.Fixed || u.Value == nil || u.Shape.TotalSize() != d || e.Kind.TransA || e.Kind.TransB || c.lay == Vector {
			return 0, false
		}
		xs, ok := inspect.Numbers(u.Value)
		if !ok || slices.ContainsFunc(xs, func(y float64) bool { return y != xs[0] }) {
			return 0, false
		}
		c.Nodes[e] = true
		return float64(d) * xs[0], true
	}
	return c.scaled(e, c.number)
}

// matrix returns αI + β·11ᵀ/d.
func (c *Centring) matrix(d int) *mat.Dense {
	m := mat.NewDense(d, d, nil)
	for i := range d {
		for j := range d {
			m.Set(i, j, c.beta/float64(d))
		}
		m.Set(i, i, c.alpha+c.beta/float64(d))
	}
	return m
}
