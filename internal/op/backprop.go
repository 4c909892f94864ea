package op

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
)

// Rules differentiate the operations that are not of this package.
type Rules interface {
	// Stepwise says that an operation is piecewise constant: its derivative is 0 wherever it has one.
	Stepwise(o gorgonia.Op) bool
	// Gradients returns the gradients at the inputs in of node n, at which g arrives: those that are wanted, each with as many
	// entries as the input, nil for 0. What it makes belongs to owner.
	Gradients(owner string, n *gorgonia.Node, in gorgonia.Nodes, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error)
}

// Backprop adds the reverse sweep to the graph: for each of wrt the gradient of
// Σ ⟨seed, output⟩, as a node, or nil where the outputs do not depend on it. It
// works on our operations, and on others as rules say (constants where rules are nil), for inputs and for intermediate
// values, visits only what lies between wrt and outputs, and leaves no trace in other
// nodes, so that it can be used again, on its own results too.
func Backprop(rules Rules, outputs, seeds, wrt gorgonia.Nodes) (grads gorgonia.Nodes, err error) {
	return backprop(rules, outputs, seeds, wrt, false)
}

// backprop is Backprop; with stop it does not look behind the nodes wrt, even where one
// of them depends on another: they are independent variables.
func backprop(rules Rules, outputs, seeds, wrt gorgonia.Nodes, stop bool) (grads gorgonia.Nodes, err error) {
	if len(outputs) != len(seeds) {
		return nil, fmt.Errorf("graph: %d outputs and %d seeds", len(outputs), len(seeds))
	}
	if slices.Contains(outputs, nil) || slices.Contains(seeds, nil) || slices.Contains(wrt, nil) {
		return nil, fmt.Errorf("graph: a nil node among the outputs, seeds or variables of a gradient")
	}
	for i, n := range outputs {
		if !slices.Equal(n.Shape(), seeds[i].Shape()) {
			return nil, fmt.Errorf("graph: the seed of %q is %v, want %v", n.Name(), seeds[i].Shape(), n.Shape())
		}
	}
	order := Ancestors(outputs)
	active := make(map[*gorgonia.Node]bool, len(order))
	isWrt := make(map[*gorgonia.Node]bool, len(wrt))
	for _, n := range wrt {
		isWrt[n] = true
	}
	for _, n := range order {
		active[n] = isWrt[n] || !stepwise(rules, n.Op()) && slices.ContainsFunc(Children(n), func(c *gorgonia.Node) bool { return active[c] })
	}
	terms := make(map[*gorgonia.Node]gorgonia.Nodes)
	for i, n := range outputs {
		terms[n] = append(terms[n], seeds[i])
	}
	total := make(map[*gorgonia.Node]*gorgonia.Node)
	owner := make(map[*gorgonia.Node]string) // of operations not of this package: that of what uses them
	for _, n := range slices.Backward(order) {
		if !active[n] || len(terms[n]) == 0 {
			continue
		}
		of, inherited := owner[n]
		if !inherited {
			of = ownerOf(n)
		}
		if total[n], err = Add(of, "∂/∂"+n.Name(), terms[n]...); err != nil {
			return nil, err
		}
		if o, ok := n.Op().(*Op); ok && o.linear() {
			nameDelta(o.owner, total[n])
		}
		if stop && isWrt[n] {
			continue
		}
		children := Children(n)
		wanted := make([]bool, len(children))
		some := false
		for i, c := range children {
			wanted[i] = active[c]
			some = some || wanted[i]
			if _, own := c.Op().(*Op); c.Op() != nil && !own {
				owner[c] = of
			}
		}
		if !some {
			continue
		}
		back, err := symDiff(rules, of, n, children, total[n], wanted)
		if err != nil {
			return nil, err
		}
		for i, c := range children {
			if wanted[i] && back[i] != nil {
				terms[c] = append(terms[c], back[i])
			}
		}
	}
	for _, n := range wrt {
		grads = append(grads, total[n])
	}
	return grads, nil
}

// symDiff asks the node's operation for the gradients at its inputs, each of which has the shape of
// the input. What is made for an operation that is not of this package belongs to owner.
func symDiff(rules Rules, owner string, n *gorgonia.Node, children gorgonia.Nodes, grad *gorgonia.Node, wanted []bool) (back gorgonia.Nodes, err error) {
	defer func() {
		if r := recover(); r != nil {
			back, err = nil, &NodeError{n.Name(), fmt.Sprintf("no derivative: %v", r)}
		}
	}()
	o, own := n.Op().(*Op)
	switch {
	case own:
		back, err = o.SymDiffWanted(children, n, grad, wanted)
	case stepwise(rules, n.Op()):
		return make(gorgonia.Nodes, len(children)), nil
	default:
		prepare(n.Graph())
		back, err = rules.Gradients(owner, n, children, grad, wanted)
	}
	if err != nil {
		return nil, err
	}
	for i, g := range back {
		if !wanted[i] || g == nil || slices.Equal(g.Shape(), children[i].Shape()) {
			continue
		}
		if own || Count(g) != Count(children[i]) || !g.Shape().Eq(children[i].Shape()) {
			return nil, &NodeError{n.Name(), fmt.Sprintf("operation %v returns a derivative of shape %v for input %d of shape %v", n.Op(), g.Shape(), i, children[i].Shape())}
		}
		if back[i], err = Gather(owner, "reshape", g, Numbers(Count(g)), children[i].Shape()); err != nil { // a vector for a column
			return nil, err
		}
	}
	return back, nil
}

// stepwise says that no gradient comes back through an operation.
func stepwise(rules Rules, o gorgonia.Op) bool {
	_, own := o.(*Op)
	return !own && o != nil && (rules == nil || rules.Stepwise(o))
}

// Ancestors returns the nodes that the given ones depend on, themselves included, in
// the order of their ids, which is topological.
func Ancestors(roots gorgonia.Nodes) gorgonia.Nodes { return AncestorsBy(roots, Children) }

// AncestorsBy returns the same where the inputs of a node are what inputs says.
func AncestorsBy(roots gorgonia.Nodes, inputs func(*gorgonia.Node) gorgonia.Nodes) gorgonia.Nodes {
	seen := make(map[*gorgonia.Node]bool)
	var all gorgonia.Nodes
	stack := slices.Clone(roots)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if n == nil || seen[n] {
			continue
		}
		seen[n] = true
		all = append(all, n)
		stack = append(stack, inputs(n)...)
	}
	slices.SortFunc(all, func(a, b *gorgonia.Node) int { return int(a.ID() - b.ID()) })
	return all
}

// ownerOf returns the vertex or arrow that a node belongs to.
func ownerOf(n *gorgonia.Node) string {
	if o, ok := n.Op().(*Op); ok {
		return o.owner
	}
	return n.Name()
}

// nameDelta names the gradient at a vertex without activation, which is also the
// gradient at its pre-activation, unless it is the gradient at another one, or what an arrow makes of that.
func nameDelta(owner string, n *gorgonia.Node) {
	if o, ok := n.Op().(*Op); ok && (o.Kind() == KindActVJP || o.Kind() == KindArrowDX) || len(Children(n)) == 0 {
		return
	}
	gorgonia.WithName("δ[" + owner + "]")(n)
}
