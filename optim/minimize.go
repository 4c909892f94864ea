package optim

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Objective is a loss of the weights with its gradient, which overwrites grad.
// *graph.Problem is one.
type Objective interface {
	LossGrad(grad, w *quiver.Rep) (float64, error)
}

// Learner is a loss on data given with each call. *graph.Program is one.
type Learner interface {
	LossGrad(grad, w *quiver.Rep, xs, ys []*mat.Dense) (float64, error)
}

// Minimize changes w by steps of m until a rule of s stops it. The loss is evaluated at
// the start and after each step, so a run of n steps evaluates n+1 times; a Searcher
// evaluates as it likes.
//
// The context is looked at between steps: the result so far and its error are returned, and
// w is the last iterate. When the objective fails, or the loss, its gradient or the weights are
// not finite, w is put back to the last point that was, and the error returned: a
// *DivergedError that names the arrow where the number is. A line search that finds nothing
// better after the first step ends the run as Stalled, without an error.
func Minimize(ctx context.Context, o Objective, w *quiver.Rep, m Method, s *Settings) (*Result, error) {
	set, err := s.filled()
	if err != nil {
		return nil, err
	}
	r := &run{o: o, w: w, m: m, set: set, grad: w.Like(), last: w.Clone(), best: math.Inf(1), evaluate: true}
	r.searcher, _ = m.(Searcher)
	r.mask, _ = m.(wrapper)
	return &r.Result, r.loop(ctx)
}

// run is one call of Minimize.
type run struct {
	Result
	o          Objective
	w          *quiver.Rep
	m          Method
	searcher   Searcher // nil where m is none
	mask       wrapper  // nil where m is not projected
	set        Settings
	grad, last *quiver.Rep
	loss, norm float64
	best       float64
	since      int  // steps without an improvement
	evaluate   bool // loss and grad are not yet those of w
}

func (r *run) loop(ctx context.Context) error {
	for k := 0; ; k++ {
		if err := r.look(k); err != nil {
			r.w.CopyFrom(r.last)
			r.Reason = Failed
			return fmt.Errorf("optim: step %d: %w", k, err)
		}
		r.Loss, r.Steps = r.loss, k
		if r.best-r.loss > r.set.MinDelta || math.IsInf(r.best, 1) {
			r.best, r.since = r.loss, 0
		} else {
			r.since++
		}
		r.Reason = r.stop(ctx, k)
		if r.Reason != "" || k == 0 || r.set.Every > 0 && k%r.set.Every == 0 {
			if err := r.record(k); err != nil {
				return err
			}
		}
		switch r.Reason {
		case "":
		case Cancelled:
			return ctx.Err()
		default:
			return nil
		}
		r.last.CopyFrom(r.w)
		if err := r.step(ctx); err != nil {
			return r.failed(ctx, k, err)
		}
	}
}

// look evaluates at w, unless a search has done so, and checks that all is finite.
func (r *run) look(k int) (err error) {
	if !finite(r.w.Data()) {
		return &DivergedError{k, r.loss, r.norm, r.w.CheckFinite()}
	}
	if r.evaluate {
		if r.loss, err = r.o.LossGrad(r.grad, r.w); err != nil {
			return err
		}
	}
	r.norm = r.grad.Norm()
	if !finite(r.grad.Data()) || r.loss*0 != 0 {
		return &DivergedError{k, r.loss, r.norm, r.grad.CheckFinite()}
	}
	if r.mask != nil {
		g, err := r.mask.project(r.grad)
		if err != nil {
			return err
		}
		r.norm = g.Norm()
	}
	return nil
}

func (r *run) stop(ctx context.Context, k int) Reason {
	switch {
	case r.set.Target != 0 && r.loss <= r.set.Target:
		return TargetReached
	case r.set.GradTol > 0 && r.norm <= r.set.GradTol:
		return GradSmall
	case r.set.Patience > 0 && r.since >= r.set.Patience:
		return Stalled
	case k == r.set.Steps:
		return StepsDone
	case ctx.Err() != nil:
		return Cancelled
	}
	return ""
}

func (r *run) record(k int) error {
	if n := len(r.Trace); n > 0 && r.Trace[n-1].Step == k {
		return nil
	}
	p := Point{k, r.loss, r.norm}
	r.Trace = append(r.Trace, p)
	if r.set.Watch == nil {
		return nil
	}
	err := r.set.Watch(p)
	if err != nil {
		r.Reason = Cancelled
	}
	return err
}

func (r *run) step(ctx context.Context) (err error) {
	if r.searcher == nil {
		return r.m.Step(r.w, r.grad)
	}
	r.evaluate = false
	r.loss, err = r.searcher.Search(ctx, r.o, r.w, r.grad, r.loss)
	return err
}

// failed ends a run whose step k+1 did not work.
func (r *run) failed(ctx context.Context, k int, err error) error {
	r.w.CopyFrom(r.last)
	r.loss = r.Loss
	var search *SearchError
	switch {
	case k > 0 && errors.As(err, &search):
		r.Reason = Stalled
		return r.record(k)
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		r.Reason = Cancelled
		return errors.Join(r.record(k), ctx.Err())
	}
	r.Reason = Failed
	return err
}
