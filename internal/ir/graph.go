package ir

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
)

// Graph is the representation of a Gorgonia graph.
type Graph struct {
	Nodes     []*Node
	Roots     []*Node
	Of        map[*gorgonia.Node]*Node // what stands for a node of the old graph
	Wiring    inspect.Wiring           // of the old graph
	Applied   map[string]int           // how often each rule was used
	Notes     []string                 // what the report tells of the reading, each a sentence
	Divides   bool                     // some node tells +0 from −0
	KeepsDead bool                     // what no root needs stands here, too
	Backward  map[*Node]bool           // gradients, what is made of them, and what only they read
}

// Rule replaces a node by a simpler one of the same value, or changes the whole graph.
type Rule struct {
	Name     string
	Simplify func(*Graph, *Node) *Node // returns nil where the rule does not apply
	Fold     func(*Graph)              // runs once, after all nodes were read
}

// Settings say what the inputs of a graph are for and how it is read.
type Settings struct {
	Weights, Data, Fixed gorgonia.Nodes
	KeepDead             bool // also what no root needs
	Rules                []Rule
}

// Read makes the representation of what the roots need, applying the rules on the way.
func Read(roots gorgonia.Nodes, set Settings) *Graph {
	g := roots[0].Graph()
	wires := inspect.WiringOf(g)
	live := wires.Ancestors(roots)
	all := g.AllNodes()
	statements := 0
	for _, n := range all {
		if inspect.IsStatement(n.Op()) {
			statements++
		}
	}
	if set.KeepDead {
		live = slices.DeleteFunc(slices.Clone(all), func(n *gorgonia.Node) bool { return inspect.IsStatement(n.Op()) })
		slices.SortFunc(live, func(a, b *gorgonia.Node) int { return int(a.ID() - b.ID()) })
	}
	a := &Graph{Of: make(map[*gorgonia.Node]*Node), Applied: make(map[string]int), Wiring: wires, KeepsDead: set.KeepDead}
	read := make(map[*gorgonia.Node]int)
	if dead := len(all) - len(live) - statements; dead > 0 {
		a.Applied["dead"] = dead
	}
	if dropped := gradients(all) - gradients(live); dropped > 0 {
		a.Notes = append(a.Notes, fmt.Sprintf("%d gradient nodes that no root needs are not carried over; differentiate the new graph.", dropped))
	}
	if statements > 0 {
		a.Notes = append(a.Notes, fmt.Sprintf("%d statements, such as Read, have no value and are not carried over.", statements))
	}
	for _, n := range live {
		a.Divides = a.Divides || divides(n, wires.Children(n))
		for _, c := range wires.Children(n) {
			read[c]++
		}
	}
	for _, n := range live {
		e := &Node{Old: n, Op: n.Op(), Kind: inspect.KindOf(n.Op()), Shape: n.Shape(), ID: len(a.Nodes), Reads: read[n]}
		e.Dtype = inspect.DtypeOf(n)
		for _, c := range wires.Children(n) {
			e.In = append(e.In, a.through(e, a.Of[c]))
		}
		if len(e.In) == 0 {
			set.input(a, e)
		}
		a.Add(e)
		a.simplify(e, set.Rules)
	}
	for _, n := range roots {
		e := a.Of[n]
		if e.Same != nil {
			e = e.Same
		}
		e.Root = true
		a.Roots = append(a.Roots, e)
	}
	for _, r := range set.Rules {
		if r.Fold != nil {
			r.Fold(a)
		}
	}
	for i, n := range roots { // one that was folded may be a root
		if e := a.Of[n].Same; e != nil {
			a.Roots[i], e.Root = e, true
		}
	}
	a.link()
	a.findBackward()
	return a
}

// gradients counts the nodes that are gradients of others.
func gradients(ns gorgonia.Nodes) int {
	k := 0
	for _, n := range ns {
		if len(n.DerivOf()) > 0 {
			k++
		}
	}
	return k
}

// divides says whether a node may tell +0 from −0: it divides by something, other than a
// constant, or is not known.
func divides(n *gorgonia.Node, in gorgonia.Nodes) bool {
	switch inspect.KindOf(n.Op()).Name {
	case "÷", "^":
		c, ok := (&Node{Value: in[1].Value()}).Number()
		return !ok || in[1].Op() == nil || !(c > 0)
	case "inv", "invSqrt", "":
		return true
	}
	return false
}

// Add puts a node at the end and returns it.
func (a *Graph) Add(e *Node) *Node {
	a.Nodes = append(a.Nodes, e)
	if e.Old != nil {
		a.Of[e.Old] = e
	}
	return e
}

// through returns what user reads instead of e. A repetition keeps the reshape before it:
// Gorgonia's derivative of a repetition drops an axis, and that of the reshape restores it.
func (a *Graph) through(user, e *Node) *Node {
	if e.Same == nil || user.Kind.Name == "repeat" && e.Kind.Name == "reshape" {
		return e
	}
	return e.Same
}

// input decides what an input is for.
func (set Settings) input(a *Graph, e *Node) {
	n := e.Old
	e.Role, e.Value = Data, n.Value()
	switch {
	case e.Op != nil && e.Kind.Name == "constant":
		e.Role = Fixed
	case e.Op != nil: // random numbers
		e.Value = nil
	case slices.Contains(set.Weights, n):
		e.Role = Weight
	case slices.Contains(set.Fixed, n):
		e.Role = Fixed
	case slices.Contains(set.Data, n) || e.Value == nil || !inspect.IsFloat(e.Dtype):
	case len(set.Weights) == 0:
		e.Role = Weight
	default:
		a.Notes = append(a.Notes, fmt.Sprintf("input %q holds a value and is in none of Weights, Data and Fixed; it is taken for data.", inspect.NameOf(n)))
	}
}

// simplify looks for a simpler expression of the value of e.
func (a *Graph) simplify(e *Node, rules []Rule) {
	for _, r := range rules {
		if r.Simplify == nil {
			continue
		}
		s := r.Simplify(a, e)
		if s == nil {
			continue
		}
		if s.Same != nil {
			s = s.Same
		}
		e.Same, e.Rule = s, r.Name
		return
	}
}
