package symbolic

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// colours of the passes, and of inputs.
var colours = map[Pass]string{ForwardPass: "#e8eef4", LossPass: "#f6ecd0", BackwardPass: "#dcebe0", SecondPass: "#ece2f2"}

// largest is how many vertices, biases not counted, the picture of a gradient as boxes can have before it is the
// quiver backward that is drawn.
const largest = 8

// DOT returns the expression as a picture for Graphviz. One of at most 8 vertices, and one that has no gradient in it, is drawn as
// boxes: one for each line of String with its formula inside, and an edge from each named value and input to the formulas in which it
// stands. Backward edges point against the quiver, so that each gradient stands at the height of its vertex. A
// gradient in a larger quiver is drawn as the quiver backward: its vertices, with δ where the gradient passes, and
// its arrows, reversed and with their matrices where gradients run along them. Biases are not drawn; the attribute bias of a vertex
// names them. Show chooses the picture and the part. The text is the same at each call, and for each program compiled
// from the same quiver. Nodes and edges have a class (input, forward, loss, backward, second, idle), vertices a dim.
func (x *Expr) DOT() string {
	if x.none() {
		return "digraph values {\n}\n"
	}
	lines := x.shown()
	if x.view.picture == onlyQuiver || x.view.picture == bySize && x.numVertices() > largest {
		if d := x.deltas(); len(d) > 0 {
			return x.backwardDOT(lines, d)
		}
	}
	return x.boxesDOT(lines)
}

// head begins a picture. The tooltip tells how large the graph is that computes what is drawn.
func (x *Expr) head(b *strings.Builder, kind, direction string) {
	fmt.Fprintf(b, "digraph %s {\n\trankdir=%s;\n\ttooltip=\"%d nodes of the expression graph\";\n", kind, direction, len(x.Nodes()))
	fmt.Fprintf(b, "\tlabel=%s;\n\tlabelloc=t;\n", quoted(x.name.String()))
	b.WriteString("\tfontname=\"Helvetica,Arial,sans-serif\";\n\tnode [shape=box, style=\"rounded,filled\", color=\"#8794a1\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=12];\n" +
		"\tedge [color=\"#8794a1\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=10];\n")
}

// boxesDOT draws named values.
func (x *Expr) boxesDOT(lines []equation) string {
	var b strings.Builder
	x.head(&b, "values", "TB")
	id := make(map[*gorgonia.Node]string)
	for v, n := range x.e.Vertex { // the inputs
		if k := x.p.model.Vertices[v].Kind; n == nil || k != quiver.KindInput {
			continue
		}
		for _, l := range lines {
			for _, u := range l.uses {
				if u == n && id[n] == "" {
					id[n] = fmt.Sprintf("x%d", v)
					fmt.Fprintf(&b, "\t%s [label=%s, class=input, fillcolor=\"#ffffff\"];\n", id[n], quoted(x.p.model.Vertices[v].Name))
				}
			}
		}
	}
	rows := make(map[string][]string) // of each vertex, the values that stand at one height
	for i, l := range lines {
		id[l.node] = fmt.Sprintf("n%d", i)
		extra := ""
		if l.node == x.node {
			extra = ", penwidth=2"
		}
		text := strings.Join(wrapped(l.left.String()+" = "+l.right.String(), boxWidth, boxRows), "\n")
		fmt.Fprintf(&b, "\t%s [label=%s, class=%s, fillcolor=\"%s\", group=%s%s];\n", id[l.node], quoted(text), l.pass, colours[l.pass], l.pass, extra)
		if s := x.labels.symbol[l.node]; s != nil && (s.Head == "z" || s.Head == "δ") {
			rows[l.vertex] = append(rows[l.vertex], id[l.node])
		}
	}
	for i, v := range x.p.model.Vertices {
		if len(rows[v.Name]) > 1 && !slices.Contains(x.p.model.LossAt, i) { // δ of an output stands below its loss
			fmt.Fprintf(&b, "\t{ rank=same; %s }\n", strings.Join(rows[v.Name], "; "))
		}
	}
	for _, l := range lines {
		for _, u := range l.uses {
			from, to, attr := id[u], id[l.node], fmt.Sprintf("class=%s", l.pass)
			if from == "" || from == to {
				continue
			}
			if used := x.labels.origin[u].Pass; l.pass == BackwardPass {
				if used == BackwardPass {
					from, to = to, from
					attr += ", dir=back"
				} else if used == ForwardPass {
					attr += ", constraint=false"
				}
			}
			fmt.Fprintf(&b, "\t%s -> %s [%s];\n", from, to, attr)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// How many characters a row in a box has, and how many rows.
const (
	boxWidth = 46
	boxRows  = 4
)

// wrapped breaks a formula before the signs of its sums, and leaves out the middle of a very long one.
func wrapped(s string, width, most int) []string {
	parts := strings.SplitAfter(s, " ") // names have no white space
	term := longestTerm(parts)
	rows := []string{""}
	for _, p := range parts {
		last := &rows[len(rows)-1]
		if sign := p == "+ " || p == "− "; sign && formula.Length(*last) >= width/2 && formula.Length(*last)+term > width {
			rows = append(rows, "  ")
			last = &rows[len(rows)-1]
		}
		*last += p
	}
	for i := range rows {
		rows[i] = strings.TrimRight(rows[i], " ")
	}
	if len(rows) > most {
		rows = append(append(rows[:most-2:most-2], fmt.Sprintf("  … (%d rows)", len(rows)-most+1)), rows[len(rows)-1])
	}
	return rows
}

func longestTerm(parts []string) (n int) {
	for _, p := range parts {
		n = max(n, formula.Length(p))
	}
	return n + 2
}

// numVertices returns how many vertices have a part in the expression, biases not counted.
func (x *Expr) numVertices() (k int) {
	for v := range x.vertices() {
		if x.p.model.Vertices[v].Kind != quiver.KindBias {
			k++
		}
	}
	return k
}

// vertices returns the positions of the vertices that have a part in the expression.
func (x *Expr) vertices() map[int]bool {
	seen := make(map[int]bool)
	for _, n := range x.Nodes() {
		if v, ok := x.p.model.Quiver.VertexIndex(x.labels.origin[n].Vertex); ok {
			seen[v] = true
		}
	}
	return seen
}

// deltas returns the vertices where the expression has a gradient, and its symbol.
func (x *Expr) deltas() map[int]*formula.Formula {
	d := make(map[int]*formula.Formula)
	for _, n := range x.Nodes() {
		if s := x.labels.symbol[n]; s != nil && s.Head == "δ" {
			d[x.indexOf(s.Index)] = s
		}
	}
	if x.name.Head == "∂L" && x.name.Args[0].Head == "vertex" {
		d[x.indexOf(x.name.Args[0].Index)] = x.name
	}
	return d
}

// backwardDOT draws the quiver backward.
func (x *Expr) backwardDOT(lines []equation, deltas map[int]*formula.Formula) string {
	var b strings.Builder
	x.head(&b, "backward", "LR")
	drawn := x.vertices()
	if x.view.chosen || x.view.limited {
		clear(drawn)
		for _, l := range lines {
			if v, ok := x.p.model.Quiver.VertexIndex(l.vertex); ok {
				drawn[v] = true
			}
		}
	}
	var arrows []quiver.Arrow
	biases := make(map[int][]string)
	for _, a := range x.p.model.Arrows {
		switch {
		case x.p.model.Vertices[a.Source].Kind == quiver.KindBias:
			biases[a.Target] = append(biases[a.Target], a.From)
		case drawn[a.Source] && drawn[a.Target]:
			arrows = append(arrows, a)
		}
	}
	for v, vertex := range x.p.model.Vertices {
		if !drawn[v] || vertex.Kind == quiver.KindBias {
			continue
		}
		label, class, colour := vertex.Name, "idle", "#ffffff"
		if d := deltas[v]; d != nil {
			label, class, colour = label+"\n"+d.String(), "backward", colours[BackwardPass]
		}
		extra := ""
		if len(biases[v]) > 0 {
			extra = fmt.Sprintf(", bias=%s", quoted(strings.Join(biases[v], " ")))
		}
		fmt.Fprintf(&b, "\tv%d [label=%s, class=%s, fillcolor=\"%s\", kind=%s, dim=%d%s];\n", v, quoted(label), class, colour, vertex.Kind, vertex.Dim, extra)
	}
	for _, a := range arrows {
		class, label, dir := "idle", "", ""
		s := x.matrixSymbol(a)
		if deltas[a.Source] != nil && deltas[a.Target] != nil {
			class, dir = "backward", ", dir=back"
			if len(arrows) <= fewArrows || s.Index != a.From+"→"+a.To {
				label = s.String()
			}
		}
		if x.asks(a) {
			class, label = "asked", x.name.String()
			dir = ", dir=back, penwidth=2"
		}
		fmt.Fprintf(&b, "\tv%d -> v%d [class=%s, label=%s, tooltip=%s%s];\n", a.Source, a.Target, class, quoted(label), quoted(s.String()), dir)
	}
	x.lossDOT(&b, drawn)
	b.WriteString("}\n")
	return b.String()
}

// fewArrows is how many arrows can have their matrix written beside them when its name says no more than their ends.
const fewArrows = 16

// matrixSymbol is the symbol of the matrix of an arrow; tied arrows have that of its owner.
func (x *Expr) matrixSymbol(a quiver.Arrow) *formula.Formula {
	name := a.Name
	if a.TiedTo != "" {
		name = a.TiedTo
	}
	letter := "W"
	if i, _ := x.p.model.Quiver.ArrowIndex(a.Name); a.Fixed {
		letter = "F"
		if _, ok := x.p.model.Quiver.Fixed(i).(quiver.Inclusion); ok {
			letter = "I"
		}
	}
	return formula.Indexed(letter, letter, model.ArrowName(name))
}

// asks says that the expression is the gradient in the matrix of an arrow.
func (x *Expr) asks(a quiver.Arrow) bool {
	if x.name.Head != "∂L" || x.name.Args[0].Head != "W" || a.Fixed {
		return false
	}
	return x.name.Args[0].Index == x.matrixSymbol(a).Index
}

// lossDOT draws the loss and what it sends back.
func (x *Expr) lossDOT(b *strings.Builder, drawn map[int]bool) {
	need := make(map[*gorgonia.Node]bool)
	for _, n := range op.Ancestors(gorgonia.Nodes{x.node}) {
		need[n] = true
	}
	first := true
	for i, l := range x.p.model.Losses {
		if v := x.p.model.LossAt[i]; drawn[v] && need[x.e.Target[i]] {
			if first {
				fmt.Fprintf(b, "\tloss [label=L, class=loss, fillcolor=\"%s\"];\n", colours[LossPass])
				first = false
			}
			fmt.Fprintf(b, "\tv%d -> loss [class=backward, label=%s, dir=back];\n", v, quoted(l.Loss.Name))
		}
	}
}

var quotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "&", "&amp;")

// quoted writes a label for Graphviz, which reads backslashes and entities in it.
func quoted(s string) string { return `"` + quotes.Replace(s) + `"` }
