package optim

import (
	"fmt"
	"maps"
	"slices"

	"github.com/quivernet/quivernet/quiver"
)

// State is the memory of a method: a resumed run has the bits of one that was not
// interrupted.
type State struct {
	Step    int
	Reps    map[string]*quiver.Rep
	Scalars map[string]float64
}

// Stateful is a method whose memory can be saved and restored. Snapshot copies; Restore
// copies too, and returns a *StateError for memory of another method.
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

// memory names the Reps of a method.
type memory map[string]**quiver.Rep

func snapshot(c *core, m memory) State {
	s := State{Step: c.step, Reps: make(map[string]*quiver.Rep)}
	for name, r := range m {
		if *r != nil {
			s.Reps[name] = (*r).Clone()
		}
	}
	return s
}

func restore(name string, c *core, m memory, s State) error {
	if s.Step < 0 {
		return &StateError{name, fmt.Sprintf("step %d, want 0 or more", s.Step)}
	}
	var first *quiver.Rep
	for _, k := range slices.Sorted(maps.Keys(s.Reps)) {
		switch r := s.Reps[k]; {
		case r == nil:
			return &StateError{name, fmt.Sprintf("the state's %q is nil", k)}
		case first == nil:
			first = r
		case first.Fits(r) != nil:
			return &StateError{name, fmt.Sprintf("the state's %q has another layout than its other memory: %v", k, first.Fits(r))}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(s.Reps)) {
		if _, ok := m[k]; !ok {
			return &StateError{name, fmt.Sprintf("the state holds %q, which this method does not have; restore it into the method that made it", k)}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if s.Step > 0 && s.Reps[k] == nil {
			return &StateError{name, fmt.Sprintf("the state lacks %q; restore it into the method that made it", k)}
		}
	}
	*c = core{step: s.Step}
	for k, r := range m {
		*r = nil
		if v := s.Reps[k]; v != nil {
			*r = v.Clone()
			c.resumed = *r
		}
	}
	return nil
}

// The methods' memories.

// Snapshot returns the state.
func (m *SGD) Snapshot() State { return snapshot(&m.core, nil) }

// Restore sets the state.
func (m *SGD) Restore(s State) error { return restore("SGD", &m.core, nil, s) }

// Snapshot returns the state.
func (m *Momentum) Snapshot() State { return snapshot(&m.core, memory{"v": &m.v}) }

// Restore sets the state.
func (m *Momentum) Restore(s State) error {
	return restore("Momentum", &m.core, memory{"v": &m.v}, s)
}

// Snapshot returns the state.
func (m *Nesterov) Snapshot() State { return snapshot(&m.core, memory{"v": &m.v}) }

// Restore sets the state.
func (m *Nesterov) Restore(s State) error {
	return restore("Nesterov", &m.core, memory{"v": &m.v}, s)
}

// Snapshot returns the state.
func (m *Adam) Snapshot() State { return snapshot(&m.core, memory{"m": &m.m, "v": &m.v}) }

// Restore sets the state.
func (m *Adam) Restore(s State) error {
	return restore("Adam", &m.core, memory{"m": &m.m, "v": &m.v}, s)
}

// Snapshot returns the state.
func (m *AdamW) Snapshot() State { return snapshot(&m.core, memory{"m": &m.m, "v": &m.v}) }

// Restore sets the state.
func (m *AdamW) Restore(s State) error {
	return restore("AdamW", &m.core, memory{"m": &m.m, "v": &m.v}, s)
}

// Snapshot returns the state.
func (m *SignSGD) Snapshot() State { return snapshot(&m.core, nil) }

// Restore sets the state.
func (m *SignSGD) Restore(s State) error { return restore("SignSGD", &m.core, nil, s) }

// Snapshot returns the state.
func (m *Adagrad) Snapshot() State { return snapshot(&m.core, memory{"v": &m.v}) }

// Restore sets the state.
func (m *Adagrad) Restore(s State) error { return restore("Adagrad", &m.core, memory{"v": &m.v}, s) }

// Snapshot returns the state.
func (m *RMSProp) Snapshot() State { return snapshot(&m.core, memory{"v": &m.v}) }

// Restore sets the state.
func (m *RMSProp) Restore(s State) error { return restore("RMSProp", &m.core, memory{"v": &m.v}, s) }
