package model

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// OwnerOf returns the vertex or arrow that a node belongs to; for an operation of Gorgonia, the output whose
// loss it computes or differentiates.
func (e *Expression) OwnerOf(n *gorgonia.Node) string {
	if o, ok := n.Op().(*op.Op); ok {
		return o.Owner()
	}
	for i, l := range e.Model.Losses { // what reads the target of a loss, directly or not, is part of that loss
		if i < len(e.Target) && slices.Contains(op.Ancestors(gorgonia.Nodes{n}), e.Target[i]) {
			return l.Output
		}
	}
	for i, l := range e.Model.Losses {
		if i < len(e.lossSum) && slices.Contains(op.Ancestors(gorgonia.Nodes{e.lossSum[i]}), n) {
			return l.Output
		}
	}
	return "loss"
}

// ArrowOf returns the arrow at whose matrix a node is the gradient, as sums over tied arrows are, or the owner.
func (e *Expression) ArrowOf(n *gorgonia.Node) string {
	if have := len(e.Gradient) + len(e.HVP); e.gradientOf == nil || e.gradientsSeen != have {
		e.gradientOf, e.gradientsSeen = make(map[*gorgonia.Node]int, have), have
		for _, list := range [][]*gorgonia.Node{e.Gradient, e.HVP} {
			for k, g := range list {
				if at, ok := e.arrowAt[e.Segment[k]]; ok && g != nil {
					e.gradientOf[g] = at
				}
			}
		}
	}
	if at, ok := e.gradientOf[n]; ok {
		return e.Model.Arrows[at].Name
	}
	return Owner(n)
}

// Owner returns the vertex or arrow that an operation of ours belongs to, and "loss" for one of Gorgonia.
func Owner(n *gorgonia.Node) string {
	if o, ok := n.Op().(*op.Op); ok {
		return o.Owner()
	}
	return "loss"
}
