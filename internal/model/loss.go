package model

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/fault"
)

// Loss is a loss between an output y, n×d, and its targets.
type Loss struct {
	Name    string
	Labels  bool // targets may be class indices, n×1
	Coupled bool // the value for a sample depends on the others of the batch
	Custom  bool // it is the user's
	Columns *int // of the targets, where a custom loss says so
	// Probabilities says that targets lie in [0, 1]
	Probabilities bool
	// Build returns the sum over the samples, 1×1.
	Build func(owner string, y, t *gorgonia.Node) (*gorgonia.Node, error)
	// Share is what the sum is multiplied with for a batch of n samples and d outputs.
	Share func(n, d int) float64
	// Value is the loss of one sample before it is shared out, in plain Go: the definition that Build is compared with. It is nil for a loss of the user's.
	Value func(y, t []float64) float64
	// Slope stores into g the derivative of Value in y.
	Slope func(g, y, t []float64)
	// Rounding bounds what rounding in the last place does to Value.
	Rounding func(y, t []float64) float64
	// Stage says how a program computes the sum and its gradient in one go; without one it runs operation by operation.
	Stage *Stage
}

// Term is a loss at an output, with its weight in the sum.
type Term struct {
	Output string
	Loss   Loss
	Weight float64
}

// check refuses a loss without a function, a weight that is not finite, and columns of targets that cannot be.
func (l *Term) check() error {
	if l.Loss.Build == nil {
		if l.Loss.Name == "custom" {
			return &fault.LossError{Output: l.Output, Reason: "a custom loss of a nil function; give Custom a function of y and t"}
		}
		return &fault.LossError{Output: l.Output, Reason: "a zero LossFunc; use MSE, SumSquares, SoftmaxCE, BCE or Custom"}
	}
	if !(l.Weight == l.Weight && l.Weight*0 == 0) {
		return &fault.LossError{Output: l.Output, Reason: fmt.Sprintf("weight %v; want a finite number", l.Weight)}
	}
	if c := l.Loss.Columns; c != nil && (*c < 1 || !l.Loss.Custom) {
		return &fault.LossError{Output: l.Output, Reason: fmt.Sprintf("Targets(%s, %d); want a Custom loss and at least one column", l.Loss.Name, *c)}
	}
	return nil
}

// TargetWidths returns the columns of the targets in the graph: those of the output, but for
// a custom loss those of the given matrices, where there are any, or those that Targets names.
func (m *Model) TargetWidths(ys []*mat.Dense) []int {
	ws := make([]int, len(m.Losses))
	for i, l := range m.Losses {
		ws[i] = m.Vertices[m.LossAt[i]].Dim
		switch {
		case l.Loss.Custom && ys != nil:
			_, ws[i] = ys[i].Dims()
		case l.Loss.Columns != nil:
			ws[i] = *l.Loss.Columns
		}
	}
	return ws
}

// WidthKey is empty unless a custom loss has targets that are not as wide as its output.
func (m *Model) WidthKey(widths []int) string {
	for i, l := range m.Losses {
		if l.Loss.Custom && widths[i] != m.Vertices[m.LossAt[i]].Dim {
			return fmt.Sprint(widths)
		}
	}
	return ""
}
