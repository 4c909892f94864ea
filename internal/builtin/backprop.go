package builtin

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// Backprop is that of package op on graphs that have Gorgonia's operations, and the user's, too.
func Backprop(outputs, seeds, wrt gorgonia.Nodes) (gorgonia.Nodes, error) {
	return op.Backprop(rules{}, outputs, seeds, wrt)
}

// rules are those of op.Backprop.
type rules struct{}

// Stepwise says that an operation of Gorgonia's is piecewise constant: a comparison, as in Rectify,
// sign, ceil, floor, or the size of a value. Its derivative is 0 wherever it has one. Gorgonia calls these not
// differentiable, and by the same word others whose derivative is merely missing;
// those stay errors.
func (rules) Stepwise(o gorgonia.Op) bool {
	switch kindOf(o) {
	case "elemUnaryOp":
		return slices.Contains([]string{"sign", "ceil", "floor"}, entryName(o))
	case "elemBinOp":
		return slices.Contains([]string{"<", ">", "<=", ">=", "==", "!="}, entryName(o))
	}
	return IsSize(o)
}

// Gradients asks the rule of this package, and for an operation without one the operation itself.
func (rules) Gradients(owner string, n *gorgonia.Node, in gorgonia.Nodes, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
	back, known, err := ruledGradients(owner, n, in, g, wanted)
	if !known {
		return suppliedGradients(n, in, g, wanted)
	}
	return back, err
}

// supplied are the operations of Gorgonia's whose own derivatives are right, once.
var supplied = []string{"maxPoolOp", "sparsemaxOp"}

// suppliedGradients asks the operation itself: one of the user's, or one of Gorgonia's that is known to be right.
func suppliedGradients(n *gorgonia.Node, children gorgonia.Nodes, grad *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
	if kind := kindOf(n.Op()); kind != "" && !slices.Contains(supplied, kind) {
		return nil, &op.NodeError{Name: n.Name(), Reason: fmt.Sprintf("no derivative of the operation %v is known to be right; write the loss with other operations, or with one of your own that implements gorgonia.SDOp", n.Op())}
	}
	sd, ok := n.Op().(gorgonia.SDOp)
	if !ok {
		return nil, &op.NodeError{Name: n.Name(), Reason: fmt.Sprintf("operation %v has no symbolic derivative", n.Op())}
	}
	diff := sd.DiffWRT(len(children))
	back, err := sd.SymDiff(children, n, grad)
	if err != nil {
		return nil, &op.NodeError{Name: n.Name(), Reason: err.Error()}
	}
	if len(back) != len(children) || len(diff) != len(children) {
		return nil, &op.NodeError{Name: n.Name(), Reason: fmt.Sprintf("operation %v returned %d derivatives for %d inputs", n.Op(), len(back), len(children))}
	}
	for i := range back {
		if wanted[i] && (!diff[i] || back[i] == nil) {
			return nil, &op.NodeError{Name: n.Name(), Reason: fmt.Sprintf("operation %v is not differentiable in input %d", n.Op(), i)}
		}
	}
	return back, nil
}
