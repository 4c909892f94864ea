package optim

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// Method is an optimizer: Step changes the weights w by what the gradient says. grad has
// the layout of w, is not changed, and must not lie in the memory of w. A Method keeps its own
// memory, made at the first step for the layout of w; it is not safe for concurrent use. Errors,
// with w and the memory unchanged: *SettingError for constants out of range, *GroupError,
// *NilError, *AliasError, *quiver.LayoutError, *quiver.NonFiniteError for a gradient with a NaN or
// an infinity, and *OverflowError for a finite one that is too large for the memory.
type Method interface {
	Step(w, grad *quiver.Rep) error
}

// common is the record of a method: its name, its settings with their defaults, and the
// domains of those that are its own. What stands here is checked at every step.
type common struct {
	name      string
	rate      float64
	fallback  float64 // the rate where none is set
	decay     float64
	decoupled bool
	schedule  Schedule
	groups    []Group
	own       [4]constant
}

// core is the memory that all methods share: the step count and the spans.
type core struct {
	step    int
	layout  string
	spans   []span
	rates   float64     // the largest factor of a span on the rate
	decays  float64     // and on the decay
	factor  float64     // the schedule's, at the last step
	rate    float64     // of the last step, with the factor
	top     float64     // no entry of the velocity is larger
	resumed *quiver.Rep // after Restore, until the first step: what w must fit
}

// begin checks settings, layouts and gradient, counts the step and sets its rate. It, or
// beginMoments or beginVelocity, is called once in each Step, before anything changes.
func (c *core) begin(s *common, w, grad *quiver.Rep) error {
	if err := c.check(s, w, grad); err != nil {
		return err
	}
	if err := c.finiteGrad(s, w, grad); err != nil {
		return err
	}
	c.step++
	return nil
}

// check sets the rate of the step. It does not look at the numbers of the gradient.
func (c *core) check(s *common, w, grad *quiver.Rep) error {
	if err := pair(s.name, w, grad); err != nil {
		return err
	}
	rate := orElse(s.rate, s.fallback)
	if !positive.has(rate) || !atLeast0.has(s.decay) {
		return verify(s.name, constant{"Rate", rate, &positive}, constant{"Decay", s.decay, &atLeast0})
	}
	if err := verify(s.name, s.own[:]...); err != nil {
		return err
	}
	factor := 1.0
	if s.schedule != nil {
		f := s.schedule(c.step)
		if !atLeast0.has(f) {
			return &SettingError{s.name, fmt.Sprintf("Schedule(%d)", c.step), f, atLeast0.want}
		}
		factor = f
	}
	if err := c.cut(s, w); err != nil {
		return err
	}
	rate *= factor
	if largest := rate * c.rates; !(largest <= math.MaxFloat64) || !(largest*(s.decay*c.decays) <= math.MaxFloat64) {
		return &SettingError{s.name, "the rate with its schedule and groups, or its product with the decay,", math.Inf(1), "finite numbers"}
	}
	c.factor, c.rate = factor, rate
	return nil
}

// cut makes the spans at the first step and holds the method to that layout.
func (c *core) cut(s *common, w *quiver.Rep) error {
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
	c.rates, c.decays = 0, 0
	for _, p := range spans {
		c.rates, c.decays = max(c.rates, p.rate), max(c.decays, p.decay)
	}
	return nil
}

// each runs do for every stretch of the slab with its rate, its decoupled decay already
// taken off w, and the factor with which w is added to the gradient.
func (c *core) each(s *common, w *quiver.Rep, do func(lo, hi int, rate, l2 float64)) {
	x := w.Data()
	for i := range c.spans {
		p := &c.spans[i]
		if p.rate == 0 {
			continue
		}
		do(p.lo, p.hi, c.rate*p.rate, c.shrink(s, c.rate, p, x))
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
