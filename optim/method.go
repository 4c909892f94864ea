package optim

import (
	"fmt"
	"math"
	"path"

	"github.com/quivernet/quivernet/quiver"
)

// Method is an optimizer: Step changes the weights w by what the gradient says. grad has
// the layout of w and is not changed. A Method keeps its own memory, made at the first step
// for the layout of w; it is not safe for concurrent use. Errors: *SettingError for
// constants out of range, *quiver.LayoutError.
type Method interface {
	Step(w, grad *quiver.Rep) error
}

// Traits say of a method what the theorems ask.
type Traits struct {
	// Rotates: the method commutes with orthogonal changes of basis, so training g·w is
	// g times training w.
	Rotates bool
	// Entrywise: the change of an entry depends on the history of that entry alone, and
	// is 0 while its gradient is 0 (decay apart).
	Entrywise bool
	// Global: lengths or products of whole matrices enter the step.
	Global bool
}

// Trait is implemented by methods that know their Traits. Projected asks.
type Trait interface{ Traits() Traits }

// Schedule multiplies the rate at step 0, 1, 2, …; nil is 1 throughout.
type Schedule func(step int) float64

// Group sets the rate and the decay of some arrows, as factors on those of the method;
// a factor of 0 switches off. Names are names of arrows (of tied ones, the owner's), or
// of vertices for the parameters of their activations; * and ? match as in path.Match. Of
// several groups that match, the last one counts.
type Group struct {
	Names       []string
	RateFactor  float64
	DecayFactor float64
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

// span is a stretch of the slab with one rate and one decay.
type span struct {
	lo, hi      int
	rate, decay float64 // factors
	rows, cols  int
	arrow       bool
}

// core is the memory that all methods share: the step count and the spans.
type core struct {
	step   int
	layout string
	spans  []span
}

// begin checks the settings and the layouts at each step and returns the rate.
func (c *core) begin(s common, w, grad *quiver.Rep) (rate float64, err error) {
	if err := w.Fits(grad); err != nil {
		return 0, err
	}
	rate = s.rate
	if rate == 0 {
		rate = s.fallback
	}
	if !(rate > 0) || math.IsInf(rate, 1) {
		return 0, &SettingError{s.name, "Rate", rate, "a positive number"}
	}
	if !(s.decay >= 0) || math.IsInf(s.decay, 1) {
		return 0, &SettingError{s.name, "Decay", s.decay, "0 or a positive number"}
	}
	if l := w.Quiver().Layout(); c.layout != l {
		if c.layout != "" && c.step > 0 {
			return 0, fmt.Errorf("optim: %s has memory for another layout; use a new method, or Restore one: %w", s.name, &SettingError{s.name, "step", float64(c.step), "0 where the layout changes"})
		}
		c.layout = l
		if c.spans, err = spans(s, w); err != nil {
			return 0, err
		}
	}
	if s.schedule != nil {
		f := s.schedule(c.step)
		if !(f >= 0) || math.IsInf(f, 1) {
			return 0, &SettingError{s.name, fmt.Sprintf("Schedule(%d)", c.step), f, "0 or a positive number"}
		}
		rate *= f
	}
	c.step++
	return rate, nil
}

func spans(s common, w *quiver.Rep) ([]span, error) {
	var out []span
	at := 0
	for seg, data := range w.Segments() {
		p := span{at, at + len(data), 1, 1, seg.Rows, seg.Cols, seg.Arrow != ""}
		name := seg.Arrow + seg.Vertex
		for _, g := range s.groups {
			if !(g.RateFactor >= 0) || !(g.DecayFactor >= 0) {
				return nil, &SettingError{s.name, fmt.Sprintf("Groups %v", g.Names), min(g.RateFactor, g.DecayFactor), "factors of 0 or more"}
			}
			for _, pattern := range g.Names {
				ok, err := path.Match(pattern, name)
				if err != nil {
					return nil, fmt.Errorf("optim: %s: group pattern %q: %w", s.name, pattern, err)
				}
				if ok || pattern == name {
					p.rate, p.decay = g.RateFactor, g.DecayFactor
				}
			}
		}
		out = append(out, p)
		at += len(data)
	}
	return out, nil
}

// each runs do for every entry's stretch with its rate, its decoupled decay already
// taken off w, and the factor with which w is added to the gradient.
func (c *core) each(s common, rate float64, w *quiver.Rep, do func(lo, hi int, rate, l2 float64)) {
	for _, p := range c.spans {
		r, d := rate*p.rate, s.decay*p.decay
		if s.decoupled && d != 0 {
			f := 1 - r*d
			for i := p.lo; i < p.hi; i++ {
				w.Data()[i] *= f
			}
			d = 0
		}
		do(p.lo, p.hi, r, d)
	}
}

// like returns *r, made as a zero Rep like w if it is nil.
func like(r **quiver.Rep, w *quiver.Rep) []float64 {
	if *r == nil || (*r).Fits(w) != nil {
		*r = w.Like()
	}
	return (*r).Data()
}
