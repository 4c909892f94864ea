package rewrite

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// role says what an input of the graph is for.
type role uint8

const (
	noRole role = iota // not an input
	data               // a value that comes with each run
	weight             // a trainable matrix or vector
	fixed              // a matrix that never changes
)

// expr is a node of the graph while it is rewritten. in are the inputs after the
// rules were applied; old is the node that it stands for, nil for one that a rule made.
type expr struct {
	old   *gorgonia.Node
	op    gorgonia.Op
	kind  kind
	in    []*expr
	shape tensor.Shape
	dt    tensor.Dtype
	uses  []*expr // who reads it, each once
	root  bool
	role  role
	moved bool           // the new value is not that of the node: a normalisation went in or out
	value gorgonia.Value // of an input or a constant
	same  *expr          // a simpler expression of the same value
	rule  string         // that found it
	id    int
	read  int            // how often the old graph reads it
	label *gorgonia.Node // the node that a made expression stands for
}

func (e *expr) name() string {
	if e.old == nil {
		return nameOf(e.label)
	}
	return nameOf(e.old)
}

// scalar says whether the node has no axes in Gorgonia's types.
func (e *expr) scalar() bool { return len(e.shape) == 0 }

// number returns the value of a scalar constant, or of a scalar input with a value.
func (e *expr) number() (float64, bool) {
	if !e.scalar() || e.value == nil {
		return 0, false
	}
	switch x := e.value.Data().(type) {
	case float64:
		return x, true
	case float32:
		return float64(x), true
	case []float64:
		return x[0], len(x) == 1
	case []float32:
		return float64(x[0]), len(x) == 1
	}
	return 0, false
}

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
	off     map[string]bool // rules that are off
	rules   []rule

	backward map[*expr]bool // gradients, what is made of them, and what only they read
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
			return &GraphError{nameOf(n), "it belongs to no graph"}
		case n.Graph() != roots[0].Graph():
			return &GraphError{nameOf(n), "it belongs to another graph than the first root; rewrite one graph at a time"}
		case statement(n.Op()):
			return &GraphError{nameOf(n), "it is a statement and has no value; give the node that it reads"}
		}
	}
	g := roots[0].Graph()
	in := make(map[*gorgonia.Node]bool)
	for _, n := range g.AllNodes() {
		in[n] = true
	}
	for _, n := range wired(g).ancestors(roots) {
		if !in[n] {
			return &GraphError{nameOf(n), "it was removed from the graph, and a root needs it; build the graph again without removing nodes"}
		}
	}
	return nil
}

// expressions reads the graph, applying the rules of one node on the way.
func (r Rewriter) expressions(roots gorgonia.Nodes) (*arena, error) {
	if err := check(roots); err != nil {
		return nil, err
	}
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
	if r.off("dead") {
		live = slices.DeleteFunc(slices.Clone(all), func(n *gorgonia.Node) bool { return statement(n.Op()) })
		slices.SortFunc(live, func(a, b *gorgonia.Node) int { return int(a.ID() - b.ID()) })
	}
	a := &arena{of: make(map[*gorgonia.Node]*expr), applied: make(map[string]int), wires: wires, off: make(map[string]bool), rules: table}
	for _, name := range r.Disable {
		a.off[name] = true
	}
	read := make(map[*gorgonia.Node]int)
	a.all = r.off("dead")
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
	if err := r.lists(g, a); err != nil {
		return nil, err
	}
	for _, n := range live {
		e := &expr{old: n, op: n.Op(), kind: kindOf(n.Op()), shape: n.Shape(), id: len(a.exprs), read: read[n]}
		e.dt = dtype(n)
		for _, c := range wires.children(n) {
			e.in = append(e.in, a.through(e, a.of[c]))
		}
		if len(e.in) == 0 {
			r.input(a, e)
		}
		a.add(e)
		a.simplify(e)
	}
	for _, n := range roots {
		e := a.of[n]
		if e.same != nil {
			e = e.same
		}
		e.root = true
		a.roots = append(a.roots, e)
	}
	for _, r := range a.rules {
		if r.fold != nil && !a.off[r.Name] {
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
	return a, nil
}

// findBackward marks the gradients.
func (a *arena) findBackward() {
	a.backward = make(map[*expr]bool)
	first := int64(-1)
	for _, e := range a.exprs {
		if e.old != nil && len(e.old.DerivOf()) > 0 || slices.ContainsFunc(e.in, func(c *expr) bool { return a.backward[c] }) {
			if a.backward[e] = true; first < 0 && e.old != nil {
				first = e.old.ID()
			}
		}
	}
	if first < 0 {
		return
	}
	for _, e := range slices.Backward(a.exprs) {
		if e.old != nil && e.old.ID() > first && !e.root && len(e.in) > 0 && len(e.uses) > 0 && !slices.ContainsFunc(e.uses, func(u *expr) bool { return !a.backward[u] }) {
			a.backward[e] = true
		}
	}
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

func (a *arena) add(e *expr) {
	a.exprs = append(a.exprs, e)
	if e.old != nil {
		a.of[e.old] = e
	}
}

// through returns what user reads instead of e. A repetition keeps the reshape before it:
// Gorgonia's derivative of a repetition drops an axis, and that of the reshape restores it.
func (a *arena) through(user, e *expr) *expr {
	if e.same == nil || user.kind.name == "repeat" && e.kind.name == "reshape" {
		return e
	}
	return e.same
}

// ends returns the expressions that nothing needs to read to be carried over.
func (a *arena) ends() []*expr {
	es := slices.Clone(a.roots)
	if a.all {
		for _, e := range a.exprs {
			if e.same == nil && e.old != nil && e.read == 0 {
				es = append(es, e)
			}
		}
	}
	return es
}

// link keeps what the roots, or the old graph where nothing counts as dead, need, and fills in
// who reads what.
func (a *arena) link() {
	needed := make(map[*expr]bool)
	stack := a.ends()
	for len(stack) > 0 {
		e := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !needed[e] {
			needed[e] = true
			stack = append(stack, e.in...)
		}
	}
	for _, e := range a.exprs {
		if e.same != nil && !needed[e] {
			a.applied[e.rule]++
		}
	}
	order := make([]*expr, 0, len(needed))
	placed := make(map[*expr]bool)
	var place func(e *expr)
	place = func(e *expr) {
		if !placed[e] {
			placed[e] = true
			for _, c := range e.in {
				place(c)
			}
			order = append(order, e)
		}
	}
	for _, e := range a.exprs {
		if needed[e] {
			place(e)
		}
	}
	a.exprs = order
	for i, e := range a.exprs {
		e.id = i
		for _, c := range e.in {
			if !slices.Contains(c.uses, e) {
				c.uses = append(c.uses, e)
			}
		}
	}
}

// dtype returns the type of a node's numbers, or the zero type.
func dtype(n *gorgonia.Node) (dt tensor.Dtype) {
	defer func() { _ = recover() }() // a type that Gorgonia cannot name
	return n.Dtype()
}

func isFloat(dt tensor.Dtype) bool { return dt == tensor.Float64 || dt == tensor.Float32 }
