package optim

import (
	"context"
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

// Settings of Minimize; nil and the zero value mean the defaults.
type Settings struct {
	Steps    int     // at most; 0 means 1000
	Target   float64 // stop when the loss is at most this; 0 means never
	GradTol  float64 // stop when the gradient's norm is at most this; 0 means never
	Patience int     // stop after this many steps without an improvement of the best loss by MinDelta; 0 means never
	MinDelta float64
	Every    int // record a point every so many steps; 0 means 1, negative none but first and last
	// Watch, if given, sees every recorded point; an error stops the run and is returned.
	Watch func(Point) error
}

// Point is one line of a trace. Step 0 is the start, before any change.
type Point struct {
	Step     int
	Loss     float64
	GradNorm float64
}

// Reason says why Minimize stopped.
type Reason string

// The reasons.
const (
	StepsDone     Reason = "all steps done"
	TargetReached Reason = "target loss reached"
	GradSmall     Reason = "gradient small"
	Stalled       Reason = "no improvement"
	Cancelled     Reason = "cancelled"
	Failed        Reason = "failed"
)

// Result tells how a run went. The last iterate is part of the trace.
type Result struct {
	Loss   float64 // of the last iterate
	Steps  int     // steps taken
	Reason Reason
	Trace  []Point
}

// Minimize changes w by steps of m until a rule of s stops it. The loss is evaluated at
// the start and after each step, so a run of n steps evaluates n+1 times.
//
// The context is looked at between steps: the result so far and its error are returned, and
// w is the last iterate. When the objective fails, or the loss or its gradient is not
// finite, w is put back to the last point that was, and the error returned.
func Minimize(ctx context.Context, o Objective, w *quiver.Rep, m Method, s *Settings) (*Result, error) {
	var set Settings
	if s != nil {
		set = *s
	}
	if set.Steps == 0 {
		set.Steps = 1000
	}
	if set.Every == 0 {
		set.Every = 1
	}
	if set.Steps < 0 || set.Patience < 0 || !(set.GradTol >= 0) || !(set.MinDelta >= 0) {
		return nil, &SettingError{"Minimize", "Steps, Patience, GradTol or MinDelta", float64(set.Steps), "0 or more"}
	}
	grad, last := w.Like(), w.Clone()
	r := &Result{}
	best, since := math.Inf(1), 0
	for k := 0; ; k++ {
		loss, err := o.LossGrad(grad, w)
		norm := grad.Norm()
		if err == nil && (loss*0 != 0 || norm*0 != 0) {
			err = &DivergedError{k, loss, norm}
		}
		if err != nil {
			w.CopyFrom(last)
			r.Reason = Failed
			return r, fmt.Errorf("optim: step %d: %w", k, err)
		}
		r.Loss, r.Steps = loss, k
		if best-loss > set.MinDelta || math.IsInf(best, 1) {
			best, since = loss, 0
		} else {
			since++
		}
		switch {
		case set.Target != 0 && loss <= set.Target:
			r.Reason = TargetReached
		case set.GradTol > 0 && norm <= set.GradTol:
			r.Reason = GradSmall
		case set.Patience > 0 && since >= set.Patience:
			r.Reason = Stalled
		case k == set.Steps:
			r.Reason = StepsDone
		case ctx.Err() != nil:
			r.Reason = Cancelled
		}
		if r.Reason != "" || k == 0 || set.Every > 0 && k%set.Every == 0 {
			p := Point{k, loss, norm}
			r.Trace = append(r.Trace, p)
			if set.Watch != nil {
				if err := set.Watch(p); err != nil {
					r.Reason = Cancelled
					return r, err
				}
			}
		}
		if r.Reason == Cancelled {
			return r, ctx.Err()
		}
		if r.Reason != "" {
			return r, nil
		}
		last.CopyFrom(w)
		if err := m.Step(w, grad); err != nil {
			w.CopyFrom(last)
			r.Reason = Failed
			return r, err
		}
	}
}

// DivergedError reports a loss or a gradient that is not finite.
type DivergedError struct {
	Step     int
	Loss     float64
	GradNorm float64
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("loss %v and gradient norm %v; lower the rate; the weights are those of the step before", e.Loss, e.GradNorm)
}
