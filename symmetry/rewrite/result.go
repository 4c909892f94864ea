package rewrite

import (
	"fmt"
	"sort"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/rebuild"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// Result is a rewritten graph.
type Result struct {
	Graph *gorgonia.ExprGraph
	Roots gorgonia.Nodes // in the order given
	// Map gives for a node of the old graph the new one with the same value. Nodes inside a
	// region whose coordinates changed, weights that changed and dead nodes are not in it.
	Map map[*gorgonia.Node]*gorgonia.Node
	// Weights are the trainable inputs of the new graph, in the order of the old ones; Fixed
	// are matrices that must not be trained: those given, and those that the rewriting made.
	Weights, Fixed gorgonia.Nodes
	Certificate    Certificate
	Report         Report
	// Units is what removed dead, constant and equal units from the lifted quiver; nil where none went that way.
	Units *symmetry.Compression
	// Compression is what symmetry made of the lifted quiver, without those units; nil where nothing shrank.
	Compression *symmetry.Compression
	// Lifted reads and writes the weights of the old graph as a representation of the quiver.
	Lifted *Lifted
}

// Counts measures a graph, as far as the roots need it.
type Counts struct {
	Nodes      int
	Parameters int // numbers in the trainable inputs
	Fixed      int // numbers in the matrices and vectors that never change
	Operations int // multiplications and additions of one run
}

// Numbers returns how many numbers the graph holds, trainable and fixed ones.
func (c Counts) Numbers() int { return c.Parameters + c.Fixed }

// Change is a vertex that shrank.
type Change struct {
	Node     string
	From, To int
	Reason   string
}

// Left is a node that was left alone, and why, in a sentence that names it.
type Left struct{ Node, Reason string }

// Report tells what was done.
type Report struct {
	Before, After Counts
	Changes       []Change
	Left          []Left
	Rules         map[string]int // how often each rule was used
	Notes         []string
}

// String returns the report that a person reads.
func (r Report) String() string {
	var b strings.Builder
	from, to := r.Before, r.After
	fmt.Fprintf(&b, "nodes %d→%d, parameters %d→%d, ", from.Nodes, to.Nodes, from.Parameters, to.Parameters)
	if from.Fixed > 0 || to.Fixed > 0 {
		fmt.Fprintf(&b, "fixed numbers %d→%d, ", from.Fixed, to.Fixed)
	}
	fmt.Fprintf(&b, "operations %d→%d\n", from.Operations, to.Operations)
	for _, c := range r.Changes {
		fmt.Fprintf(&b, "  node %q: width %d→%d: %s\n", c.Node, c.From, c.To, c.Reason)
	}
	for _, l := range r.Left {
		fmt.Fprintf(&b, "  %s\n", l.Reason)
	}
	var names []string
	for name, n := range r.Rules {
		if n > 0 {
			names = append(names, fmt.Sprintf("%s %d", name, n))
		}
	}
	if sort.Strings(names); len(names) > 0 {
		fmt.Fprintf(&b, "  rules used: %s\n", strings.Join(names, ", "))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "  %s\n", n)
	}
	return b.String()
}

// String returns the report and the certificate.
func (r *Result) String() string {
	if r == nil {
		return "no result\n"
	}
	return r.Report.String() + r.Certificate.String() + "\n"
}

func (r Rewriter) result(b *rebuild.Builder, roots gorgonia.Nodes, w *quiver.Rep, plan *plan) *Result {
	a := b.Reduction.Regions.Graph
	res := &Result{Graph: b.Graph, Roots: b.Roots(), Weights: b.Trainable(), Map: make(map[*gorgonia.Node]*gorgonia.Node), Fixed: b.Fixed, Compression: b.Reduction.Compression, Units: b.Reduction.Units, Lifted: &Lifted{l: b.Reduction.Regions, rep: w}}
	for n, e := range a.Of {
		if m := b.Equal(e); m != nil {
			res.Map[n] = m
		}
	}
	p := &res.Report
	p.Rules, p.Notes = a.Applied, a.Notes
	var weights, fixed gorgonia.Nodes
	for _, n := range a.Wiring.Ancestors(roots) {
		switch e := a.Of[n]; {
		case e == nil:
		case e.Role == ir.Weight:
			weights = append(weights, n)
		case ir.IsMatrix(e):
			fixed = append(fixed, n)
		}
	}
	p.Before, p.After = count(a.Wiring, roots, weights, fixed), count(inspect.Wiring{}, res.Roots, res.Weights, res.Fixed)
	p.Changes, p.Left = changes(b.Reduction), left(b.Reduction, plan)
	return res
}

// count measures what the roots need.
func count(w inspect.Wiring, roots, weights, fixed gorgonia.Nodes) Counts {
	var c Counts
	for _, n := range w.Ancestors(roots) {
		c.Nodes++
		c.Operations += inspect.Operations(n, w.Children(n))
	}
	for _, n := range weights {
		c.Parameters += max(n.Shape().TotalSize(), 1)
	}
	for _, n := range fixed {
		c.Fixed += max(n.Shape().TotalSize(), 1)
	}
	return c
}
