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

// memory is what a method has from its steps: how many there were, how the slab is divided, and
// what it keeps of the gradients.
type memory struct {
	step     int
	layout   string
	segments []segment
	rates    float64        // the largest factor of a segment on the rate
	decays   float64        // and on the decay
	factor   float64        // the schedule's, at the last step
	rate     float64        // of the last step, with the factor
	top      float64        // no entry of the velocity is larger
	kept     [2]*quiver.Rep // in the order of record.keeps
	resumed  *quiver.Rep    // after Restore, until the first step: what w must fit
}

// begin checks settings, layouts and gradient, counts the step and sets its rate. It, or
// beginMoments or beginVelocity, is called once in each Step, before anything changes.
func (m *memory) begin(s *values, w, grad *quiver.Rep) error {
	if err := m.check(s, w, grad); err != nil {
		return err
	}
	if err := m.finiteGrad(s, w, grad); err != nil {
		return err
	}
	m.step++
	return nil
}

// check sets the rate of the step. It does not look at the numbers of the gradient.
func (m *memory) check(s *values, w, grad *quiver.Rep) error {
	if err := checkStep(s.name, w, grad); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	factor := 1.0
	if s.schedule != nil {
		f := s.schedule(m.step)
		if !atLeast0.has(f) {
			return &SettingError{s.name, fmt.Sprintf("Schedule(%d)", m.step), f, atLeast0.want}
		}
		factor = f
	}
	if err := m.divide(s, w); err != nil {
		return err
	}
	rate := s.rate * factor
	if largest := rate * m.rates; !(largest <= math.MaxFloat64) || !(largest*(s.decay*m.decays) <= math.MaxFloat64) {
		return &SettingError{s.name, "the rate with its schedule and groups, or its product with the decay,", math.Inf(1), "finite numbers"}
	}
	m.factor, m.rate = factor, rate
	return nil
}

// divide makes the segments at the first step and holds the method to that layout.
func (m *memory) divide(s *values, w *quiver.Rep) error {
	l := w.Quiver().Layout()
	switch {
	case m.layout == l:
		return nil
	case m.layout != "" && m.step > 0:
		return &StateError{s.name, fmt.Sprintf("the method has %d steps of memory for weights of another layout; use a new method", m.step)}
	case m.resumed != nil:
		if err := w.Fits(m.resumed); err != nil {
			return fmt.Errorf("optim: %s: restored state and weights: %w", s.name, err)
		}
	}
	segments, err := segmentsOf(s, w)
	if err != nil {
		return err
	}
	m.layout, m.segments, m.resumed = l, segments, nil
	m.rates, m.decays = 0, 0
	for _, p := range segments {
		m.rates, m.decays = max(m.rates, p.rate), max(m.decays, p.decay)
	}
	return nil
}

// each runs do for every stretch of the slab with its rate, its decoupled decay already
// taken off w, and the factor with which w is added to the gradient.
func (m *memory) each(s *values, w *quiver.Rep, do func(lo, hi int, rate, l2 float64)) {
	x := w.Data()
	for i := range m.segments {
		p := &m.segments[i]
		if p.rate == 0 {
			continue
		}
		do(p.lo, p.hi, m.rate*p.rate, m.shrink(s, m.rate, p, x))
	}
}

// shrink takes the decoupled decay off x and returns the factor of the decay that goes
// through the gradient.
func (m *memory) shrink(s *values, rate float64, p *segment, x []float64) (l2 float64) {
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

// keep returns the slab of the i-th thing that the method keeps.
func (m *memory) keep(i int, w *quiver.Rep) []float64 { return like(&m.kept[i], w) }

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
