package rewrite

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/internal/ir"

	"github.com/quivernet/quivernet/internal/inspect"

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
	was  *state
	root map[*vertex]*vertex // union-find over the vertices that changed
}

// changed says whether a vertex has other coordinates, or lost arrows.
func changed(r *reduction, v *vertex, was *state) bool {
	return v != nil && (r.dim[v] != was.dim[v.name] || was.res == nil && slices.ContainsFunc(v.terms, func(t *term) bool { return r.mats[t] == nil || r.from[t] != nil }))
}

func partsOf(r *reduction, was *state) *parts {
	p := &parts{r, was, make(map[*vertex]*vertex)}
	for _, v := range r.l.vertices {
		if changed(r, v, was) {
			p.root[v] = v
		}
	}
	shared := make(map[*ir.Node]*vertex)
	for _, v := range r.l.vertices {
		for _, t := range v.terms {
			p.join(v, t.source)
			for _, u := range []*vertex{v, t.source} {
				if t.w == nil || t.w.Role != ir.Weight || p.root[u] == nil {
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
func (p *parts) of(e *ir.Node) *vertex {
	if e == nil {
		return nil
	}
	l := p.r.l
	for _, v := range []*vertex{l.vertexOf(e), l.sumOf(e), l.activationOf(e)} {
		if u := p.find(v); u != nil {
			return u
		}
	}
	for i := 0; l.term(e, i) != nil; i++ {
		if u := p.find(l.term(e, i).source); u != nil {
			return u
		}
	}
	for _, v := range []*vertex{l.vertexOf(e), l.activationOf(e)} { // what it reads may be made for it
		if v == nil || l.sumOf(e) != nil {
			continue
		}
		for _, t := range v.terms {
			if u := p.find(t.source); u != nil {
				return u
			}
		}
	}
	return p.ofWeight(e)
}

func (p *parts) ofWeight(e *ir.Node) *vertex {
	if len(e.In) > 0 {
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
	c.Operations += inspect.Operations(n, in)
	if numbers {
		c.Parameters += max(n.Shape().TotalSize(), 1)
	}
}

func (c Counts) plus(d Counts) Counts {
	return Counts{c.Nodes + d.Nodes, c.Parameters + d.Parameters, c.Fixed + d.Fixed, c.Operations + d.Operations}
}

// saves says that numbers and operations fall.
func (b bill) saves() bool {
	return b.after.Numbers() < b.before.Numbers() && b.after.Operations < b.before.Operations
}

func (b bill) String() string {
	return fmt.Sprintf("%d→%d numbers and %d→%d operations", b.before.Numbers(), b.after.Numbers(), b.before.Operations, b.after.Operations)
}

// bills splits the cost of both states among the parts.
func (p *parts) bills(now *state) map[*vertex]*bill {
	out := make(map[*vertex]*bill)
	for _, e := range p.r.l.a.Nodes {
		u := p.of(e)
		if out[u] == nil {
			out[u] = &bill{}
		}
		out[u].before = out[u].before.plus(p.was.cost[e.ID])
		out[u].after = out[u].after.plus(now.cost[e.ID])
	}
	return out
}

// decline keeps the vertices of the parts that do not save, with the reason, and reports whether
// it kept more than before. The first time only the vertices beside new fixed matrices stay, which
// may be what makes the others worth it.
func decline(r *reduction, now *state, plan *plan) bool {
	p := partsOf(r, plan.was)
	more := false
	for u, bill := range p.bills(now) {
		if u == nil || bill.saves() {
			continue
		}
		why := fmt.Sprintf("left alone: its part of the graph would have %v, and both must fall", *bill)
		var all, beside []*vertex
		for _, v := range r.l.vertices {
			if p.find(v) == u && v.kind == quiver.KindHidden && r.shrunk(v) && plan.was.dim[v.name] == v.dim {
				if all = append(all, v); carries(r, v) {
					beside = append(beside, v)
				}
			}
		}
		if len(beside) == 0 || plan.round >= 4 {
			beside = all
		}
		for _, v := range beside {
			if plan.keep[v.name] == "" {
				plan.keep[v.name], more = why, true
				plan.declined = append(plan.declined, v.name)
			}
		}
	}
	return more
}

// carries says whether a vertex is read by a copy that a new fixed matrix replaces.
func carries(r *reduction, u *vertex) bool {
	for _, v := range r.l.vertices {
		for _, t := range v.terms {
			if t.source == u && t.w == nil && t.dense == nil && r.mats[t] != nil && !r.copies(v, t) {
				return true
			}
		}
	}
	return false
}
