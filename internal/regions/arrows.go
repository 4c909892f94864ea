package regions

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/quiver"
)

// vertex makes the vertex of e and its terms.
func (l *Regions) vertex(e *ir.Node) *Vertex {
	v := &Vertex{Node: e, Layout: l.lay[e], Kind: quiver.KindOutput, Activation: quiver.Identity, Name: l.fresh(e)}
	v.Dim = e.Shape[v.Layout.Feature()]
	p := l.activation(e)
	switch {
	case p != nil:
		v.Activation, v.Spelled = p.Function, p
		for n := range p.Nodes {
			l.activations[n] = v
		}
		if l.absorbed(p.Base) {
			l.collect(v, p.Base, 1)
			break
		}
		l.put(v, &Arrow{Source: l.source(p.Base, v.Layout), Node: p.Base, Operand: OnBase, Inclusion: quiver.Eye(v.Dim)})
		for n := range p.Nodes {
			l.covered[[2]*ir.Node{p.Base, n}] = true
		}
	case l.concat(e):
		at := 0
		for i, c := range e.In {
			d := c.Shape[v.Layout.Feature()]
			l.put(v, &Arrow{Source: l.source(c, v.Layout), Node: e, Operand: i, Inclusion: quiver.Inclusion{Rows: v.Dim, Cols: d, Row: at, K: d}})
			l.covered[[2]*ir.Node{c, e}] = true
			at += d
		}
	case l.IsSlice(e):
		s := l.source(e.In[0], v.Layout)
		l.put(v, &Arrow{Source: s, Node: e, Inclusion: quiver.Inclusion{Rows: v.Dim, Cols: s.Dim, Col: e.Kind.Lo, K: v.Dim}})
		l.covered[[2]*ir.Node{e.In[0], e}] = true
	case l.centring(e) != nil:
		c := l.centring(e)
		x := c.v
		l.put(v, &Arrow{Source: l.source(x, v.Layout), Node: e, Dense: c.matrix(v.Dim)})
		for n := range c.Nodes {
			l.covered[[2]*ir.Node{x, n}] = true
		}
	case l.IsOperation(e):
		l.ownVertex(v)
	default:
		l.collect(v, e, 1)
	}
	return v
}

// collect adds the terms of a sum, and of what is in it that nobody else reads, times outer.
func (l *Regions) collect(v *Vertex, e *ir.Node, outer float64) {
	l.sums[e] = v
	switch {
	case l.Product(e) != nil:
		l.collectProduct(v, e, outer)
	case l.Gain(e) != nil:
		g := l.Gain(e)
		l.put(v, &Arrow{Source: l.source(g.X, v.Layout), Node: e, Operand: g.Operand, Weight: g.By.Weight, Hi: v.Dim, Diagonal: true, Factor: outer})
		l.covered[[2]*ir.Node{g.X, e}] = true
		l.sums[e.In[1-g.Operand]] = v
	case l.Scaling(e) != nil:
		x := l.Scaling(e).X
		l.collectOperand(v, e, 0, x, outer*l.Scaling(e).factor)
	default:
		for i, x := range e.In {
			l.collectOperand(v, e, i, x, outer*Sign(e, i))
		}
	}
}

func (l *Regions) collectOperand(v *Vertex, e *ir.Node, i int, x *ir.Node, outer float64) {
	switch b := l.biasOf(e, x); {
	case b != nil && b.PerSample:
		n := b.Weight.Shape[v.Layout.Batch()]
		l.put(v, &Arrow{Source: l.samples(b.Weight, n), Node: e, Operand: i, Weight: b.Weight, Transposed: v.Layout == Rows, Hi: n, PerSample: true, Factor: outer})
		l.sums[x] = v
	case b != nil:
		l.put(v, &Arrow{Node: e, Operand: i, Weight: b.Weight, Hi: 1, Factor: outer})
		l.sums[x] = v
	case l.absorbed(x):
		l.collect(v, x, outer)
	default:
		l.put(v, &Arrow{Source: l.source(x, v.Layout), Node: e, Operand: i, Inclusion: quiver.Eye(v.Dim), Factor: outer})
		l.covered[[2]*ir.Node{x, e}] = true
	}
}

// samples returns the vertex that says which sample it is, n numbers of which one is 1: what a bias for
// each sample reads. No node has its value.
func (l *Regions) samples(w *ir.Node, n int) *Vertex {
	k := inputKey{w, None}
	if l.inputs[k] == nil {
		at := &ir.Node{Label: w.Old, Shape: []int{n, n}, Dtype: w.Dtype, ID: unplaced}
		l.inputs[k] = &Vertex{Node: at, Layout: Rows, Dim: n, Kind: quiver.KindInput, Virtual: true, Name: l.unused("sample")}
		l.Vertices = append(l.Vertices, l.inputs[k])
	}
	return l.inputs[k]
}

// unplaced is the id of what stands for no place in the graph.
const unplaced = math.MaxInt

func (l *Regions) collectProduct(v *Vertex, e *ir.Node, outer float64) {
	p := l.Product(e)
	if p.First != nil {
		l.collectFactors(v, e, outer)
		return
	}
	outer *= p.Factor
	parts := []*ir.Node{p.X}
	if l.IsTransparent(p.X) {
		parts = p.X.In
		for _, c := range parts {
			l.covered[[2]*ir.Node{c, p.X}] = true
		}
	}
	l.covered[[2]*ir.Node{p.X, e}] = true
	at := 0
	for i, c := range parts {
		d := c.Shape[v.Layout.Feature()]
		l.put(v, &Arrow{Source: l.source(c, v.Layout), Node: e, Operand: i, Weight: p.Weight, Transposed: p.Transposed, Lo: at, Hi: at + d, Factor: outer})
		at += d
	}
}

// collectFactors adds x·(A·B): the arrow B from a vertex that reads x by the arrow A, and that has no node.
func (l *Regions) collectFactors(v *Vertex, e *ir.Node, outer float64) {
	p := l.Product(e)
	l.covered[[2]*ir.Node{p.X, e}] = true
	k := p.Weight.Shape.TotalSize() / v.Dim
	at := &ir.Node{Label: p.AB.Old, Shape: []int{k}, Dtype: e.Dtype, ID: unplaced}
	if v.Layout == Rows {
		at.Shape = []int{e.Shape[0], k}
	} else if v.Layout == Columns {
		at.Shape = []int{k, e.Shape[1]}
	}
	u := &Vertex{Node: at, Layout: v.Layout, Dim: k, Kind: quiver.KindHidden, Activation: quiver.Identity, Virtual: true, Name: l.fresh(p.AB)}
	x := l.source(p.X, v.Layout)
	l.put(u, &Arrow{Source: x, Node: p.AB, Weight: p.First.Weight, Transposed: p.First.Transposed, Hi: x.Dim, Factor: p.First.Factor})
	l.Vertices = append(l.Vertices, u)
	l.put(v, &Arrow{Source: u, Node: e, Weight: p.Weight, Transposed: p.Transposed, Hi: k, Factor: outer * p.Factor})
}

func (l *Regions) ownVertex(v *Vertex) {
	o := v.Node.Kind.Own
	if v.Activation = o.Activation(); v.Activation == nil { // a plain sum
		v.Activation = quiver.Identity
	}
	i := 0
	for j, t := range o.Terms() {
		x := v.Node.In[i]
		s := l.source(x, Rows)
		l.covered[[2]*ir.Node{x, v.Node}] = true
		if i++; t.W == nil {
			l.put(v, &Arrow{Source: s, Node: v.Node, Operand: j, Inclusion: t.Fixed})
			continue
		}
		l.put(v, &Arrow{Source: s, Node: v.Node, Operand: j, Weight: v.Node.In[i], Hi: s.Dim})
		i++
	}
	if o.HasParams() {
		v.Params = v.Node.In[i]
	}
}

// put names an arrow and adds it.
func (l *Regions) put(v *Vertex, t *Arrow) {
	if t.Factor == 0 {
		t.Factor = 1
	}
	base := "a"
	if t.Weight != nil {
		base = word(t.Weight.Name())
	}
	if base == "" {
		base = "a"
	}
	t.Name = base
	for i := 2; l.names["→"+t.Name]; i++ {
		t.Name = fmt.Sprintf("%s.%d", base, i)
	}
	l.names["→"+t.Name] = true
	v.Arrows = append(v.Arrows, t)
	l.arrows[arrowKey{t.Node, t.Operand}] = t
}
