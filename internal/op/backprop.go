package op

import (
	"fmt"
	"slices"
	"strings"

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
		if !n.Shape().Eq(seeds[i].Shape()) {
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
	for _, n := range slices.Backward(order) {
		if !active[n] || len(terms[n]) == 0 {
			continue
		}
		if total[n], err = Add(ownerOf(n), "∂/∂"+n.Name(), terms[n]...); err != nil {
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
		}
		if !some {
			continue
		}
		back, err := symDiff(n, children, total[n], wanted)
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

// symDiff asks the node's operation for the gradients at its inputs.
func symDiff(n *gorgonia.Node, children gorgonia.Nodes, grad *gorgonia.Node, wanted []bool) (back gorgonia.Nodes, err error) {
	defer func() {
		if r := recover(); r != nil {
			back, err = nil, &NodeError{n.Name(), fmt.Sprintf("no derivative: %v", r)}
		}
	}()
	if o, ok := n.Op().(*Op); ok {
		return o.SymDiffWanted(children, n, grad, wanted)
	}
	sd, ok := n.Op().(gorgonia.SDOp)
	if !ok {
		return nil, &NodeError{n.Name(), fmt.Sprintf("operation %v has no symbolic derivative", n.Op())}
	}
	if stepwise(n.Op()) {
		return make(gorgonia.Nodes, len(children)), nil
	}
	diff := sd.DiffWRT(len(children))
	for range children {
		prepare(n.Graph())
	}
	if back, err = sd.SymDiff(children, n, grad); err != nil {
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

// stepwise says that a Gorgonia operation is piecewise constant: a comparison, as in Rectify,
// sign, ceil, floor, or the size of a value. Its derivative is 0 wherever it has one. Gorgonia calls these not
// differentiable, and by the same word others whose derivative is merely missing;
// those stay errors.
func stepwise(o gorgonia.Op) bool {
	if o == nil {
		return false
	}
	name, _, _ := strings.Cut(o.String(), " ")
	switch o.Arity() {
	case 1:
		return name == "sign" || name == "ceil" || name == "floor" || strings.HasPrefix(name, "SizeOf")
	case 2:
		return slices.Contains([]string{"<", ">", "<=", ">=", "==", "!="}, name)
	}
	return false
}

// Ancestors returns the nodes that the given ones depend on, themselves included, in
// the order of their ids, which is topological.
func Ancestors(roots gorgonia.Nodes) gorgonia.Nodes {
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
		stack = append(stack, Children(n)...)
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
// gradient at its pre-activation, unless it has such a name already.
func nameDelta(owner string, n *gorgonia.Node) {
	if len(Children(n)) > 0 && !strings.HasPrefix(n.Name(), "δ[") {
		gorgonia.WithName("δ[" + owner + "]")(n)
	}
}
