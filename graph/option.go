package graph

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/model"
)

// Option changes what Compile makes. Float32, Timed and Unfused are values and are given without parentheses;
// Loss(output, l, weight), Precompile(batch…) and Workers(n) are functions that return an option. Compile refuses a value that
// makes no sense with an OptionError.
type Option func(*settings)

type settings struct {
	losses  []model.Term
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
		s.err = &OptionError{Option: option, Reason: fmt.Sprintf(reason, args...)}
	}
}

// Loss adds weight·l(output, target) to the loss. Targets are given to LossGrad in the
// order of the Loss options. A weight that is not finite, an output that is none, and a loss without a function are
// refused by Compile.
func Loss(output string, l LossFunc, weight float64) Option {
	return func(s *settings) { s.losses = append(s.losses, model.Term{Output: output, Loss: l.is, Weight: weight}) }
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
