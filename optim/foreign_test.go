package optim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// TestForeignStates: a method takes the memory of its own kind alone, and says whose it was given,
// although the memory of another has the same names and shapes. A wrapper has that of what it wraps.
func TestForeignStates(t *testing.T) {
	own := map[string]string{"Clip": "Adam", "ClipEntries": "SGD", "Projected": "Adam", "clip, projected": "Muon", "projected LBFGS": "LBFGS"}
	states := map[string]optim.State{}
	for name, m := range everyMethod() {
		s, ok := m.(optim.Stateful)
		if !ok {
			continue
		}
		w := generic(t, layers.Tanh)
		if _, search := m.(optim.Searcher); search {
			continue
		}
		g := w.Like()
		for i := range g.Data() {
			g.Data()[i] = 1 + float64(i%3)
		}
		require.NoError(t, m.Step(w, g), name)
		states[name] = s.Snapshot()
	}
	taken, refused := 0, 0
	for to, m := range everyMethod() {
		s, ok := m.(optim.Stateful)
		if !ok {
			continue
		}
		for from, state := range states {
			kind := func(name string) string {
				if k, wrapped := own[name]; wrapped {
					return k
				}
				return name
			}
			err := s.Restore(state)
			if kind(from) == kind(to) {
				assert.NoError(t, err, "%s into %s", from, to)
				taken++
				continue
			}
			var se *optim.StateError
			require.ErrorAs(t, err, &se, "%s into %s", from, to)
			assert.Contains(t, err.Error(), state.Method)
			refused++
			if state.Method = ""; len(state.Reps) == 0 && kind(to) == "SGD" {
				assert.NoError(t, s.Restore(state), "whose it is need not be known")
			}
		}
	}
	assert.Positive(t, taken)
	assert.Positive(t, refused)
}

// TestStatesThatNoRunLeaves: numbers and memory that belong to nothing, and representations that no
// quiver made, are refused with a *StateError.
func TestStatesThatNoRunLeaves(t *testing.T) {
	for name, m := range everyMethod() {
		s, ok := m.(optim.Stateful)
		if !ok {
			continue
		}
		w := generic(t, layers.Tanh)
		if _, search := m.(optim.Searcher); !search {
			g := w.Like()
			g.Data()[0] = 1
			require.NoError(t, m.Step(w, g))
		}
		for what, spoil := range map[string]func(*optim.State){
			"a number of another's": func(s *optim.State) { s.Scalars = map[string]float64{"pairs": 0, "reach": 0, "temperature": 1} },
			"a NaN of another's":    func(s *optim.State) { s.Scalars = map[string]float64{"loss": math.NaN()} },
			"an empty memory":       func(s *optim.State) { s.Reps = map[string]*quiver.Rep{"v": {}} },
			"no memory":             func(s *optim.State) { s.Reps = map[string]*quiver.Rep{"v": nil, "m": nil} },
		} {
			state := s.Snapshot()
			before := s.Snapshot()
			spoil(&state)
			var se *optim.StateError
			require.ErrorAs(t, outcome(t, name, func() error { return s.Restore(state) }), &se, "%s: %s", name, what)
			assert.Equal(t, before, s.Snapshot(), "%s: nothing has changed", name)
		}
		assert.NoError(t, s.Restore(s.Snapshot()), name)
	}
}
