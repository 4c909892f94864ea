package rewrite

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/ir"

	"github.com/quivernet/quivernet/quiver"
)

// vertex makes the vertex of e and its terms.
func (l *lifter) vertex(e *ir.Node) *vertex {
	v := &vertex{at: e, lay: l.lay[e], kind: quiver.KindOutput, act: quiver.Identity, name: l.fresh(e)}
	v.dim = e.Shape[v.lay.feature()]
	p := l.activation(e)
	switch {
	case p != nil:
		v.act, v.acts = p.act, p
		for n := range p.nodes {
			l.pattern[n] = v
		}
		if l.absorbed(p.base) {
			l.collect(v, p.base, 1)
			break
		}
		l.put(v, &term{source: l.source(p.base, v.lay), at: p.base, slot: onBase, fixed: quiver.Eye(v.dim)})
		for n := range p.nodes {
			l.covered[[2]*ir.Node{p.base, n}] = true
		}
	case l.concat(e):
		at := 0
		for i, c := range e.In {
			d := c.Shape[v.lay.feature()]
			l.put(v, &term{source: l.source(c, v.lay), at: e, slot: i, fixed: quiver.Inclusion{Rows: v.dim, Cols: d, Row: at, K: d}})
			l.covered[[2]*ir.Node{c, e}] = true
			at += d
		}
	case l.slice(e):
		s := l.source(e.In[0], v.lay)
		l.put(v, &term{source: s, at: e, fixed: quiver.Inclusion{Rows: v.dim, Cols: s.dim, Col: e.Kind.Lo, K: v.dim}})
		l.covered[[2]*ir.Node{e.In[0], e}] = true
	case l.centring(e) != nil:
		c := l.centring(e)
		x := c.v
		l.put(v, &term{source: l.source(x, v.lay), at: e, dense: c.matrix(v.dim)})
		for n := range c.nodes {
			l.covered[[2]*ir.Node{x, n}] = true
		}
	case l.own(e):
		l.ownVertex(v)
	default:
		l.collect(v, e, 1)
	}
	return v
}

// collect adds the terms of a sum, and of what is in it that nobody else reads, times outer.
func (l *lifter) collect(v *vertex, e *ir.Node, outer float64) {
	l.tree[e] = v
	switch {
	case l.product(e) != nil:
		l.collectProduct(v, e, outer)
	case l.gain(e) != nil:
		g := l.gain(e)
		l.put(v, &term{source: l.source(g.x, v.lay), at: e, slot: g.slot, w: g.by.b, hi: v.dim, diag: true, outer: outer})
		l.covered[[2]*ir.Node{g.x, e}] = true
		l.tree[e.In[1-g.slot]] = v
	case l.scaling(e) != nil:
		x := l.scaled(e)
		l.collectOperand(v, e, 0, x, outer*l.scaling(e).factor)
	default:
		for i, x := range e.In {
			l.collectOperand(v, e, i, x, outer*sign(e, i))
		}
	}
}

func (l *lifter) collectOperand(v *vertex, e *ir.Node, i int, x *ir.Node, outer float64) {
	switch b := l.biasOf(e, x); {
	case b != nil && b.rows:
		n := b.b.Shape[v.lay.batch()]
		l.put(v, &term{source: l.samples(b.b, n), at: e, slot: i, w: b.b, over: v.lay == rows, hi: n, rows: true, outer: outer})
		l.tree[x] = v
	case b != nil:
		l.put(v, &term{at: e, slot: i, w: b.b, hi: 1, outer: outer})
		l.tree[x] = v
	case l.absorbed(x):
		l.collect(v, x, outer)
	default:
		l.put(v, &term{source: l.source(x, v.lay), at: e, slot: i, fixed: quiver.Eye(v.dim), outer: outer})
		l.covered[[2]*ir.Node{x, e}] = true
	}
}

// samples returns the vertex that says which sample it is, n numbers of which one is 1: what a bias for
// each sample reads. No node has its value.
func (l *lifter) samples(w *ir.Node, n int) *vertex {
	k := inputKey{w, none}
	if l.inputs[k] == nil {
		at := &ir.Node{Label: w.Old, Shape: []int{n, n}, Dtype: w.Dtype, ID: unplaced}
		l.inputs[k] = &vertex{at: at, lay: rows, dim: n, kind: quiver.KindInput, virtual: true, name: l.unused("sample")}
		l.vertices = append(l.vertices, l.inputs[k])
	}
	return l.inputs[k]
}

// unplaced is the id of what stands for no place in the graph.
const unplaced = math.MaxInt

func (l *lifter) collectProduct(v *vertex, e *ir.Node, outer float64) {
	p := l.product(e)
	if p.first != nil {
		l.collectFactors(v, e, outer)
		return
	}
	outer *= p.factor
	parts := []*ir.Node{p.x}
	if l.transparent(p.x) {
		parts = p.x.In
		for _, c := range parts {
			l.covered[[2]*ir.Node{c, p.x}] = true
		}
	}
	l.covered[[2]*ir.Node{p.x, e}] = true
	at := 0
	for i, c := range parts {
		d := c.Shape[v.lay.feature()]
		l.put(v, &term{source: l.source(c, v.lay), at: e, slot: i, w: p.w, over: p.over, lo: at, hi: at + d, outer: outer})
		at += d
	}
}

// collectFactors adds x·(A·B): the arrow B from a vertex that reads x by the arrow A, and that has no node.
func (l *lifter) collectFactors(v *vertex, e *ir.Node, outer float64) {
	p := l.product(e)
	l.covered[[2]*ir.Node{p.x, e}] = true
	k := p.w.Shape.TotalSize() / v.dim
	at := &ir.Node{Label: p.ab.Old, Shape: []int{k}, Dtype: e.Dtype, ID: unplaced}
	if v.lay == rows {
		at.Shape = []int{e.Shape[0], k}
	} else if v.lay == columns {
		at.Shape = []int{k, e.Shape[1]}
	}
	u := &vertex{at: at, lay: v.lay, dim: k, kind: quiver.KindHidden, act: quiver.Identity, virtual: true, name: l.fresh(p.ab)}
	x := l.source(p.x, v.lay)
	l.put(u, &term{source: x, at: p.ab, w: p.first.w, over: p.first.over, hi: x.dim, outer: p.first.factor})
	l.vertices = append(l.vertices, u)
	l.put(v, &term{source: u, at: e, w: p.w, over: p.over, hi: k, outer: outer * p.factor})
}

func (l *lifter) ownVertex(v *vertex) {
	o := v.at.Kind.Own
	if v.act = o.Activation(); v.act == nil { // a plain sum
		v.act = quiver.Identity
	}
	i := 0
	for j, t := range o.Terms() {
		x := v.at.In[i]
		s := l.source(x, rows)
		l.covered[[2]*ir.Node{x, v.at}] = true
		if i++; t.W == nil {
			l.put(v, &term{source: s, at: v.at, slot: j, fixed: t.Fixed})
			continue
		}
		l.put(v, &term{source: s, at: v.at, slot: j, w: v.at.In[i], hi: s.dim})
		i++
	}
	if o.HasParams() {
		v.parms = v.at.In[i]
	}
}

// put names an arrow and adds it.
func (l *lifter) put(v *vertex, t *term) {
	if t.outer == 0 {
		t.outer = 1
	}
	base := "a"
	if t.w != nil {
		base = word(t.w.Name())
	}
	if base == "" {
		base = "a"
	}
	t.arrow = base
	for i := 2; l.names["→"+t.arrow]; i++ {
		t.arrow = fmt.Sprintf("%s.%d", base, i)
	}
	l.names["→"+t.arrow] = true
	v.terms = append(v.terms, t)
	l.terms[termKey{t.at, t.slot}] = t
}
