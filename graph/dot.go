package graph

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// colours of the passes, and of inputs.
var colours = map[Pass]string{ForwardPass: "lightgrey", LossPass: "khaki", BackwardPass: "lightblue", SecondPass: "plum"}

// DOT returns the part of the expression graph that the expression needs, for Graphviz:
// nodes by their ids, arguments numbered on the edges, a cluster for each vertex, and
// forward, loss and gradient nodes in different colours. The text is the same at each call,
// and for each program compiled from the same quiver.
func (x *Expr) DOT() string {
	must(x.made())
	var b strings.Builder
	b.WriteString("digraph expression {\n\trankdir=BT;\n\tnode [shape=box, style=filled];\n")
	nodes := x.Nodes()
	r := &reader{Expr: x, need: make(map[*gorgonia.Node]bool), names: x.labels.symbol}
	id := make(map[*gorgonia.Node]int) // by position, so that dead nodes of the graph do not show
	for i, n := range nodes {
		r.need[n], id[n] = true, i
	}
	clusters := []string{""}
	of := make(map[string]gorgonia.Nodes)
	for _, n := range nodes {
		v := x.labels.origin[n].Vertex
		if of[v] == nil && v != "" {
			clusters = append(clusters, v)
		}
		of[v] = append(of[v], n)
	}
	for i, v := range clusters {
		indent := "\t"
		if v != "" {
			fmt.Fprintf(&b, "\tsubgraph cluster_%d {\n\t\tlabel=%s;\n\t\tcolor=grey;\n", i, quoted(v))
			indent = "\t\t"
		}
		for _, n := range of[v] {
			colour := colours[x.labels.origin[n].Pass]
			if len(op.Children(n)) == 0 {
				colour = "white"
			}
			extra := ""
			if n == x.node {
				extra = ", penwidth=3"
			}
			fmt.Fprintf(&b, "%sn%d [label=%s, fillcolor=%s%s];\n", indent, id[n], quoted(r.caption(n)), colour, extra)
		}
		if v != "" {
			b.WriteString("\t}\n")
		}
	}
	for _, n := range nodes {
		for i, c := range op.Children(n) {
			fmt.Fprintf(&b, "\tn%d -> n%d [label=\"%d\"];\n", id[c], id[n], i)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// caption is the name of a node, where it has one, and what it does with its arguments a,
// b, …
func (r *reader) caption(n *gorgonia.Node) string {
	name := ""
	if s := r.labels.symbol[n]; s != nil {
		name = s.String()
	} else if n == r.node {
		name = r.name.String()
	}
	children := op.Children(n)
	if len(children) == 0 {
		return name
	}
	letters := make(map[*gorgonia.Node]*formula)
	for i, c := range children {
		if letters[c] == nil {
			s := fmt.Sprint(i)
			letters[c] = symbolOf("#"+s, s)
		}
	}
	placed := &reader{Expr: &Expr{p: r.p, e: r.e, labels: labels{symbol: letters}}, need: map[*gorgonia.Node]bool{}, names: letters}
	does := placed.formula(n).String()
	if name == "" {
		return does
	}
	return name + "\n" + does
}

var quotes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// quoted writes a string for Graphviz.
func quoted(s string) string { return `"` + quotes.Replace(s) + `"` }
