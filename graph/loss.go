package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
)

// LossFunc is a loss between an output y, n×d, and its targets: SumSquares, MSE, SoftmaxCE, BCE, or one of the user's, see Custom.
type LossFunc struct{ is model.Loss }

// String returns the name of the loss.
func (l LossFunc) String() string { return l.is.Name }

// The losses of the library.
var (
	// SumSquares is Σ(y−t)² over samples and coordinates.
	SumSquares = LossFunc{model.Loss{Name: "sumsquares", Build: op.SumSquares, Share: func(_, _ int) float64 { return 1 }}}

	// MSE is Σ(y−t)²/(n·d).
	MSE = LossFunc{model.Loss{Name: "mse", Build: op.SumSquares, Share: func(n, d int) float64 { return 1 / float64(n*d) }}}

	// SoftmaxCE is the mean over the samples of the cross entropy of softmax(y) with the
	// targets: one distribution per row, n×k (one-hot), or one class index 0 … k−1 per
	// row, n×1.
	SoftmaxCE = LossFunc{model.Loss{Name: "softmaxce", Labels: true, Build: op.CrossEntropy, Share: func(n, _ int) float64 { return 1 / float64(n) }}}
)

// BCE is the binary cross entropy of sigmoid(y) with targets t in [0, 1], the mean over samples and coordinates, with logits y:
//
//	Σ (log(1+exp y) − t·y) / (n·d), with the gradient (sigmoid(y) − t)/(n·d).
//
// Value, gradient and second derivative keep their relative accuracy for logits of any size. A target may be a probability, not only 0
// or 1; one outside [0, 1] is a DataError. The sigmoid is part of the loss: give the output vertex no activation of its own. The class
// that the network says is 1 where y > 0. (PyTorch calls it BCEWithLogitsLoss.)
var BCE = LossFunc{model.Loss{Name: "bce", Probabilities: true, Build: op.BinaryCrossEntropy, Share: func(n, d int) float64 { return 1 / float64(n*d) }}}

// Custom returns the mean over the samples of a loss given as a function on Gorgonia
// nodes: y is n×d, t is n×(columns of the targets), and the result holds one value
// per sample, n×1 or a vector of length n. f is called for each size of chunk that a batch is cut into, and
// may be called again; Gorgonia drops the dimension of a slice of length 1, so f must also serve one sample. Compile calls it
// with as many columns of targets as the output has: say with Targets where there are others. Under Float32 y and t are in single precision, and constants
// must be: gorgonia.NewConstant(float32(2)). It may use Gorgonia's operations, whose
// derivatives are this library's own (Gorgonia's are wrong for several), and operations of the user's that implement gorgonia.SDOp; an operation
// without a derivative that is known to be right is a NodeError. Softplus and Sigmoid are computed to full accuracy. (gorgonia.Norm with an odd p
// above 1 takes no absolute values, so that it is NaN for a negative sum; give it Abs.) It
// must not add inputs of its own. The value for a sample must not depend on the others: see
// Coupled.
func Custom(f func(y, t *gorgonia.Node) (*gorgonia.Node, error)) LossFunc {
	if f == nil {
		return LossFunc{model.Loss{Name: "custom"}}
	}
	return LossFunc{model.Loss{Name: "custom", Custom: true, Share: func(n, _ int) float64 { return 1 / float64(n) },
		Build: func(owner string, y, t *gorgonia.Node) (n *gorgonia.Node, err error) {
			rows := y.Shape()[0]
			failed := func(why any) error { return &LossError{Output: owner, Reason: customFailure(why, y, t)} }
			defer func() {
				if r := recover(); r != nil {
					n, err = nil, failed(fmt.Sprintf("panicked: %v", r))
				}
			}()
			before := len(y.Graph().AllNodes())
			if n, err = f(y, t); err != nil {
				return nil, failed(fmt.Sprintf("failed: %v", err))
			}
			for _, m := range y.Graph().AllNodes()[before:] {
				if m.Op() == nil && m.Value() == nil {
					return nil, &LossError{Output: owner, Reason: fmt.Sprintf("the custom loss adds the input %q; it must be a function of y and t alone", m.Name())}
				}
			}
			if n == nil {
				return nil, &LossError{Output: owner, Reason: "the custom loss returned no node"}
			}
			if s := n.Shape(); len(s) == 0 || len(s) > 2 || s[0] != rows || len(s) == 2 && s[1] != 1 {
				return nil, failed(fmt.Sprintf("returned shape %v; want one value per sample, n×1 or n (gorgonia.Sum(…, 1) adds up the columns of each)", s))
			}
			if n, err = op.Accurate(owner, n, int64(before)); err != nil {
				return nil, err
			}
			return op.Total(owner, n)
		}}}
}

// customFailure says what became of a custom loss, with what it was given: the shapes, the type of numbers, and what Gorgonia does with one sample.
func customFailure(why any, y, t *gorgonia.Node) string {
	s := fmt.Sprintf("the custom loss, given y of shape %v and t of shape %v in %v, %v", y.Shape(), t.Shape(), y.Dtype(), why)
	if y.Shape()[0] == 1 {
		s += "; it must serve one sample too, where Gorgonia drops the axis of length 1 of a slice: gorgonia.Reshape gives it back"
	}
	return s
}

// Targets says how many columns the targets of a custom loss have where that is not the dimension of its output: a
// weight or a mask for each sample beside the targets, for example.
//
//	graph.Targets(graph.Custom(f), 4) // f gets y, n×3, and t, n×4
//
// Compile refuses a number below 1, and a loss that is not custom.
func Targets(l LossFunc, columns int) LossFunc {
	l.is.Columns = &columns
	return l
}

// Coupled marks a loss whose value for one sample depends on the others of the batch, so
// that the batch cannot be cut: it runs on one worker. Compile and the first batch try whether a loss that is
// not marked couples samples, on random and on real outputs; where it does that is a LossError.
func Coupled(l LossFunc) LossFunc {
	l.is.Coupled = true
	return l
}
