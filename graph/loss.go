package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/model"
)

// LossFunc is a loss between an output y, n×d, and its targets: SumSquares, MSE, SoftmaxCE, BCE, or one of the user's, see Custom.
type LossFunc struct{ is model.Loss }

// String returns the name of the loss.
func (l LossFunc) String() string { return l.is.Name }

// The losses of the library.
var (
	// SumSquares is Σ(y−t)² over samples and coordinates.
	SumSquares = LossFunc{model.SumSquares}

	// MSE is Σ(y−t)²/(n·d).
	MSE = LossFunc{model.MSE}

	// SoftmaxCE is the mean over the samples of the cross entropy of softmax(y) with the
	// targets: one distribution per row, n×k (one-hot), or one class index 0 … k−1 per
	// row, n×1.
	SoftmaxCE = LossFunc{model.SoftmaxCE}
)

// BCE is the binary cross entropy of sigmoid(y) with targets t in [0, 1], the mean over samples and coordinates, with logits y:
//
//	Σ (log(1+exp y) − t·y) / (n·d), with the gradient (sigmoid(y) − t)/(n·d).
//
// Value, gradient and second derivative keep their relative accuracy for logits of any size. A target may be a probability, not only 0
// or 1; one outside [0, 1] is a DataError. The sigmoid is part of the loss: give the output vertex no activation of its own. The class
// that the network says is 1 where y > 0. (PyTorch calls it BCEWithLogitsLoss.)
var BCE = LossFunc{model.BCE}

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
	return LossFunc{model.CustomLoss(f)}
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
