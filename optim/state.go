package optim

import (
	"fmt"
	"maps"
	"math"
	"slices"

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

// memory is what a method keeps besides its core, by name. Where the name is "v" and moments is
// set, the numbers are second moments, and bias is the β by which they are corrected, 0 if they are not.
type memory struct {
	name    string
	core    *core
	reps    map[string]**quiver.Rep
	moments bool
	bias    float64
}

func (m memory) snapshot() State {
	s := State{Method: m.name, Step: m.core.step, Reps: make(map[string]*quiver.Rep)}
	for name, r := range m.reps {
		if *r != nil {
			s.Reps[name] = (*r).Clone()
		}
	}
	return s
}

func (m memory) restore(s State) error {
	fail := func(format string, args ...any) error { return &StateError{m.name, fmt.Sprintf(format, args...)} }
	switch {
	case s.Method != "" && s.Method != m.name && s.Step > 0:
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
	for _, k := range slices.Sorted(maps.Keys(s.Reps)) {
		switch r := s.Reps[k]; {
		case missing(r):
			return fail("the state's %q is nil", k)
		case first == nil:
			first = r
		case first.Fits(r) != nil:
			return fail("the state's %q has another layout than its other memory: %v", k, first.Fits(r))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(s.Reps)) {
		if _, ok := m.reps[k]; !ok {
			return fail("the state holds %q, which this method does not have; "+origin, k)
		}
		if err := s.Reps[k].CheckFinite(); err != nil {
			return fail("the state's %q: %v", k, err)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(m.reps)) {
		if s.Step > 0 && s.Reps[k] == nil {
			return fail("the state lacks %q; "+origin, k)
		}
	}
	top := 0.0
	if v := s.Reps["v"]; v != nil {
		var err error
		if top, err = m.largest(v, s.Step); err != nil {
			return err
		}
	}
	*m.core = core{step: s.Step, top: top}
	for k, r := range m.reps {
		*r = nil
		if v := s.Reps[k]; v != nil {
			*r = v.Clone()
			m.core.resumed = *r
		}
	}
	return nil
}

// largest returns the largest size of an entry of v, or the error of one that no run leaves.
func (m memory) largest(v *quiver.Rep, step int) (top float64, err error) {
	limit := math.MaxFloat64
	if m.moments {
		limit = min(momentLimit, 1.5*momentLimit*(1-math.Pow(m.bias, float64(step))))
	}
	for i, x := range v.Data() {
		if m.moments && x < 0 || math.Abs(x) > limit {
			where, row, col := place(v, i)
			return 0, &StateError{m.name, fmt.Sprintf("the state's \"v\" has %v in %s, entry (%d,%d), after %d steps; want a second moment, 0 or more; %s", x, where, row, col, step, origin)}
		}
		top = max(top, math.Abs(x))
	}
	return top, nil
}

// The methods' memories.

func (m *SGD) memory() memory {
	exist(m, "SGD")
	return memory{"SGD", &m.core, nil, false, 0}
}

// Snapshot returns the state.
func (m *SGD) Snapshot() State { return m.memory().snapshot() }

// Restore sets the state.
func (m *SGD) Restore(s State) error { return m.memory().restore(s) }

func (m *Momentum) memory() memory {
	exist(m, "Momentum")
	return memory{"Momentum", &m.core, map[string]**quiver.Rep{"v": &m.v}, false, 0}
}

// Snapshot returns the state.
func (m *Momentum) Snapshot() State { return m.memory().snapshot() }

// Restore sets the state.
func (m *Momentum) Restore(s State) error { return m.memory().restore(s) }

func (m *Nesterov) memory() memory {
	exist(m, "Nesterov")
	return memory{"Nesterov", &m.core, map[string]**quiver.Rep{"v": &m.v}, false, 0}
}

// Snapshot returns the state.
func (m *Nesterov) Snapshot() State { return m.memory().snapshot() }

// Restore sets the state.
func (m *Nesterov) Restore(s State) error { return m.memory().restore(s) }

func (m *SignSGD) memory() memory {
	exist(m, "SignSGD")
	return memory{"SignSGD", &m.core, nil, false, 0}
}

// Snapshot returns the state.
func (m *SignSGD) Snapshot() State { return m.memory().snapshot() }

// Restore sets the state.
func (m *SignSGD) Restore(s State) error { return m.memory().restore(s) }

func (m *Adagrad) memory() memory {
	exist(m, "Adagrad")
	return memory{"Adagrad", &m.core, map[string]**quiver.Rep{"v": &m.v}, true, 0}
}

// Snapshot returns the state.
func (m *Adagrad) Snapshot() State { return m.memory().snapshot() }

// Restore sets the state.
func (m *Adagrad) Restore(s State) error { return m.memory().restore(s) }

func (m *RMSProp) memory() memory {
	exist(m, "RMSProp")
	return memory{"RMSProp", &m.core, map[string]**quiver.Rep{"v": &m.v}, true, 0}
}

// Snapshot returns the state.
func (m *RMSProp) Snapshot() State { return m.memory().snapshot() }

// Restore sets the state.
func (m *RMSProp) Restore(s State) error { return m.memory().restore(s) }

func (m *Adam) memory() memory {
	exist(m, "Adam")
	return memory{"Adam", &m.core, map[string]**quiver.Rep{"m": &m.m, "v": &m.v}, true, m.settings().own[1].value}
}

// Snapshot returns the state.
func (m *Adam) Snapshot() State { return m.memory().snapshot() }

// Restore sets the state.
func (m *Adam) Restore(s State) error { return m.memory().restore(s) }

func (m *AdamW) memory() memory {
	exist(m, "AdamW")
	return memory{"AdamW", &m.core, map[string]**quiver.Rep{"m": &m.m, "v": &m.v}, true, m.settings().own[1].value}
}

// Snapshot returns the state.
func (m *AdamW) Snapshot() State { return m.memory().snapshot() }

// Restore sets the state.
func (m *AdamW) Restore(s State) error { return m.memory().restore(s) }

func (m *Muon) memory() memory {
	exist(m, "Muon")
	return memory{"Muon", &m.core, map[string]**quiver.Rep{"v": &m.v}, false, 0}
}

// Snapshot returns the state.
func (m *Muon) Snapshot() State { return m.memory().snapshot() }

// Restore sets the state.
func (m *Muon) Restore(s State) error { return m.memory().restore(s) }
