package rewrite

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/internal/shrink"
	"github.com/quivernet/quivernet/quiver"
)

// A rewriting is worth it where numbers and operations both fall: the numbers of weights and of
// fixed matrices together. That is asked of each part of the regions whose vertices change together,
// and of the whole graph at the end. What is not worth it stays as it was.

// parts numbers the parts that change together: vertices that changed, with the arrows between
// them and those that share a weight with them.
type parts struct {
	r    *shrink.Reduction
	was  *baseline
	root map[*regions.Vertex]*regions.Vertex // union-find over the vertices that changed
}

// changed says whether a vertex has other coordinates, or lost arrows.
func changed(r *shrink.Reduction, v *regions.Vertex, was *baseline) bool {
	return v != nil && (r.Dim[v] != was.dim[v.Name] || was.res == nil && slices.ContainsFunc(v.Arrows, func(t *regions.Arrow) bool { return r.Matrices[t] == nil || r.Spans[t] != nil }))
}

func partsOf(r *shrink.Reduction, was *baseline) *parts {
	p := &parts{r, was, make(map[*regions.Vertex]*regions.Vertex)}
	for _, v := range r.Regions.Vertices {
		if changed(r, v, was) {
			p.root[v] = v
		}
	}
	shared := make(map[*ir.Node]*regions.Vertex)
	for _, v := range r.Regions.Vertices {
		for _, t := range v.Arrows {
			p.join(v, t.Source)
			for _, u := range []*regions.Vertex{v, t.Source} {
				if t.Weight == nil || t.Weight.Role != ir.Weight || p.root[u] == nil {
					continue
				}
				p.join(u, shared[t.Weight])
				shared[t.Weight] = u
			}
		}
	}
	return p
}

func (p *parts) find(v *regions.Vertex) *regions.Vertex {
	if v == nil || p.root[v] == nil {
		return nil
	}
	for p.root[v] != v {
		v = p.root[v]
	}
	return v
}

func (p *parts) join(u, v *regions.Vertex) {
	if a, b := p.find(u), p.find(v); a != nil && b != nil && a != b {
		p.root[a] = b
	}
}

// of returns the part that an expression belongs to, or nil.
func (p *parts) of(e *ir.Node) *regions.Vertex {
	if e == nil {
		return nil
	}
	l := p.r.Regions
	for _, v := range []*regions.Vertex{l.VertexOf(e), l.SumOf(e), l.ActivationOf(e)} {
		if u := p.find(v); u != nil {
			return u
		}
	}
	for i := 0; l.Arrow(e, i) != nil; i++ {
		if u := p.find(l.Arrow(e, i).Source); u != nil {
			return u
		}
	}
	for _, v := range []*regions.Vertex{l.VertexOf(e), l.ActivationOf(e)} { // what it reads may be made for it
		if v == nil || l.SumOf(e) != nil {
			continue
		}
		for _, t := range v.Arrows {
			if u := p.find(t.Source); u != nil {
				return u
			}
		}
	}
	return p.ofWeight(e)
}

func (p *parts) ofWeight(e *ir.Node) *regions.Vertex {
	if len(e.In) > 0 {
		return nil
	}
	for _, v := range p.r.Regions.Vertices {
		for _, t := range v.Arrows {
			if t.Weight != e {
				continue
			}
			if u := p.find(v); u != nil {
				return u
			}
			if u := p.find(t.Source); u != nil {
				return u
			}
		}
	}
	return nil
}

// costs is what a part costs before and after.
type costs struct{ before, after Counts }

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
func (c costs) saves() bool {
	return c.after.Numbers() < c.before.Numbers() && c.after.Operations < c.before.Operations
}

func (c costs) String() string {
	return fmt.Sprintf("%d→%d numbers and %d→%d operations", c.before.Numbers(), c.after.Numbers(), c.before.Operations, c.after.Operations)
}

// costs splits the cost of both states among the parts.
func (p *parts) costs(now *baseline) map[*regions.Vertex]*costs {
	out := make(map[*regions.Vertex]*costs)
	for _, e := range p.r.Regions.Graph.Nodes {
		u := p.of(e)
		if out[u] == nil {
			out[u] = &costs{}
		}
		out[u].before = out[u].before.plus(p.was.cost[e.ID])
		out[u].after = out[u].after.plus(now.cost[e.ID])
	}
	return out
}

// decline keeps the vertices of the parts that do not save, with the reason, and reports whether
// it kept more than before. The first time only the vertices beside new fixed matrices stay, which
// may be what makes the others worth it.
func decline(r *shrink.Reduction, now *baseline, plan *plan) bool {
	p := partsOf(r, plan.was)
	more := false
	for u, c := range p.costs(now) {
		if u == nil || c.saves() {
			continue
		}
		why := fmt.Sprintf("left alone: its part of the graph would have %v, and both must fall", *c)
		var all, beside []*regions.Vertex
		for _, v := range r.Regions.Vertices {
			if p.find(v) == u && v.Kind == quiver.KindHidden && r.IsSmaller(v) && plan.was.dim[v.Name] == v.Dim {
				if all = append(all, v); carries(r, v) {
					beside = append(beside, v)
				}
			}
		}
		if len(beside) == 0 || plan.round >= 4 {
			beside = all
		}
		for _, v := range beside {
			if plan.keep[v.Name] == "" {
				plan.keep[v.Name], more = why, true
				plan.declined = append(plan.declined, v.Name)
			}
		}
	}
	return more
}

// carries says whether a vertex is read by a copy that a new fixed matrix replaces.
func carries(r *shrink.Reduction, u *regions.Vertex) bool {
	for _, v := range r.Regions.Vertices {
		for _, t := range v.Arrows {
			if t.Source == u && t.Weight == nil && t.Dense == nil && r.Matrices[t] != nil && !r.IsCopy(v, t) {
				return true
			}
		}
	}
	return false
}
