package rewrite

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
)

// lists checks the lists of the Rewriter against the graph.
func (r Rewriter) lists(g *gorgonia.ExprGraph) error {
	known := Rules()
	for _, name := range r.Disable {
		if !slices.ContainsFunc(known, func(k Rule) bool { return k.Name == name }) {
			var names []string
			for _, k := range known {
				names = append(names, k.Name)
			}
			return &UnknownRuleError{name, names}
		}
	}
	for _, l := range []struct {
		list  string
		nodes gorgonia.Nodes
	}{{"Weights", r.Weights}, {"Data", r.Data}, {"Fixed", r.Fixed}} {
		for _, n := range l.nodes {
			switch {
			case n == nil:
				return &InputError{l.list, "", "is nil"}
			case n.Graph() != g:
				return &InputError{l.list, inspect.NameOf(n), "belongs to another graph"}
			case n.Op() != nil:
				return &InputError{l.list, inspect.NameOf(n), "is not an input but the result of an operation"}
			case l.list != "Data" && n.Value() == nil:
				return &InputError{l.list, inspect.NameOf(n), "holds no value; give it one with gorgonia.Let"}
			case l.list != "Weights" && slices.Contains(r.Weights, n):
				return &InputError{l.list, inspect.NameOf(n), "is in Weights too"}
			case l.list == "Data" && slices.Contains(r.Fixed, n):
				return &InputError{l.list, inspect.NameOf(n), "is in Fixed too; a value that comes with each run does change"}
			}
		}
	}
	return nil
}

// check returns what is wrong with the roots.
func check(roots gorgonia.Nodes) error {
	if len(roots) == 0 {
		return &GraphError{"", "no roots; give the nodes whose values count"}
	}
	for _, n := range roots {
		switch {
		case n == nil:
			return &GraphError{"", "a root is nil"}
		case n.Graph() == nil:
			return &GraphError{inspect.NameOf(n), "it belongs to no graph"}
		case n.Graph() != roots[0].Graph():
			return &GraphError{inspect.NameOf(n), "it belongs to another graph than the first root; rewrite one graph at a time"}
		case inspect.IsStatement(n.Op()):
			return &GraphError{inspect.NameOf(n), "it is a statement and has no value; give the node that it reads"}
		}
	}
	g := roots[0].Graph()
	in := make(map[*gorgonia.Node]bool)
	for _, n := range g.AllNodes() {
		in[n] = true
	}
	for _, n := range inspect.WiringOf(g).Ancestors(roots) {
		if !in[n] {
			return &GraphError{inspect.NameOf(n), "it was removed from the graph, and a root needs it; build the graph again without removing nodes"}
		}
	}
	return nil
}
