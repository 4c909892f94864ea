package optim

import (
	"fmt"
	"math"
)

// Settings of Minimize; nil and the zero value mean the defaults.
type Settings struct {
	Steps    int     // at most; 0 means 1000
	Target   float64 // stop when the loss is at most this; 0 means never
	GradTol  float64 // stop when the gradient's norm is at most this, under Projected the projected one's; 0 means never
	Patience int     // stop after this many steps without an improvement of the best loss by MinDelta; 0 means never
	MinDelta float64
	Every    int // record a point every so many steps; 0 means 1, negative none but first and last
	// Watch, if given, sees every recorded point; an error stops the run and is returned.
	Watch func(Point) error
}

// filled returns the settings with the defaults in place; s may be nil.
func (s *Settings) filled() (Settings, error) {
	var set Settings
	if s != nil {
		set = *s
	}
	set.Steps, set.Every = orElse(set.Steps, 1000), orElse(set.Every, 1)
	for _, f := range []struct {
		name  string
		value float64
	}{{"Steps", float64(set.Steps)}, {"Patience", float64(set.Patience)}, {"GradTol", set.GradTol}, {"MinDelta", set.MinDelta}} {
		if !(f.value >= 0) {
			return set, &SettingError{"Minimize", f.name, f.value, "0 or more"}
		}
	}
	if math.IsNaN(set.Target) {
		return set, &SettingError{"Minimize", "Target", set.Target, "a number"}
	}
	return set, nil
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

// DivergedError reports a loss, a gradient or weights that are not finite.
type DivergedError struct {
	Step     int
	Loss     float64
	GradNorm float64
	Err      error // a *quiver.NonFiniteError that says where; nil where only the loss is not finite
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
