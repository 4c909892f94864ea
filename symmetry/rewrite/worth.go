package rewrite

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
)

// A rewriting is worth it where numbers and operations both fall: the numbers of weights and of
// fixed matrices together. That is asked of each part of the regions whose vertices change together,
// and of the whole graph at the end. What is not worth it stays as it was.

// parts numbers the parts that change together: vertices that changed, with the arrows between
// them and those that share a weight with them.
type parts struct {
	r    *reduction
	root map[*vertex]*vertex // union-find over the vertices that changed
}

// changed says whether a vertex has other coordinates, or lost arrows.
func (r *reduction) changed(v *vertex) bool {
	return v != nil && (r.shrunk(v) || slices.ContainsFunc(v.terms, func(t *term) bool { return r.mats[t] == nil || r.from[t] != nil }))
}

func (r *reduction) parts() *parts {
	p := &parts{r, make(map[*vertex]*vertex)}
	for _, v := range r.l.vertices {
		if r.changed(v) {
			p.root[v] = v
		}
	}
	shared := make(map[*expr]*vertex)
	for _, v := range r.l.vertices {
		for _, t := range v.terms {
			p.join(v, t.source)
			for _, u := range []*vertex{v, t.source} {
				if t.w == nil || t.w.role != weight || p.root[u] == nil {
					continue
				}
				p.join(u, shared[t.w])
				shared[t.w] = u
			}
		}
	}
	return p
}

func (p *parts) find(v *vertex) *vertex {
	if v == nil || p.root[v] == nil {
		return nil
	}
	for p.root[v] != v {
		v = p.root[v]
	}
	return v
}

func (p *parts) join(u, v *vertex) {
	if a, b := p.find(u), p.find(v); a != nil && b != nil && a != b {
		p.root[a] = b
	}
}

// of returns the part that an expression belongs to, or nil.
func (p *parts) of(e *expr) *vertex {
	if e == nil {
		return nil
	}
	l := p.r.l
	for _, v := range []*vertex{l.of[e], l.tree[e], l.pattern[e]} {
		if u := p.find(v); u != nil {
			return u
		}
	}
	for i := 0; l.terms[termKey{e, i}] != nil; i++ {
		if u := p.find(l.terms[termKey{e, i}].source); u != nil {
			return u
		}
	}
	return p.ofWeight(e)
}

func (p *parts) ofWeight(e *expr) *vertex {
	if len(e.in) > 0 {
		return nil
	}
	for _, v := range p.r.l.vertices {
		for _, t := range v.terms {
			if t.w != e {
				continue
			}
			if u := p.find(v); u != nil {
				return u
			}
			if u := p.find(t.source); u != nil {
				return u
			}
		}
	}
	return nil
}

// bill is what a part costs before and after.
type bill struct{ before, after Counts }

func (c *Counts) add(n *gorgonia.Node, in gorgonia.Nodes, numbers bool) {
	c.Nodes++
	c.Operations += operations(n, in)
	if numbers {
		c.Parameters += max(n.Shape().TotalSize(), 1)
	}
}

// saves says that numbers and operations fall.
func (b bill) saves() bool {
	return b.after.Numbers() < b.before.Numbers() && b.after.Operations < b.before.Operations
}

func (b bill) String() string {
	return fmt.Sprintf("%d→%d numbers and %d→%d operations", b.before.Numbers(), b.after.Numbers(), b.before.Operations, b.after.Operations)
}

// bills splits the cost of both graphs among the parts.
func (p *parts) bills(b *builder, res *Result) map[*vertex]*bill {
	out := make(map[*vertex]*bill)
	at := func(u *vertex) *bill {
		if out[u] == nil {
			out[u] = &bill{}
		}
		return out[u]
	}
	a := p.r.l.a
	memo := make(map[*expr]*vertex)
	part := func(e *expr) *vertex {
		u, ok := memo[e]
		if !ok {
			u = p.of(e)
			memo[e] = u
		}
		return u
	}
	for _, e := range a.exprs {
		if e.old != nil {
			at(part(e)).before.add(e.old, a.wires.children(e.old), isMatrix(e))
		}
	}
	has := make(map[*gorgonia.Node]bool)
	for _, n := range append(slices.Clone(res.Weights), res.Fixed...) {
		has[n] = true
	}
	for _, n := range wired(b.g).ancestors(res.Roots) {
		at(part(b.owner[n])).after.add(n, wiring{}.children(n), has[n])
	}
	return out
}

// decline keeps the vertices of the parts that do not save, with the reason, and reports whether
// it kept more than before. The first time only the vertices beside new fixed matrices stay, which
// may be what makes the others worth it.
func (b *builder) decline(res *Result, keep map[string]string, round int) bool {
	p := b.r.parts()
	bills := p.bills(b, res)
	more := false
	for u, bill := range bills {
		if u == nil || bill.saves() {
			continue
		}
		why := fmt.Sprintf("left alone: its part of the graph would have %v, and both must fall", *bill)
		var all, beside []*vertex
		for _, v := range b.r.l.vertices {
			if p.find(v) == u && v.kind == quiver.KindHidden && b.r.shrunk(v) {
				if all = append(all, v); b.r.carries(v) {
					beside = append(beside, v)
				}
			}
		}
		if len(beside) == 0 || round >= 4 {
			beside = all
		}
		for _, v := range beside {
			if keep[v.name] == "" {
				keep[v.name], more = why, true
			}
		}
	}
	return more
}

// carries says whether a vertex is read by a copy that a new fixed matrix replaces.
func (r *reduction) carries(u *vertex) bool {
	for _, v := range r.l.vertices {
		for _, t := range v.terms {
			if t.source == u && t.w == nil && t.dense == nil && r.mats[t] != nil && !r.copies(v, t) {
				return true
			}
		}
	}
	return false
}
