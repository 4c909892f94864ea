package inspect

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// Wiring gives the inputs of the nodes of one graph. Gorgonia looks a node up by its id in a table that
// it does not correct when a node is removed, and some of its own functions remove nodes:
// gorgonia.Log does, for a logarithm of 1 − x, and with it gorgonia.BinaryXent. A subgraph has a
// table of its own, so where the graph's is stale that of a subgraph is asked.
type Wiring struct{ fresh *gorgonia.ExprGraph }

// WiringOf returns the wiring of a graph.
func WiringOf(g *gorgonia.ExprGraph) Wiring {
	all := g.AllNodes()
	if !slices.ContainsFunc(all, func(n *gorgonia.Node) bool { return g.Node(n.ID()) != n }) {
		return Wiring{}
	}
	return Wiring{g.ExactSubgraphRoots(all...)}
}

// IsStale says that the table of the graph is wrong for some nodes.
func (w Wiring) IsStale() bool { return w.fresh != nil }

// Children returns the inputs of a node, in the order of the operation's arguments.
func (w Wiring) Children(n *gorgonia.Node) gorgonia.Nodes {
	if _, own := n.Op().(*op.Op); own || w.fresh == nil {
		return op.Children(n)
	}
	it := w.fresh.From(n.ID())
	if it == nil {
		return nil
	}
	var cs gorgonia.Nodes
	for it.Next() {
		if c, ok := it.Node().(*gorgonia.Node); ok {
			cs = append(cs, c)
		}
	}
	return cs
}

// Ancestors returns the nodes that the given ones depend on, themselves included, sorted by id.
func (w Wiring) Ancestors(ns gorgonia.Nodes) gorgonia.Nodes { return op.AncestorsBy(ns, w.Children) }
