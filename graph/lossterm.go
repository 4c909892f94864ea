package graph

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// check refuses a loss without a function, a weight that is not finite, and columns of targets that cannot be.
func (l *lossTerm) check() error {
	if l.loss.build == nil {
		if l.loss.name == "custom" {
			return &LossError{l.output, "a custom loss of a nil function; give Custom a function of y and t"}
		}
		return &LossError{l.output, "a zero LossFunc; use MSE, SumSquares, SoftmaxCE, BCE or Custom"}
	}
	if !(l.weight == l.weight && l.weight*0 == 0) {
		return &LossError{l.output, fmt.Sprintf("weight %v; want a finite number", l.weight)}
	}
	if c := l.loss.columns; c != nil && (*c < 1 || !l.loss.custom) {
		return &LossError{l.output, fmt.Sprintf("Targets(%v, %d); want a Custom loss and at least one column", l.loss, *c)}
	}
	return nil
}

// widths returns the columns of the targets in the graph: those of the output, but for
// a custom loss those of the given matrices, where there are any, or those that Targets names.
func (p *model) widths(ys []*mat.Dense) []int {
	ws := make([]int, len(p.losses))
	for i, l := range p.losses {
		ws[i] = p.vertices[p.lossAt[i]].Dim
		switch {
		case l.loss.custom && ys != nil:
			_, ws[i] = ys[i].Dims()
		case l.loss.columns != nil:
			ws[i] = *l.loss.columns
		}
	}
	return ws
}
