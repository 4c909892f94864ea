package graph

import (
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/quiver"
)

// Problem returns the loss on fixed data, as an optim.Objective.
//
// The data are checked at the first call and kept in the form in which the program
// computes with them, so that a step costs less than Program.LossGrad. The matrices must not
// change while the problem is in use.
func (p *Program) Problem(xs, ys []*mat.Dense) *Problem {
	o := &Problem{p: p}
	o.b.Inputs, o.b.Targets, o.b.Kept = slices.Clone(xs), slices.Clone(ys), new(batch.Kept)
	return o
}

// Problem is the loss of a Program on fixed data. It is safe for concurrent use.
type Problem struct {
	p     *Program
	mu    sync.Mutex
	ready atomic.Bool // the data are checked, and b does not change any more
	b     batch.Batch
}

// LossGrad is Program.LossGrad on the problem's data.
func (o *Problem) LossGrad(grad, w *quiver.Rep) (float64, error) {
	if err := o.made(); err != nil {
		return 0, err
	}
	if err := o.check(w); err != nil {
		return 0, err
	}
	return o.p.lossGrad(grad, w, &o.b)
}

// Loss is Program.Loss on the problem's data.
func (o *Problem) Loss(w *quiver.Rep) (float64, error) {
	if err := o.made(); err != nil {
		return 0, err
	}
	if err := o.check(w); err != nil {
		return 0, err
	}
	return o.p.loss(w, &o.b)
}

// check checks the data once, the weights each time.
func (o *Problem) check(w *quiver.Rep) error {
	if o.ready.Load() {
		if err := batch.CheckWeights(o.p.model, w); err != nil {
			return err
		}
		return batch.FiniteWeights(o.p.model, w)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	b := batch.Batch{Kept: o.b.Kept}
	if err := o.p.load(&b, w, o.b.Inputs, o.b.Targets); err != nil {
		return err
	}
	if !o.ready.Load() {
		o.b = b
		o.ready.Store(true)
	}
	return nil
}
