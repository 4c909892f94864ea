package optim

import (
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// record is what is known of a method before any of its fields is set. It stands once, beside the
// method, and all that is common to methods reads it: the checks of settings, the traits,
// Snapshot and Restore, the catalogue and, by that, the table of guarantees and the tests.
type record struct {
	name      string
	make      func() Stateful
	rate      float64   // what a Rate of 0 means
	decay     float64   // what a Decay of 0 means
	decoupled bool      // the decay never goes through the gradient
	own       []setting // what the method has beside Rate, Decay, Decoupled, Schedule and Groups
	traits    Traits    // without a decay
	keeps     []kept    // what it remembers of the gradients, two at most
}

// setting is a number among the fields of a method. A value of 0 means the default.
type setting struct {
	field  string
	preset float64 // the default
	in     *domain
}

// kept is a representation that a method keeps, under its name in State.Reps. It is a mean or a sum
// of gradients, or of their squares.
type kept struct {
	name      string
	squares   bool   // a second moment: never negative, and limited
	corrected string // the setting β by which a second moment is divided as v/(1−βᵏ), if any
}

// values are the settings of a method as its fields have them; fill puts the defaults in place.
type values struct {
	*record
	rate, decay float64
	decoupled   bool
	schedule    Schedule
	groups      []Group
	own         [4]float64 // in the order of record.own
}

// fill puts the defaults where a field is 0.
func (s *values) fill() {
	s.rate, s.decay = orElse(s.rate, s.record.rate), orElse(s.decay, s.record.decay)
	s.decoupled = s.decoupled || s.record.decoupled
	for i := range s.record.own {
		if s.own[i] == 0 {
			s.own[i] = s.record.own[i].preset
		}
	}
}

// count returns an own setting that is a whole number.
func (s *values) count(i int) int { return int(min(s.own[i], 1<<53)) }

// check returns a *SettingError for the first setting that is out of its domain.
func (s *values) check() error {
	if !positive.has(s.rate) || !atLeast0.has(s.decay) {
		return verify(s.name, argument{"Rate", s.rate, &positive}, argument{"Decay", s.decay, &atLeast0})
	}
	for i := range s.record.own {
		if o := &s.record.own[i]; !o.in.has(s.own[i]) {
			return argument{o.field, s.own[i], o.in}.check(s.name)
		}
	}
	return nil
}

// decayKind says how the decay enters.
func (s values) decayKind() DecayKind {
	switch {
	case s.decay == 0:
		return NoDecay
	case s.decoupled:
		return Decoupled
	}
	return L2
}

// traits are those of the record with the decay. Where products of whole gradients enter the step,
// a decay that is part of the gradient brings the weights into them.
func (s values) traits() Traits {
	s.fill()
	t := s.record.traits
	t.Decay = s.decayKind()
	t.Weights = t.Weights || t.Global && t.Decay == L2
	return t
}

// factors returns the factors that the groups give to an arrow or a vertex.
func (s values) factors(name string) (rate, decay float64) { return factorsOf(s.groups, name) }

// largest returns the largest size of a number that a run of some steps can leave in what is kept.
func (s values) largest(k kept, step int) float64 {
	if !k.squares {
		return math.MaxFloat64
	}
	beta := 0.0
	for i, o := range s.record.own {
		if o.field == k.corrected {
			beta = s.own[i]
		}
	}
	return min(momentLimit, 1.5*momentLimit*(1-math.Pow(beta, float64(step))))
}

// slots are the places of what a method keeps.
func (s values) slots(m *memory) []slot {
	out := make([]slot, len(s.keeps))
	for i, k := range s.keeps {
		out[i] = slot{k, &m.kept[i]}
	}
	return out
}

func (s values) snapshot(m *memory) State { return snapshot(s.name, m, s.slots(m)) }

func (s values) restore(m *memory, st State) error {
	s.fill()
	return restore(s.name, m, s.slots(m), s.largest, st)
}

// slot is a place for a representation that is saved and restored.
type slot struct {
	kept
	rep **quiver.Rep
}
