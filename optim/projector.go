package optim

import (
	"fmt"
	"strings"

	"github.com/quivernet/quivernet/quiver"
)

// Projector projects a representation to a linear subspace, in place and orthogonally.
// *symmetry.Subspace is one.
type Projector interface {
	Project(g *quiver.Rep) error
}

// Coordinate is implemented by projectors that know whether they only zero entries. One that
// does not say counts as dense: it mixes the entries of each matrix.
type Coordinate interface{ Coordinate() bool }

// Joined is implemented by projectors that mix the entries of several arrows: Joined lists the
// sets of arrows that are mixed. Only methods that are isotropic, with equal rates and
// decays within each set, keep training in such a subspace equal to reduced training.
type Joined interface{ Joined() [][]string }

// Container is implemented by projectors that can tell whether weights lie in the subspace.
// Projected asks at its first step: from a start outside, projected training is not
// reduced training.
type Container interface{ Contains(w *quiver.Rep) bool }

// PairError says why a method and a projector, or two methods, do not go together.
type PairError struct {
	Method    string
	Projector string // "" where none is involved
	Reason    string
	Next      string // what to do
}

func (e *PairError) Error() string {
	if e.Projector == "" {
		return fmt.Sprintf("optim: %s: %s; %s", e.Method, e.Reason, e.Next)
	}
	return fmt.Sprintf("optim: %s projected by %s: %s; %s", e.Method, e.Projector, e.Reason, e.Next)
}

// StartError reports weights that do not lie in the subspace of a projector at the first
// step.
type StartError struct {
	Method, Projector string
}

func (e *StartError) Error() string {
	return fmt.Sprintf("optim: %s projected by %s: the weights do not lie in the subspace, so projected training is not reduced training; start from the Rotated network", e.Method, e.Projector)
}

// compatible returns a *PairError unless projected training with m and p equals
// reduced training with m.
func compatible(m Method, p Projector) error {
	refuse := func(reason, next string) error {
		return &PairError{Method: title(m), Projector: title(p), Reason: reason, Next: next}
	}
	known, ok := m.(Trait)
	if !ok {
		return refuse("the method does not say whether it commutes with rotations or works entry by entry", "implement optim.Trait")
	}
	t := known.Traits()
	c, ok := p.(Coordinate)
	coordinate := ok && c.Coordinate()
	switch {
	case t.Weights && t.Decay == L2:
		return refuse("its norms and products see the decay of weights that the reduced network does not have", "set Decoupled, or train the reduced network")
	case t.Weights:
		return refuse("lengths of the weights enter its step, and the reduced network does not have all of them", "use another method, or train the reduced network")
	case !t.pads():
		return refuse("rows and columns of zeros in the gradient change its step", "use another method, or train the reduced network")
	case !coordinate && !t.Rotates:
		return refuse("it does not commute with rotations and the projector mixes entries, so projected training is not reduced training", "train symmetry's Rotated network with its Subspace")
	}
	j, ok := p.(Joined)
	if !ok {
		return nil
	}
	for _, set := range j.Joined() {
		if len(set) < 2 {
			continue
		}
		if !t.Isotropic {
			return refuse(fmt.Sprintf("the projector mixes the arrows %s, and the step of the joined matrix is not that of its parts", strings.Join(set, ", ")), "use SGD, Momentum, Nesterov or L-BFGS, or train the reduced network")
		}
		r0, d0 := factors(m, set[0])
		for _, name := range set[1:] {
			if r, d := factors(m, name); r != r0 || d != d0 {
				return refuse(fmt.Sprintf("the projector mixes the arrows %s and %s, which have the rate factors %v and %v and the decay factors %v and %v", set[0], name, r0, r, d0, d), "give them equal ones")
			}
		}
	}
	return nil
}

// title names a method or a projector in messages.
func title(x any) string {
	if s, ok := x.(fmt.Stringer); ok {
		return s.String()
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", x), "*")
}
