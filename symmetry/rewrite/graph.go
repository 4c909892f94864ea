package rewrite

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
)

// arena holds the expressions of one graph, in topological order.
type arena struct {
	exprs   []*expr
	of      map[*gorgonia.Node]*expr
	roots   []*expr
	applied map[string]int // how often each rule was used
	notes   []string
	divides bool // some node tells +0 from −0
	all     bool // nothing counts as dead
	wires   wiring

	backward map[*expr]bool // gradients, what is made of them, and what only they read
}

// simplification is a rule that replaces a node by a simpler one of the same value, or changes the whole graph.
type simplification struct {
	name     string
	simplify func(*arena, *expr) *expr // nil where it does not apply
	fold     func(*arena)              // after all nodes were read
}

// settings say what the inputs of a graph are for and how it is read.
type settings struct {
	weights, data, fixed gorgonia.Nodes
	all                  bool // also what no root needs
	rules                []simplification
}

// read makes the representation of what the roots need, applying the rules on the way.
func read(roots gorgonia.Nodes, set settings) *arena {
	g := roots[0].Graph()
	wires := wired(g)
	live := wires.ancestors(roots)
	all := g.AllNodes()
	statements := 0
	for _, n := range all {
		if statement(n.Op()) {
			statements++
		}
	}
	if set.all {
		live = slices.DeleteFunc(slices.Clone(all), func(n *gorgonia.Node) bool { return statement(n.Op()) })
		slices.SortFunc(live, func(a, b *gorgonia.Node) int { return int(a.ID() - b.ID()) })
	}
	a := &arena{of: make(map[*gorgonia.Node]*expr), applied: make(map[string]int), wires: wires, all: set.all}
	read := make(map[*gorgonia.Node]int)
	if dead := len(all) - len(live) - statements; dead > 0 {
		a.applied["dead"] = dead
	}
	if dropped := gradients(all) - gradients(live); dropped > 0 {
		a.notes = append(a.notes, fmt.Sprintf("%d gradient nodes that no root needs are not carried over; differentiate the new graph.", dropped))
	}
	if statements > 0 {
		a.notes = append(a.notes, fmt.Sprintf("%d statements, such as Read, have no value and are not carried over.", statements))
	}
	for _, n := range live {
		a.divides = a.divides || divides(n, wires.children(n))
		for _, c := range wires.children(n) {
			read[c]++
		}
	}
	for _, n := range live {
		e := &expr{old: n, op: n.Op(), kind: kindOf(n.Op()), shape: n.Shape(), id: len(a.exprs), read: read[n]}
		e.dt = dtype(n)
		for _, c := range wires.children(n) {
			e.in = append(e.in, a.through(e, a.of[c]))
		}
		if len(e.in) == 0 {
			set.input(a, e)
		}
		a.add(e)
		a.simplify(e, set.rules)
	}
	for _, n := range roots {
		e := a.of[n]
		if e.same != nil {
			e = e.same
		}
		e.root = true
		a.roots = append(a.roots, e)
	}
	for _, r := range set.rules {
		if r.fold != nil {
			r.fold(a)
		}
	}
	for i, n := range roots { // one that was folded may be a root
		if e := a.of[n].same; e != nil {
			a.roots[i], e.root = e, true
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
	switch kindOf(n.Op()).name {
	case "÷", "^":
		c, ok := (&expr{value: in[1].Value()}).number()
		return !ok || in[1].Op() == nil || !(c > 0)
	case "inv", "invSqrt", "":
		return true
	}
	return false
}

// add puts an expression at the end and returns it.
func (a *arena) add(e *expr) *expr {
	a.exprs = append(a.exprs, e)
	if e.old != nil {
		a.of[e.old] = e
	}
	return e
}

// through returns what user reads instead of e. A repetition keeps the reshape before it:
// Gorgonia's derivative of a repetition drops an axis, and that of the reshape restores it.
func (a *arena) through(user, e *expr) *expr {
	if e.same == nil || user.kind.name == "repeat" && e.kind.name == "reshape" {
		return e
	}
	return e.same
}

// input decides what an input is for.
func (set settings) input(a *arena, e *expr) {
	n := e.old
	e.role, e.value = data, n.Value()
	switch {
	case e.op != nil && e.kind.name == "constant":
		e.role = fixed
	case e.op != nil: // random numbers
		e.value = nil
	case slices.Contains(set.weights, n):
		e.role = weight
	case slices.Contains(set.fixed, n):
		e.role = fixed
	case slices.Contains(set.data, n) || e.value == nil || !isFloat(e.dt):
	case len(set.weights) == 0:
		e.role = weight
	default:
		a.notes = append(a.notes, fmt.Sprintf("input %q holds a value and is in none of Weights, Data and Fixed; it is taken for data.", nameOf(n)))
	}
}

// simplify looks for a simpler expression of the value of e.
func (a *arena) simplify(e *expr, rules []simplification) {
	for _, r := range rules {
		if r.simplify == nil {
			continue
		}
		s := r.simplify(a, e)
		if s == nil {
			continue
		}
		if s.same != nil {
			s = s.same
		}
		e.same, e.rule = s, r.name
		return
	}
}
