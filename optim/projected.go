package optim

import (
	"fmt"

	"github.com/quivernet/quivernet/quiver"
)

// Projector projects a representation to a linear subspace, in place.
// *symmetry.Subspace is one.
type Projector interface {
	Project(g *quiver.Rep) error
}

// Coordinate is implemented by projectors that know whether they only zero entries. One that
// does not say counts as dense.
type Coordinate interface{ Coordinate() bool }

// PairError says why a method and a projector do not go together.
type PairError struct {
	Method, Reason, Next string
}

func (e *PairError) Error() string {
	return fmt.Sprintf("optim: projected %s: %s; %s", e.Method, e.Reason, e.Next)
}

// Projected returns the method that projects each gradient before m sees it. Where the start
// lies in the subspace, so do all iterates; and on symmetry.Subspace training the large
// network this way equals training the reduced one with m (arXiv 2107.02550, Theorem 8, there
// for gradient descent).
//
// The first step returns a *PairError for a pair for which that fails: a method that neither
// works entry by entry nor commutes with rotations, one that works entry by entry
// without commuting under a projector that mixes entries, or one that does not say (see Trait).
func Projected(m Method, p Projector) Method {
	base := projected{m: m, p: p}
	if s, ok := m.(Stateful); ok {
		return &statefulProjected{base, s}
	}
	return &base
}

type projected struct {
	m       Method
	p       Projector
	checked bool
	g       *quiver.Rep
}

func (o *projected) Step(w, grad *quiver.Rep) error {
	if !o.checked {
		if err := fits(o.m, o.p); err != nil {
			return err
		}
		o.checked = true
	}
	if err := w.Fits(grad); err != nil {
		return err
	}
	copy(like(&o.g, grad), grad.Data())
	if err := o.p.Project(o.g); err != nil {
		return err
	}
	return o.m.Step(w, o.g)
}

// Traits of a projected method are those of the method.
func (o *projected) Traits() Traits {
	if t, ok := o.m.(Trait); ok {
		return t.Traits()
	}
	return Traits{}
}

func fits(m Method, p Projector) error {
	name := fmt.Sprintf("%T", m)
	t, ok := m.(Trait)
	if !ok {
		return &PairError{name, "the method does not say whether it commutes with rotations or works entry by entry", "implement optim.Trait"}
	}
	c, ok := p.(Coordinate)
	coordinate := ok && c.Coordinate()
	tr := t.Traits()
	switch {
	case tr.Rotates || tr.Entrywise && coordinate:
		return nil
	case tr.Entrywise:
		return &PairError{name, "it works entry by entry and the projector mixes entries, so projected training is not reduced training", "train symmetry's Rotated network with its Subspace"}
	}
	return &PairError{name, "it neither commutes with rotations nor works entry by entry", "use another method, or train the reduced network"}
}

// statefulProjected forwards the state of the method.
type statefulProjected struct {
	projected
	s Stateful
}

func (o *statefulProjected) Snapshot() State        { return o.s.Snapshot() }
func (o *statefulProjected) Restore(st State) error { return o.s.Restore(st) }
