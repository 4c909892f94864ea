package optim

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/quivernet/quivernet/quiver"
)

// State is the memory of a method: a resumed run has the bits of one that was not
// interrupted. The zero value is no state: a method that has not made a step has one with
// Reps that is empty, not nil.
type State struct {
	Method  string // whose memory it is, such as "Adam"; Restore takes "", and any before the first step
	Step    int
	Reps    map[string]*quiver.Rep
	Scalars map[string]float64
}

// Stateful is a method whose memory can be saved and restored. Snapshot copies; Restore
// copies too, and returns a *StateError, with the method unchanged, for memory of another method, for
// the zero State, and for numbers that no run leaves behind: a NaN, an infinity, second
// moments that are negative, or that are there before the first step.
type Stateful interface {
	Method
	Snapshot() State
	Restore(State) error
}

// StateError reports a State that a method cannot take.
type StateError struct {
	Method, Reason string
}

func (e *StateError) Error() string { return fmt.Sprintf("optim: %s: %s", e.Method, e.Reason) }

const origin = "restore it into the method that made it"

// snapshot returns the state of a method with these places.
func snapshot(name string, m *memory, slots []slot) State {
	s := State{Method: name, Step: m.step, Reps: make(map[string]*quiver.Rep)}
	for _, k := range slots {
		if *k.rep != nil {
			s.Reps[k.name] = (*k.rep).Clone()
		}
	}
	return s
}

// restore fills the places from a state, or returns a *StateError with all unchanged. largest is the
// largest number that a run of so many steps leaves in a place.
func restore(name string, m *memory, slots []slot, largest func(k kept, step int) float64, s State) error {
	fail := func(format string, args ...any) error { return &StateError{name, fmt.Sprintf(format, args...)} }
	switch {
	case s.Method != "" && s.Method != name && s.Step > 0:
		return fail("the state is that of %s; "+origin, s.Method)
	case s.Step < 0:
		return fail("step %d, want 0 or more", s.Step)
	case float64(s.Step) > 1<<53:
		return fail("step %d, want 2⁵³ at most", s.Step)
	case s.Step == 0 && s.Reps == nil:
		return fail("the state is the zero value; take one from Snapshot")
	}
	for _, k := range slices.Sorted(maps.Keys(s.Scalars)) {
		return fail("the state holds the number %q, which this method does not have; "+origin, k)
	}
	var first *quiver.Rep
	names := slices.Sorted(maps.Keys(s.Reps))
	for _, k := range names {
		switch r := s.Reps[k]; {
		case missing(r):
			return fail("the state's %q is nil", k)
		case first == nil:
			first = r
		case first.Fits(r) != nil:
			return fail("the state's %q has another layout than its other memory: %v", k, first.Fits(r))
		}
	}
	places := make(map[string]bool, len(slots))
	for _, k := range slots {
		places[k.name] = true
	}
	for _, k := range names {
		if !places[k] {
			return fail("the state holds %q, which this method does not have; "+origin, k)
		}
		if err := s.Reps[k].CheckFinite(); err != nil {
			return fail("the state's %q: %v", k, err)
		}
	}
	slices.SortFunc(slots, func(a, b slot) int { return strings.Compare(a.name, b.name) })
	for _, k := range slots {
		if s.Step > 0 && s.Reps[k.name] == nil {
			return fail("the state lacks %q; "+origin, k.name)
		}
	}
	top := 0.0
	for _, k := range slots {
		if v := s.Reps[k.name]; v != nil {
			if err := k.holds(v, name, s.Step, largest(k.kept, s.Step)); err != nil {
				return err
			}
			if !k.squares {
				top = max(top, largestEntry(v))
			}
		}
	}
	*m = memory{step: s.Step, top: top}
	for _, k := range slots {
		*k.rep = nil
		if v := s.Reps[k.name]; v != nil {
			*k.rep = v.Clone()
			m.resumed = *k.rep
		}
	}
	return nil
}

// holds returns the error of an entry of v that no run leaves.
func (k kept) holds(v *quiver.Rep, name string, step int, largest float64) error {
	for i, x := range v.Data() {
		if k.squares && x < 0 || math.Abs(x) > largest {
			where, row, col := place(v, i)
			return &StateError{name, fmt.Sprintf("the state's %q has %v in %s, entry (%d,%d), after %d steps; want a second moment, 0 or more; %s", k.name, x, where, row, col, step, origin)}
		}
	}
	return nil
}

// largestEntry returns the largest size of an entry.
func largestEntry(v *quiver.Rep) (top float64) {
	for _, x := range v.Data() {
		top = max(top, math.Abs(x))
	}
	return top
}
