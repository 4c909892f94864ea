package tape

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/vec"
)

// A sum of products that overflows on the way stays infinite, with the sign of what came first, and a saturating activation
// would turn that into a number like others. So no activation does: its value is NaN where the pre-activation is infinite,
// and a NaN reaches the loss and the outputs, where it is looked for at no cost and traced back. The
// kernels of internal/vec do so themselves; what follows does it for the other rules.

// overflows reports whether one of d features of a block is infinite or NaN for some sample.
func (t *Tape[T]) overflows(z []T, d int) bool {
	for i := range d {
		if vec.FirstBad(z[i*t.ld:i*t.ld+t.lanes]) >= 0 {
			return true
		}
	}
	return false
}

// poison fills a sample with NaN where its pre-activation is not finite, and reports whether it did.
func poison(y, z []float64) bool {
	if vec.FirstBad(z) < 0 {
		return false
	}
	for i := range y {
		y[i] = math.NaN()
	}
	return true
}

// sumOverflows computes the pre-activation of a vertex again and returns its first number that is not finite.
func (s *forward[T]) sumOverflows(m *Memory[T]) error {
	if _, plain := s.act.(identityRule[T]); plain {
		return nil
	}
	s.t.sum(m, m.slot[s.z], s.d, s.terms, false)
	if r, c, x := s.t.firstBad(m, s.z); r >= 0 {
		return &fault.NonFiniteError{Where: fmt.Sprintf("vertex or arrow %q, value z[%s]", s.owner, s.owner), Row: r, Col: c, Value: x}
	}
	return nil
}

// guards says that a loss would hide an infinity at its output: a cross entropy takes a logit of −∞ for a class
// that is masked, and a loss of the user's may do anything.
func (f *fuser[T]) guards(s *forward[T]) bool {
	_, plain := s.act.(identityRule[T])
	_, kernel := s.act.(*mapRule[T])
	hides := f.hides[s.nodes[len(s.nodes)-1]]
	return hides == anything || hides == maskedLogits && (plain || kernel)
}

// hiding is what a loss makes of infinite numbers at its output.
type hiding uint8

const (
	maskedLogits hiding = iota + 1
	anything
)

// hidingLosses returns the output nodes whose losses hide infinities.
func hidingLosses(e *model.Expression) map[*gorgonia.Node]hiding {
	if e.Target == nil {
		return nil
	}
	at := make(map[*gorgonia.Node]hiding)
	for i, v := range e.Model.LossAt {
		switch l := e.Model.Losses[i].Loss; {
		case l.Custom:
			at[e.Vertex[v]] = anything
		case l.Labels:
			at[e.Vertex[v]] = max(at[e.Vertex[v]], maskedLogits)
		}
	}
	return at
}

// finiteOutput returns an error where the value of the vertex is not finite.
func (s *forward[T]) finiteOutput(m *Memory[T]) error {
	if !s.t.overflows(m.slot[s.x], s.d) {
		return nil
	}
	r, c, x := s.t.firstBad(m, s.x)
	if err := s.sumOverflows(m); err != nil { // overwrites z, which may be x
		return err
	}
	return &fault.NonFiniteError{Where: fmt.Sprintf("vertex or arrow %q, value %s", s.owner, s.owner), Row: r, Col: c, Value: x}
}
