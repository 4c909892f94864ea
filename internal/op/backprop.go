package op

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"
)

// Backprop adds the reverse sweep to the graph: for each of wrt the gradient of
// Σ ⟨seed, output⟩, as a node, or nil where the outputs do not depend on it. It
// works on our operations and on Gorgonia's, for inputs and for intermediate
// values, visits only what lies between wrt and outputs, and leaves no trace in other
// nodes, so that it can be used again, on its own results too.
func Backprop(outputs, seeds, wrt gorgonia.Nodes) (grads gorgonia.Nodes, err error) {
	return backprop(outputs, seeds, wrt, false)
}

// backprop is Backprop; with stop it does not look behind the nodes wrt, even where one
// of them depends on another: they are independent variables.
func backprop(outputs, seeds, wrt gorgonia.Nodes, stop bool) (grads gorgonia.Nodes, err error) {
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
		active[n] = isWrt[n] || !stepwise(n.Op()) && slices.ContainsFunc(Children(n), func(c *gorgonia.Node) bool { return active[c] })
	}
	terms := make(map[*gorgonia.Node]gorgonia.Nodes)
	for i, n := range outputs {
		terms[n] = append(terms[n], seeds[i])
	}
	total := make(map[*gorgonia.Node]*gorgonia.Node)
	owner := make(map[*gorgonia.Node]string) // of Gorgonia's operations: that of what uses them
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
		back, err := symDiff(of, n, children, total[n], wanted)
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
// the input. What is made for an operation of Gorgonia's belongs to owner.
func symDiff(owner string, n *gorgonia.Node, children gorgonia.Nodes, grad *gorgonia.Node, wanted []bool) (back gorgonia.Nodes, err error) {
	defer func() {
		if r := recover(); r != nil {
			back, err = nil, &NodeError{n.Name(), fmt.Sprintf("no derivative: %v", r)}
		}
	}()
	o, own := n.Op().(*Op)
	switch {
	case own:
		back, err = o.SymDiffWanted(children, n, grad, wanted)
	case stepwise(n.Op()):
		return make(gorgonia.Nodes, len(children)), nil
	default:
		known := false
		if back, known, err = foreignGradients(owner, n, children, grad, wanted); !known {
			back, err = suppliedGradients(n, children, grad, wanted)
		}
	}
	if err != nil {
		return nil, err
	}
	for i, g := range back {
		if !wanted[i] || g == nil || slices.Equal(g.Shape(), children[i].Shape()) {
			continue
		}
		if own || count(g) != count(children[i]) || !g.Shape().Eq(children[i].Shape()) {
			return nil, &NodeError{n.Name(), fmt.Sprintf("operation %v returns a derivative of shape %v for input %d of shape %v", n.Op(), g.Shape(), i, children[i].Shape())}
		}
		if back[i], err = Gather(owner, "reshape", g, numbers(count(g)), children[i].Shape()); err != nil { // a vector for a column
			return nil, err
		}
	}
	return back, nil
}

// supplied are the operations of Gorgonia's whose own derivatives are right, once.
var supplied = []string{"maxPoolOp", "sparsemaxOp"}

// suppliedGradients asks the operation itself: one of the user's, or one of Gorgonia's that is known to be right.
func suppliedGradients(n *gorgonia.Node, children gorgonia.Nodes, grad *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
	if kind := foreignKind(n.Op()); kind != "" && !slices.Contains(supplied, kind) {
		return nil, &NodeError{n.Name(), fmt.Sprintf("no derivative of the operation %v is known to be right; write the loss with other operations, or with one of your own that implements gorgonia.SDOp", n.Op())}
	}
	sd, ok := n.Op().(gorgonia.SDOp)
	if !ok {
		return nil, &NodeError{n.Name(), fmt.Sprintf("operation %v has no symbolic derivative", n.Op())}
	}
	diff := sd.DiffWRT(len(children))
	for range children {
		prepare(n.Graph())
	}
	back, err := sd.SymDiff(children, n, grad)
	if err != nil {
		return nil, &NodeError{n.Name(), err.Error()}
	}
	if len(back) != len(children) || len(diff) != len(children) {
		return nil, &NodeError{n.Name(), fmt.Sprintf("operation %v returned %d derivatives for %d inputs", n.Op(), len(back), len(children))}
	}
	for i := range back {
		if wanted[i] && (!diff[i] || back[i] == nil) {
			return nil, &NodeError{n.Name(), fmt.Sprintf("operation %v is not differentiable in input %d", n.Op(), i)}
		}
	}
	return back, nil
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
	if o, ok := n.Op().(*Op); ok && (o.Kind() == "actvjp" || o.Kind() == "arrowdx") || len(Children(n)) == 0 {
		return
	}
	gorgonia.WithName("δ[" + owner + "]")(n)
}
