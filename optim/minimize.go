package optim

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Objective is a loss of the weights with its gradient, which overwrites grad.
// *graph.Problem is one. Where a loss or a number on the way to it is not finite, it may return that
// number, or an error with a method NonFinite() bool that says true, such as *graph.NonFiniteError;
// for Minimize and for line searches the two are the same.
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
// *DivergedError that names the arrow or vertex where the number is, also where the objective
// reports the number as an error, or the gradient is too large for the method's memory. A line
// search that finds nothing better after the first step ends the run as Stalled, without an error.
//
// Where Settings.Patience is set and a run ends by it or with all its steps done, w and
// Result.Loss are those of the smallest loss seen; the method's memory is that of the last step.
//
// Errors before the first evaluation, with a nil Result: *NilError for an argument that is nil,
// *SettingError.
func Minimize(ctx context.Context, o Objective, w *quiver.Rep, m Method, s *Settings) (*Result, error) {
	if err := checkRun("Minimize", ctx, o); err != nil {
		return nil, err
	}
	switch {
	case missing(w):
		return nil, &NilError{"Minimize", "weights", "make some with quiver.Random"}
	case absent(m):
		return nil, &NilError{"Minimize", "method", "give it one, such as &optim.SGD{}"}
	}
	set, err := s.filled()
	if err != nil {
		return nil, err
	}
	r := &run{o: o, w: w, m: m, set: set, grad: w.Like(), last: w.Clone(), level: math.Inf(1), evaluate: true}
	if set.Patience > 0 {
		r.best = w.Clone()
	}
	r.searcher, _ = m.(Searcher)
	r.mask, _ = m.(wrapper)
	err = r.loop(ctx)
	r.settle()
	return &r.Result, err
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
	best       *quiver.Rep // the weights of Best; nil without Patience
	level      float64     // the loss that Patience wants improved
	since      int         // steps without an improvement
	moved      bool        // some step changed a weight
	evaluate   bool        // loss and grad are not yet those of w
}

func (r *run) loop(ctx context.Context) error {
	for k := 0; ; k++ {
		if err := r.look(k); err != nil {
			r.w.CopyFrom(r.last)
			r.Reason = Failed
			return fmt.Errorf("optim: step %d: %w", k, err)
		}
		r.Loss, r.Steps = r.loss, k
		r.moved = r.moved || !slices.Equal(r.w.Data(), r.last.Data())
		r.compare(k)
		r.Reason = r.stop(ctx, k)
		if r.Reason != "" || k == 0 || r.set.Every > 0 && k%r.set.Every == 0 {
			if err := r.record(k); err != nil {
				return watched(err)
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

// compare keeps the best iterate, and counts the steps without an improvement.
func (r *run) compare(k int) {
	if k == 0 || r.loss < r.Best.Loss {
		r.Best = Point{k, r.loss, r.norm}
		if r.best != nil {
			r.best.CopyFrom(r.w)
		}
	}
	if r.level-r.loss > r.set.MinDelta {
		r.level, r.since = r.loss, 0
	} else {
		r.since++
	}
}

// settle puts the best weights in place where Patience asks for them.
func (r *run) settle() {
	if r.best != nil && (r.Reason == StepsDone || r.Reason == Stalled && r.since >= r.set.Patience) {
		r.w.CopyFrom(r.best)
		r.Loss = r.Best.Loss
	}
}

// look evaluates at w, unless a search has done so, and checks that all is finite.
func (r *run) look(k int) (err error) {
	if !finite(r.w.Data()) {
		return &DivergedError{k, r.loss, r.norm, r.w.CheckFinite()}
	}
	if r.evaluate {
		if r.loss, err = r.o.LossGrad(r.grad, r.w); nonFinite(err) {
			return &DivergedError{k, math.NaN(), math.NaN(), err}
		}
		if err != nil {
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
	case k == r.set.Steps && !r.moved && r.norm > 0:
		return Unmoved
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
		r.Reason = Stopped
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

// watched is the error of a run that Watch has ended.
func watched(err error) error {
	if errors.Is(err, ErrStop) {
		return nil
	}
	return err
}

// failed ends a run whose step k+1 did not work.
func (r *run) failed(ctx context.Context, k int, err error) error {
	r.w.CopyFrom(r.last)
	r.loss = r.Loss
	var search *SearchError
	var over *OverflowError
	diverged := errors.As(err, &search) && search.Err != nil || errors.As(err, &over)
	switch {
	case k > 0 && search != nil && search.Err == nil:
		r.Reason = Stalled
		return watched(r.record(k))
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		r.Reason = Cancelled
		if err := watched(r.record(k)); err != nil {
			return errors.Join(err, ctx.Err())
		}
		return ctx.Err()
	}
	r.Reason = Failed
	if diverged {
		return fmt.Errorf("optim: step %d: %w", k, &DivergedError{k, r.loss, r.norm, err})
	}
	return err
}
