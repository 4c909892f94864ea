package graph

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
)

// lossFunction is a loss between an output y, n×d, and its targets.
type lossFunction struct {
	name    string
	labels  bool // targets may be class indices, n×1
	coupled bool // the value for a sample depends on the others of the batch
	custom  bool // it is the user's
	columns *int // of the targets, where a custom loss says so
	// probabilities says that targets lie in [0, 1]
	probabilities bool
	// build returns the sum over the samples, 1×1.
	build func(owner string, y, t *gorgonia.Node) (*gorgonia.Node, error)
	// share is what the sum is multiplied with for a batch of n samples and d outputs.
	share func(n, d int) float64
}

// lossTerm is a loss at an output, with its weight in the sum.
type lossTerm struct {
	output string
	loss   lossFunction
	weight float64
}

// check refuses a loss without a function, a weight that is not finite, and columns of targets that cannot be.
func (l *lossTerm) check() error {
	if l.loss.build == nil {
		if l.loss.name == "custom" {
			return &LossError{Output: l.output, Reason: "a custom loss of a nil function; give Custom a function of y and t"}
		}
		return &LossError{Output: l.output, Reason: "a zero LossFunc; use MSE, SumSquares, SoftmaxCE, BCE or Custom"}
	}
	if !(l.weight == l.weight && l.weight*0 == 0) {
		return &LossError{Output: l.output, Reason: fmt.Sprintf("weight %v; want a finite number", l.weight)}
	}
	if c := l.loss.columns; c != nil && (*c < 1 || !l.loss.custom) {
		return &LossError{Output: l.output, Reason: fmt.Sprintf("Targets(%s, %d); want a Custom loss and at least one column", l.loss.name, *c)}
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

// widthKey is empty unless a custom loss has targets that are not as wide as its output.
func (p *model) widthKey(widths []int) string {
	for i, l := range p.losses {
		if l.loss.custom && widths[i] != p.vertices[p.lossAt[i]].Dim {
			return fmt.Sprint(widths)
		}
	}
	return ""
}
