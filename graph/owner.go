package graph

import (
	"slices"

	"github.com/quivernet/quivernet/internal/op"
	"gorgonia.org/gorgonia"
)

// ownerOf returns the vertex or arrow that a node belongs to; for an operation of Gorgonia, the output whose
// loss it computes or differentiates.
func (e *expression) ownerOf(n *gorgonia.Node) string {
	if o, ok := n.Op().(*op.Op); ok {
		return o.Owner()
	}
	for i, l := range e.model.losses { // what reads the target of a loss, directly or not, is part of that loss
		if i < len(e.target) && slices.Contains(op.Ancestors(gorgonia.Nodes{n}), e.target[i]) {
			return l.output
		}
	}
	for i, l := range e.model.losses {
		if i < len(e.lossSum) && slices.Contains(op.Ancestors(gorgonia.Nodes{e.lossSum[i]}), n) {
			return l.output
		}
	}
	return "loss"
}

// arrowOf returns the arrow at whose matrix a node is the gradient, as sums over tied arrows are, or the owner.
func (e *expression) arrowOf(n *gorgonia.Node) string {
	if have := len(e.grad) + len(e.hvp); e.gradientOf == nil || e.gradientsSeen != have {
		e.gradientOf, e.gradientsSeen = make(map[*gorgonia.Node]int, have), have
		for _, list := range [][]*gorgonia.Node{e.grad, e.hvp} {
			for k, g := range list {
				if at, ok := e.arrowAt[e.segment[k]]; ok && g != nil {
					e.gradientOf[g] = at
				}
			}
		}
	}
	if at, ok := e.gradientOf[n]; ok {
		return e.model.arrows[at].Name
	}
	return ownerOf(n)
}

func ownerOf(n *gorgonia.Node) string {
	if o, ok := n.Op().(*op.Op); ok {
		return o.Owner()
	}
	return "loss"
}
