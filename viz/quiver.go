package viz

import (
	"fmt"
	"strings"

	"github.com/quivernet/quivernet/quiver"
)

// sceneOf draws a quiver: a vertex is as long across the layers as its dimension, a bias is a mark at what it reaches, a
// fixed arrow is dashed, and an arrow has a label where its name says more than its ends.
func sceneOf(q *quiver.Quiver, keep map[string]bool) *scene {
	s := &scene{}
	at := make(map[string]int)
	act, same := actOf(q)
	for _, v := range q.Vertices() {
		if keep != nil && !keep[v.Name] {
			continue
		}
		if v.Kind == quiver.KindBias {
			s.mark(v.Name)
			continue
		}
		n := &node{lines: []string{v.Name, fmt.Sprint(v.Dim)}, class: fmt.Sprint(v.Kind), vertex: true, dim: v.Dim, tip: fmt.Sprintf("%v %s, dimension %d", v.Kind, v.Name, v.Dim)}
		if v.Act != nil {
			n.tip += ", " + v.Act.String()
			if !same && v.Act != quiver.Identity {
				n.lines = append(n.lines, short(v.Act.String()))
			}
		}
		at[v.Name] = len(s.nodes)
		s.nodes = append(s.nodes, n)
	}
	for _, a := range q.Arrows() {
		to, ok := at[a.To]
		if !ok {
			continue
		}
		from, ok := at[a.From]
		if !ok {
			if v, _ := q.VertexIndex(a.From); q.Vertices()[v].Kind == quiver.KindBias && (keep == nil || keep[a.From]) {
				s.nodes[to].bias = append(s.nodes[to].bias, a.From)
			}
			continue
		}
		e := &edge{tail: from, head: to, class: "forward", dashed: a.Fixed, tip: fmt.Sprintf("%s, %d×%d", a.Name, a.Rows, a.Cols)}
		if a.Name != a.From+"->"+a.To {
			e.label = a.Name
		}
		if a.TiedTo != "" {
			e.label = strings.TrimSpace(e.label + " = " + a.TiedTo)
			e.tip += ", tied to " + a.TiedTo
		}
		s.edges = append(s.edges, e)
	}
	text := fmt.Sprintf("%d vertices, %d arrows, %d numbers", len(q.Vertices()), len(q.Arrows()), q.NumParams())
	if act != "" && same {
		text += ", " + short(act)
	}
	s.title = []string{"Quiver", text}
	return s
}

// actOf returns the activation of the hidden vertices, and whether they all have it.
func actOf(q *quiver.Quiver) (act string, same bool) {
	for _, v := range q.Vertices() {
		if v.Act == nil || v.Act == quiver.Identity {
			continue
		}
		if act != "" && act != v.Act.String() {
			return act, false
		}
		act = v.Act.String()
	}
	return act, true
}

// short cuts a long text.
func short(s string) string {
	const most = 28
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// Reduction is a picture of a quiver before and after a reduction, side by side, with vertices drawn to one scale.
func Reduction(before, after *quiver.Quiver) Drawing { return &reduction{before, after} }

type reduction struct{ before, after *quiver.Quiver }

// DOT returns both quivers as one graph for Graphviz.
func (r *reduction) DOT() string {
	if r.before == nil || r.after == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("digraph reduction {\n\trankdir=LR;\n")
	for i, q := range []*quiver.Quiver{r.before, r.after} {
		name := [...]string{"before", "after"}[i]
		fmt.Fprintf(&b, "\tsubgraph cluster_%s {\n\t\tlabel=\"%s: %d numbers\";\n", name, name, q.NumParams())
		for k, v := range q.Vertices() {
			fmt.Fprintf(&b, "\t\t%s%d [label=\"%s\\n%d\"];\n", name, k, dotText(v.Name), v.Dim)
		}
		for _, a := range q.Arrows() {
			fmt.Fprintf(&b, "\t\t%s%d -> %s%d;\n", name, a.Source, name, a.Target)
		}
		b.WriteString("\t}\n")
	}
	b.WriteString("}\n")
	return b.String()
}

// scenes returns both quivers, to one scale.
func (r *reduction) scenes() []*scene {
	a, b := sceneOf(r.before, nil), sceneOf(r.after, nil)
	a.title[0], b.title[0] = "Before", "After"
	scale := scaleOf(a, b)
	a.scale, b.scale = scale, scale
	return []*scene{a, b}
}

// dotText writes a text inside the quotes of a label.
func dotText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "&", "&amp;").Replace(s)
}
