package quiver

import (
	"fmt"
	"strings"
)

// String describes the quiver in lines that a person reads: the vertices in
// topological order, each with the arrows that reach it.
func (q *Quiver) String() string {
	if q == nil {
		return "<nil>"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "quiver with %d vertices, %d arrows, %d parameters\n", len(q.vertices), len(q.arrows), q.size)
	for i, v := range q.vertices {
		fmt.Fprintf(&b, "  %s %s, dimension %d", v.Kind, v.Name, v.Dim)
		if v.Act != nil {
			fmt.Fprintf(&b, ", %s", v.Act)
		}
		b.WriteByte('\n')
		for _, k := range q.in[i] {
			a := q.arrows[k]
			fmt.Fprintf(&b, "    %s, %d×%d", a.Name, a.Rows, a.Cols)
			if in, ok := q.fixed[k].(Inclusion); ok {
				fmt.Fprintf(&b, ", fixed %v", in)
			} else if a.Fixed {
				b.WriteString(", fixed")
			}
			if a.TiedTo != "" {
				fmt.Fprintf(&b, ", tied to %s", a.TiedTo)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// DOT returns the quiver in the language of Graphviz, the same text at each call.
// Fixed arrows are dashed, tied ones carry the owner's name.
func (q *Quiver) DOT() string {
	q.must()
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;").Replace // Graphviz reads entities in labels
	shape := [...]string{KindInput: "box", KindBias: "plaintext", KindHidden: "ellipse", KindOutput: "doubleoctagon"}
	var b strings.Builder
	b.WriteString("digraph quiver {\n\trankdir=LR;\n")
	for i, v := range q.vertices {
		label := fmt.Sprintf("%s\\n%d", escape(v.Name), v.Dim)
		if v.Act != nil {
			label += "\\n" + escape(v.Act.String())
		}
		fmt.Fprintf(&b, "\tv%d [label=\"%s\", shape=%s];\n", i, label, shape[v.Kind])
	}
	for _, a := range q.arrows {
		label, style := a.Name, "solid"
		if a.Fixed {
			style = "dashed"
		}
		if a.TiedTo != "" {
			label += " = " + a.TiedTo
		}
		fmt.Fprintf(&b, "\tv%d -> v%d [label=\"%s\", style=%s];\n", a.Source, a.Target, escape(label), style)
	}
	b.WriteString("}\n")
	return b.String()
}

// short cuts a text from a file to what an error can show.
func short(s string) string {
	if len(s) > 64 {
		return strings.ToValidUTF8(s[:64], "") + "…"
	}
	return s
}
