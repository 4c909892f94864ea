package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// Option changes what Compile makes. Float32, Timed and Unfused are values and are given without parentheses;
// Loss(output, l, weight), Precompile(batch…) and Workers(n) are functions that return an option. Compile refuses a value that
// makes no sense with an OptionError.
type Option func(*settings)

type settings struct {
	losses  []lossTerm
	f32     bool
	workers int
	batches []int
	unfused bool
	timed   bool
	err     error // of the first option that makes no sense
}

// set changes the settings, where there are some: Float32, Timed and Unfused can be called by anyone with nil.
func (s *settings) set(change func()) {
	if s != nil {
		change()
	}
}

// refuse keeps the first refusal.
func (s *settings) refuse(option, reason string, args ...any) {
	if s.err == nil {
		s.err = &OptionError{option, fmt.Sprintf(reason, args...)}
	}
}

type lossTerm struct {
	output string
	loss   LossFunc
	weight float64
}

// Loss adds weight·l(output, target) to the loss. Targets are given to LossGrad in the
// order of the Loss options. A weight that is not finite, an output that is none, and a loss without a function are
// refused by Compile.
func Loss(output string, l LossFunc, weight float64) Option {
	return func(s *settings) { s.losses = append(s.losses, lossTerm{output, l, weight}) }
}

// Float32 is an Option that makes the program compute in single precision, from the double-precision
// weights of the Rep, into a double-precision gradient. Norms and losses are summed in double.
func Float32(s *settings) { s.set(func() { s.f32 = true }) }

// Workers makes the program use up to n goroutines a call. The batch is cut into chunks
// whose number depends on the batch size alone and the chunks' gradients are
// added in a fixed tree, so the result has the same bits for every n. The default is 1. A batch of fewer than
// 512 samples is one chunk, for one goroutine.
// Fewer than one are refused with an OptionError; runtime.GOMAXPROCS(0) is the number of processors.
func Workers(n int) Option {
	return func(s *settings) {
		if n < 1 {
			s.refuse("Workers", "%d workers; want at least 1, runtime.GOMAXPROCS(0) for all processors", n)
		}
		s.workers = n
	}
}

// Unfused is an Option that makes the program run the expression graph node by node, as Expr shows it,
// instead of the stages that Explain lists. The numbers are the same up to rounding; it is there to
// look at, and to compare with.
func Unfused(s *settings) { s.set(func() { s.unfused = true }) }

// Timed is an Option that makes the program measure the time of each stage; see Program.Profile.
func Timed(s *settings) { s.set(func() { s.timed = true }) }

// Precompile builds the graphs for these batch sizes at once instead of at first use. The
// first one is the graph that Expr shows.
func Precompile(batch ...int) Option {
	return func(s *settings) { s.batches = append(s.batches, batch...) }
}

// LossFunc is a loss between an output y, n×d, and its targets.
type LossFunc struct {
	name    string
	labels  bool // targets may be class indices, n×1
	coupled bool
	custom  bool
	columns *int // of the targets, where a custom loss says so
	// probabilities says that targets lie in [0, 1]
	probabilities bool
	// build returns the sum over the samples, 1×1.
	build func(owner string, y, t *gorgonia.Node) (*gorgonia.Node, error)
	// share is what the sum is multiplied with for a batch of n samples and d outputs.
	share func(n, d int) float64
}

// String returns the name of the loss.
func (l LossFunc) String() string { return l.name }

// The losses of the library.
var (
	// SumSquares is Σ(y−t)² over samples and coordinates.
	SumSquares = LossFunc{name: "sumsquares", build: op.SumSquares, share: func(_, _ int) float64 { return 1 }}

	// MSE is Σ(y−t)²/(n·d).
	MSE = LossFunc{name: "mse", build: op.SumSquares, share: func(n, d int) float64 { return 1 / float64(n*d) }}

	// SoftmaxCE is the mean over the samples of the cross entropy of softmax(y) with the
	// targets: one distribution per row, n×k (one-hot), or one class index 0 … k−1 per
	// row, n×1.
	SoftmaxCE = LossFunc{name: "softmaxce", labels: true, build: op.CrossEntropy, share: func(n, _ int) float64 { return 1 / float64(n) }}
)

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
		return LossFunc{name: "custom"}
	}
	return LossFunc{name: "custom", custom: true, share: func(n, _ int) float64 { return 1 / float64(n) },
		build: func(owner string, y, t *gorgonia.Node) (n *gorgonia.Node, err error) {
			rows := y.Shape()[0]
			failed := func(why any) error { return &LossError{owner, customFailure(why, y, t)} }
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
					return nil, &LossError{owner, fmt.Sprintf("the custom loss adds the input %q; it must be a function of y and t alone", m.Name())}
				}
			}
			if n == nil {
				return nil, &LossError{owner, "the custom loss returned no node"}
			}
			if s := n.Shape(); len(s) == 0 || len(s) > 2 || s[0] != rows || len(s) == 2 && s[1] != 1 {
				return nil, failed(fmt.Sprintf("returned shape %v; want one value per sample, n×1 or n (gorgonia.Sum(…, 1) adds up the columns of each)", s))
			}
			if n, err = op.Accurate(owner, n, int64(before)); err != nil {
				return nil, err
			}
			return op.Total(owner, n)
		}}
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
	l.columns = &columns
	return l
}

// Coupled marks a loss whose value for one sample depends on the others of the batch, so
// that the batch cannot be cut: it runs on one worker. Compile and the first batch try whether a loss that is
// not marked couples samples, on random and on real outputs; where it does that is a LossError.
func Coupled(l LossFunc) LossFunc {
	l.coupled = true
	return l
}
