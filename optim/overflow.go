package optim

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/quivernet/quivernet/quiver"
)

// OverflowError reports an entry of a gradient that is too large for the memory of a method:
// its square, or a sum of such entries, is not a number of double precision. Nothing has been
// changed by the step that returns it.
type OverflowError struct {
	Method   string
	Step     int    // steps done before, as a Schedule counts
	Where    string // `arrow "x->h1"`, `parameters of vertex "h1"`
	Row, Col int
	Gradient float64 // with the decay, where it goes through the gradient
	Memory   string  // what would overflow
}

func (e *OverflowError) Error() string {
	return fmt.Sprintf("optim: %s: step %d: %s: entry (%d,%d) of the gradient is %v, and the method's %s would overflow; nothing was changed; wrap the method in optim.Clip, or scale the loss", e.Method, e.Step, e.Where, e.Row, e.Col, e.Gradient, e.Memory)
}

// What the memory of a method holds at most: a second moment is momentLimit at most, and no entry of
// a gradient is larger than its root. A sum of squares up to smallSquares needs no look at the
// entries: it is less than half of the last place of momentLimit, so that added to a second moment
// in any number of steps it does not lead beyond. A velocity up to velocityBound needs none either.
const (
	momentLimit   = 1e308
	entryLimit    = 1e154
	smallSquares  = 1e290
	velocityBound = 1e300
)

// beginMoments is begin for methods that keep v ← keep·v + add·d² with d = g + λw. It returns
// an *OverflowError for an entry whose square, or whose v, is too large: √v would be infinite
// from then on, and the entry would stay where it is without a word. keep and add are 1 at most. The
// look at each entry is spared where the sum of all squares is small.
func (m *memory) beginMoments(s *values, keep, add float64, v *quiver.Rep, w, grad *quiver.Rep) error {
	if err := m.check(s, w, grad); err != nil {
		return err
	}
	q := floats.Dot(grad.Data(), grad.Data())
	if l2 := m.l2(s); l2 > 0 {
		q = math.Sqrt(q) + l2*math.Sqrt(floats.Dot(w.Data(), w.Data()))
		q *= q
	}
	if !(q <= smallSquares) { // or NaN
		if err := m.finiteGrad(s, w, grad); err != nil {
			return err
		}
		err := m.entries(s, w, grad, v, func(d, v float64) bool {
			return math.Abs(d) <= entryLimit && keep*v+add*d*d <= momentLimit
		}, "second moment")
		if err != nil {
			return err
		}
	}
	m.step++
	return nil
}

// beginVelocity is begin for methods that keep v ← μv + d first and step along d + μv. It returns an
// *OverflowError for an entry whose velocity is too large. The look at each entry is spared where the lengths of
// gradient and weights already say that none can be. (A mean βv + (1−β)d of numbers is a number.)
func (m *memory) beginVelocity(s *values, mu float64, w, grad *quiver.Rep) error {
	if err := m.check(s, w, grad); err != nil {
		return err
	}
	q := math.Sqrt(floats.Dot(grad.Data(), grad.Data()))
	if l2 := m.l2(s); l2 > 0 {
		q += l2 * math.Sqrt(floats.Dot(w.Data(), w.Data()))
	}
	if top := mu*m.top + q; top <= velocityBound {
		m.top = top
		m.step++
		return nil
	}
	return m.beginLarge(s, mu, w, grad)
}

// beginLarge looks at each entry.
func (m *memory) beginLarge(s *values, mu float64, w, grad *quiver.Rep) error {
	if err := m.finiteGrad(s, w, grad); err != nil {
		return err
	}
	top := 0.0
	err := m.entries(s, w, grad, m.kept[0], func(d, v float64) bool {
		v = math.Abs(mu*v + d)
		top = max(top, v)
		return math.Abs(d)+mu*v <= math.MaxFloat64
	}, "velocity")
	if err != nil {
		return err
	}
	m.top = top
	m.step++
	return nil
}

// l2 is the largest decay that goes through the gradient.
func (m *memory) l2(s *values) float64 {
	if s.decoupled {
		return 0
	}
	return s.decay * m.decays
}

// entries returns an *OverflowError for the first entry d of the gradient, with its memory, that
// is not fine. Arrows that are held have no part in a step.
func (m *memory) entries(s *values, w, grad, kept *quiver.Rep, fine func(d, v float64) bool, what string) error {
	x, g := w.Data(), grad.Data()
	for i := range m.segments {
		p := &m.segments[i]
		if p.rate == 0 {
			continue
		}
		l2 := 0.0
		if !s.decoupled {
			l2 = s.decay * p.decay
		}
		for k := p.lo; k < p.hi; k++ {
			d, v := g[k]+l2*x[k], 0.0
			if kept != nil {
				v = kept.Data()[k]
			}
			if !fine(d, v) {
				where, row, col := place(w, k)
				return &OverflowError{s.name, m.step, where, row, col, d, what}
			}
		}
	}
	return nil
}

// finiteGrad returns the errors of numbers that are not finite: those of the gradient, and those
// of the weights where they are part of it.
func (m *memory) finiteGrad(s *values, w, grad *quiver.Rep) error {
	if !finite(grad.Data()) {
		return fmt.Errorf("optim: %s: gradient: %w", s.name, grad.CheckFinite())
	}
	if m.l2(s) > 0 && !finite(w.Data()) {
		return fmt.Errorf("optim: %s: weights, whose decay is part of the gradient: %w", s.name, w.CheckFinite())
	}
	return nil
}

// place names the entry at position k of the slab.
func place(w *quiver.Rep, k int) (where string, row, col int) {
	var at quiver.Segment
	for s, d := range w.Segments() {
		if at = s; k < len(d) {
			break
		}
		k -= len(d)
	}
	where = fmt.Sprintf("arrow %q", at.Arrow)
	if at.Arrow == "" {
		where = fmt.Sprintf("parameters of vertex %q", at.Vertex)
	}
	return where, k / at.Cols, k % at.Cols
}
