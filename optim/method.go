package optim

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// Method is an optimizer: Step changes the weights w by what the gradient says. grad has
// the layout of w and is not changed. A Method keeps its own memory, made at the first step
// for the layout of w; it is not safe for concurrent use. Errors, with w unchanged: *SettingError
// for constants out of range, *GroupError, *quiver.LayoutError, and
// *quiver.NonFiniteError for a gradient with a NaN or an infinity.
type Method interface {
	Step(w, grad *quiver.Rep) error
}

// SettingError reports a constant of a method that is out of range.
type SettingError struct {
	Method, Field string
	Value         float64
	Want          string
}

func (e *SettingError) Error() string {
	return fmt.Sprintf("optim: %s: %s is %v, want %s", e.Method, e.Field, e.Value, e.Want)
}

// common are the settings that all methods share.
type common struct {
	name      string
	rate      float64
	fallback  float64 // the rate where none is set
	decay     float64
	decoupled bool
	schedule  Schedule
	groups    []Group
}

// core is the memory that all methods share: the step count and the spans.
type core struct {
	step    int
	layout  string
	spans   []span
	resumed *quiver.Rep // after Restore, until the first step: what w must fit
}

// begin checks settings, layouts and gradient, counts the step and returns the rate. It
// is called once in each Step, before anything changes.
func (c *core) begin(s common, w, grad *quiver.Rep) (rate float64, err error) {
	rate, err = c.check(s, w, grad)
	if err == nil {
		c.step++
	}
	return rate, err
}

// check is begin without the count.
func (c *core) check(s common, w, grad *quiver.Rep) (rate float64, err error) {
	if err := w.Fits(grad); err != nil {
		return 0, fmt.Errorf("optim: %s: weights and gradient: %w", s.name, err)
	}
	rate = orElse(s.rate, s.fallback)
	if !(rate > 0) || math.IsInf(rate, 1) {
		return 0, &SettingError{s.name, "Rate", rate, "a positive number"}
	}
	if !(s.decay >= 0) || math.IsInf(s.decay, 1) {
		return 0, &SettingError{s.name, "Decay", s.decay, "0 or a positive number"}
	}
	if s.schedule != nil {
		f := s.schedule(c.step)
		if !(f >= 0) || math.IsInf(f, 1) {
			return 0, &SettingError{s.name, fmt.Sprintf("Schedule(%d)", c.step), f, "0 or a positive number"}
		}
		rate *= f
	}
	if err := c.cut(s, w); err != nil {
		return 0, err
	}
	if !finite(grad.Data()) {
		return 0, fmt.Errorf("optim: %s: gradient: %w", s.name, grad.CheckFinite())
	}
	return rate, nil
}

// cut makes the spans at the first step and holds the method to that layout.
func (c *core) cut(s common, w *quiver.Rep) error {
	l := w.Quiver().Layout()
	switch {
	case c.layout == l:
		return nil
	case c.layout != "" && c.step > 0:
		return &StateError{s.name, fmt.Sprintf("the method has %d steps of memory for weights of another layout; use a new method", c.step)}
	case c.resumed != nil:
		if err := w.Fits(c.resumed); err != nil {
			return fmt.Errorf("optim: %s: restored state and weights: %w", s.name, err)
		}
	}
	spans, err := spans(s, w)
	if err != nil {
		return err
	}
	c.layout, c.spans, c.resumed = l, spans, nil
	return nil
}

// each runs do for every stretch of the slab with its rate, its decoupled decay already
// taken off w, and the factor with which w is added to the gradient.
func (c *core) each(s *common, rate float64, w *quiver.Rep, do func(lo, hi int, rate, l2 float64)) {
	x := w.Data()
	for i := range c.spans {
		p := &c.spans[i]
		if p.rate == 0 {
			continue
		}
		do(p.lo, p.hi, rate*p.rate, c.shrink(s, rate, p, x))
	}
}

// shrink takes the decoupled decay off x and returns the factor of the decay that goes
// through the gradient.
func (c *core) shrink(s *common, rate float64, p *span, x []float64) (l2 float64) {
	d := s.decay * p.decay
	if !s.decoupled || d == 0 {
		return d
	}
	f := 1 - rate*p.rate*d
	for i := p.lo; i < p.hi; i++ {
		x[i] *= f
	}
	return 0
}

// like returns the slab of *r, made as a zero Rep like w if it is nil.
func like(r **quiver.Rep, w *quiver.Rep) []float64 {
	if *r == nil || (*r).Fits(w) != nil {
		*r = w.Like()
	}
	return (*r).Data()
}

// finite says whether no number is NaN or infinite.
func finite(x []float64) bool { return vec.FirstBad(x) < 0 }

// orElse returns x, or y where x is 0.
func orElse[T int | float64](x, y T) T {
	if x == 0 {
		return y
	}
	return x
}
