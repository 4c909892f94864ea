package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/quivernet/quivernet/quiver"
)

// changes lists the vertices that shrank.
func (r *reduction) changes() []Change {
	var cs []Change
	if r.c == nil {
		return nil
	}
	why := make(map[string]string)
	for _, w := range r.c.Widths {
		why[w.Vertex] = w.Reason
	}
	for _, v := range r.l.vertices {
		if r.shrunk(v) {
			cs = append(cs, Change{v.at.name(), v.dim, r.dim[v], why[v.name]})
		}
	}
	return cs
}

// left lists what might have shrunk and did not.
func (r *reduction) left(p *plan) []Left {
	keep := p.keep
	var ls []Left
	add := func(e *expr, format string, args ...any) {
		ls = append(ls, Left{e.name(), fmt.Sprintf("node %q ", e.name()) + fmt.Sprintf(format, args...) + "."})
	}
	for _, e := range r.l.a.exprs {
		if why := r.l.refused[e]; why != "" {
			add(e, "is left alone: %s", why)
			continue
		}
		if leak := r.l.leaks[e]; leak != "" && !r.l.inner[e] {
			add(e, "would be an activation, but its inner value %q is used elsewhere", leak)
		}
		if why := ambiguous(e); why != "" && r.l.products[e] == nil {
			add(e, "is left alone: %s", why)
		}
	}
	feeds := make(map[*vertex]bool)
	for _, v := range r.l.vertices {
		for _, t := range v.terms {
			feeds[t.source] = true
		}
	}
	for _, v := range r.l.vertices {
		switch why := r.why[v.name]; {
		case v.kind == quiver.KindInput || r.shrunk(v):
		case v.kind == quiver.KindOutput:
			if v.also == "a root" && feeds[v] {
				add(v.at, "keeps its coordinates: it is a root")
			} else if v.also != "a root" && v.also != "" && (feeds[v] || v.acts != nil) {
				add(v.at, "keeps its coordinates: it is %s, which is outside the region", v.also)
			}
		case keep[v.name] != "":
			add(v.at, "keeps its width %d: %s", v.dim, keep[v.name])
		case why != "":
			if strings.HasPrefix(why, "full: rotated") { // it is not: see compress
				why = "full: as many directions reach it as it has"
			}
			add(v.at, "keeps its width %d: %s", v.dim, strings.TrimPrefix(why, "kept: "))
		}
	}
	return append(ls, r.unread(ls)...)
}

// unread lists the weights that no region reads, but for those of which the list tells already.
func (r *reduction) unread(ls []Left) (more []Left) {
	read := make(map[*expr]bool)
	for _, v := range r.l.vertices {
		read[v.parms] = true
		for _, t := range v.terms {
			read[t.w] = true
		}
	}
	for _, e := range r.l.a.exprs {
		name := fmt.Sprintf("%q", e.name())
		if e.role != weight || read[e] || slices.ContainsFunc(ls, func(l Left) bool { return strings.Contains(l.Reason, name) }) {
			continue
		}
		why := "only the roots need it"
		if len(e.uses) > 0 {
			why = fmt.Sprintf("%q, which reads it, is outside the regions", e.uses[0].name())
		}
		more = append(more, Left{e.name(), fmt.Sprintf("weight %s is left alone: %s.", name, why)})
	}
	return more
}

// ambiguous returns why a product with an input of two axes is no arrow, or "".
func ambiguous(e *expr) string {
	if e.kind.name != "matmul" && e.kind.name != "matvec" {
		return ""
	}
	l, _, _ := matrixOf(e.in[0])
	m, _, _ := matrixOf(e.in[1])
	if l != nil && m != nil && l.role == m.role {
		return fmt.Sprintf("both %q and %q may be weights; name the weights in Weights or the data in Data", l.name(), m.name())
	}
	for _, w := range []*expr{l, m} {
		if w != nil && !usable(w) {
			return fmt.Sprintf("weight %q does not hold finite floating-point numbers of its shape", w.name())
		}
	}
	if l == nil && m == nil {
		for _, x := range e.in {
			if x.role == data && x.value == nil && e.kind.name == "matmul" {
				for _, y := range e.in {
					if y != x && y.role == data {
						return fmt.Sprintf("neither %q nor %q is a weight that holds a value", e.in[0].name(), e.in[1].name())
					}
				}
			}
		}
	}
	return ""
}
