package viz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/quiver"
)

// Option chooses what a picture shows; see Only, Depth, Boxes and Backward. They are functions, called with or
// without arguments.
type Option func(*choice)

type choice struct {
	only            []string
	depth           int
	chosen, limited bool
	views           []graph.View
}

// Only draws the named values or vertices alone: of a gradient "δ[h1]", or "h1" for all values of that vertex; of a
// quiver vertices.
func Only(names ...string) Option {
	return func(c *choice) {
		c.only, c.chosen = append(c.only, names...), true
		c.views = append(c.views, graph.Only(names...))
	}
}

// Depth draws the result of a gradient, or what Only names, and what is at most n references away; of a quiver, its
// outputs, or the vertices that Only names, and the vertices that are at most n arrows away.
func Depth(n int) Option {
	return func(c *choice) {
		c.depth, c.limited = n, true
		c.views = append(c.views, graph.Depth(n))
	}
}

// Boxes draws a gradient as named values, one box each with its formula inside, however many they are.
func Boxes() Option { return func(c *choice) { c.views = append(c.views, graph.Boxes()) } }

// Backward draws a gradient as the quiver backward, however small it is.
func Backward() Option { return func(c *choice) { c.views = append(c.views, graph.Backward()) } }

// Part returns a drawing of a part of a *graph.Expr or a *quiver.Quiver. Errors: *graph.UnknownValueError and
// *graph.DepthError of an expression, *PartError of a quiver and of what has no parts, *Error for nil.
func Part(d Drawing, opts ...Option) (Drawing, error) {
	if isNil(d) {
		return nil, &Error{"read", errNil}
	}
	c := &choice{}
	for _, f := range opts {
		if f != nil {
			f(c)
		}
	}
	switch d := d.(type) {
	case *graph.Expr:
		x, err := d.Show(c.views...)
		if err != nil {
			return nil, err
		}
		return x, nil
	case *quiver.Quiver:
		return partOf(d, c)
	}
	return nil, &PartError{Reason: fmt.Sprintf("a %T has no parts; give a *graph.Expr or a *quiver.Quiver", d)}
}

// part is a part of a quiver.
type part struct {
	q    *quiver.Quiver
	keep map[string]bool
}

// partOf keeps the vertices that the options choose, and the biases of those.
func partOf(q *quiver.Quiver, c *choice) (Drawing, error) {
	start := c.only
	if !c.chosen {
		start = q.Outputs()
	}
	switch {
	case c.limited && c.depth < 0:
		return nil, &PartError{Reason: fmt.Sprintf("depth %d; want 0 or more, the number of arrows from what is named", c.depth)}
	case c.chosen && len(c.only) == 0:
		return nil, &PartError{Reason: "no vertex is named; give Only one or more", Known: names(q)}
	case !c.chosen && !c.limited:
		return q, nil
	}
	p := &part{q, make(map[string]bool)}
	for _, name := range start {
		if _, ok := q.VertexIndex(name); !ok {
			return nil, &PartError{Name: name, Known: names(q)}
		}
		p.keep[name] = true
	}
	bias := func(name string) bool {
		v, _ := q.VertexIndex(name)
		return q.Vertices()[v].Kind == quiver.KindBias
	}
	if c.limited {
		for front := slices.Clone(start); c.depth > 0 && len(front) > 0; c.depth-- {
			var next []string
			reach := func(from, to string) {
				if slices.Contains(front, from) && !p.keep[to] && !bias(to) && !bias(from) {
					p.keep[to] = true
					next = append(next, to)
				}
			}
			for _, a := range q.Arrows() {
				reach(a.From, a.To)
				reach(a.To, a.From)
			}
			front = next
		}
	}
	for _, a := range q.Arrows() {
		if p.keep[a.To] && bias(a.From) {
			p.keep[a.From] = true
		}
	}
	return p, nil
}

func names(q *quiver.Quiver) (out []string) {
	for _, v := range q.Vertices() {
		out = append(out, v.Name)
	}
	return out
}

// DOT returns the vertices and the arrows between them for Graphviz.
func (p *part) DOT() string {
	var b strings.Builder
	b.WriteString("digraph part {\n\trankdir=LR;\n")
	for k, v := range p.q.Vertices() {
		if p.keep[v.Name] {
			fmt.Fprintf(&b, "\tv%d [label=\"%s\\n%d\"];\n", k, dotText(v.Name), v.Dim)
		}
	}
	for _, a := range p.q.Arrows() {
		if p.keep[a.From] && p.keep[a.To] {
			fmt.Fprintf(&b, "\tv%d -> v%d [label=\"%s\"];\n", a.Source, a.Target, dotText(a.Name))
		}
	}
	b.WriteString("}\n")
	return b.String()
}
