package optim

import (
	"errors"
	"fmt"
)

// Settings of Minimize; nil and the zero value mean the defaults. A NaN or an infinity is a
// *SettingError.
type Settings struct {
	Steps    int     // at most; 0 means 1000
	Target   float64 // stop when the loss is at most this; 0 means never
	GradTol  float64 // stop when the gradient's norm is at most this, under Projected the projected one's; 0 means never
	Patience int     // stop after this many steps without an improvement of the best loss by more than MinDelta, and go back to the best weights; 0 means never
	MinDelta float64
	Every    int // record a point every so many steps; 0 means 1, negative none but first and last
	// Watch, if given, sees every recorded point. An error ends the run as Stopped and is
	// returned; ErrStop ends it without an error.
	Watch func(Point) error
}

// ErrStop is what Watch returns to end a run that has gone far enough.
var ErrStop = errors.New("optim: stop")

// filled returns the settings with the defaults in place; s may be nil.
func (s *Settings) filled() (Settings, error) {
	var set Settings
	if s != nil {
		set = *s
	}
	set.Steps, set.Every = orElse(set.Steps, 1000), orElse(set.Every, 1)
	return set, verify("Minimize",
		argument{"Steps", float64(set.Steps), &counts}, argument{"Patience", float64(set.Patience), &counts}, argument{"Every", float64(set.Every), &anyCount},
		argument{"GradTol", set.GradTol, &tolerances}, argument{"MinDelta", set.MinDelta, &tolerances}, argument{"Target", set.Target, &anyNumber})
}

// Point is one line of a trace. Step 0 is the start, before any change.
type Point struct {
	Step     int
	Loss     float64
	GradNorm float64 // under Projected, of the projected gradient
}

// Reason says why Minimize stopped.
type Reason string

// The reasons.
const (
	StepsDone     Reason = "all steps done"
	TargetReached Reason = "target loss reached"
	GradSmall     Reason = "gradient small"
	Stalled       Reason = "no improvement"
	Unmoved       Reason = "no step changed a weight" // all steps are done, and the gradient is not 0
	Cancelled     Reason = "cancelled"                // the context was
	Stopped       Reason = "stopped by Watch"
	Failed        Reason = "failed"
)

// Result tells how a run went. The last iterate is part of the trace.
type Result struct {
	Loss   float64 // of the weights at the end
	Steps  int     // steps taken
	Best   Point   // the smallest loss seen, the first where several are equal
	Reason Reason
	Trace  []Point
}

// DivergedError reports a loss, a gradient or weights that are not finite, or a gradient too
// large for the memory of the method. Where the objective reports this as an error, and gives
// no loss, Loss and GradNorm are NaN.
type DivergedError struct {
	Step     int
	Loss     float64
	GradNorm float64
	Err      error // says where: a *quiver.NonFiniteError, what the objective said, an *OverflowError; nil where only the loss is not finite
}

func (e *DivergedError) Error() string {
	where := ""
	if e.Err != nil {
		where = fmt.Sprintf(" (%v)", e.Err)
	}
	return fmt.Sprintf("loss %v and gradient norm %v%s; lower the rate; the weights are those of the step before", e.Loss, e.GradNorm, where)
}

// Unwrap returns Err.
func (e *DivergedError) Unwrap() error { return e.Err }
