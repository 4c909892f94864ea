package optim

import "github.com/quivernet/quivernet/quiver"

// Lion steps along the sign of a mean of gradients (Chen and others, arXiv 2302.06675):
//
//	c = β₁m + (1−β₁)g,  w ← w − η(sign(c) + λw),  m ← β₂m + (1−β₂)g,
//
// with sign(0) = 0, so that a masked entry stays where it is. All steps are as long as the rate, which is
// smaller than Adam's, and the decay larger, by a factor of 3 to 10 each. It does not commute with rotations:
// training a rotated network is another training. But it works entry by entry, so projected training of
// Rotated equals training of the reduced network. Gradients below 1e-306 vanish in the mean.
type Lion struct {
	Rate         float64 // η; 0 means 1e-4
	Beta1, Beta2 float64 // 0 means 0.9 and 0.99
	Decay        float64 // λ, decoupled: w ← (1−ηλ)w beside the step
	Schedule     Schedule
	Groups       []Group

	memory
}

var lion = record{
	name: "Lion", make: func() Stateful { return new(Lion) }, rate: 1e-4, decoupled: true, traits: entrywise,
	own:   []setting{{"Beta1", 0.9, &fraction}, {"Beta2", 0.99, &fraction}},
	keeps: []kept{{name: "m"}},
}

func (m *Lion) values() values {
	exist(m, lion.name)
	return values{record: &lion, rate: m.Rate, decay: m.Decay, schedule: m.Schedule, groups: m.Groups, own: [4]float64{m.Beta1, m.Beta2}}
}

// Traits says that each entry goes its own way.
func (m *Lion) Traits() Traits { return m.values().traits() }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *Lion) Factors(name string) (rate, decay float64) { return m.values().factors(name) }

// Snapshot returns the state.
func (m *Lion) Snapshot() State { return m.values().snapshot(&m.memory) }

// Restore sets the state.
func (m *Lion) Restore(st State) error { return m.values().restore(&m.memory, st) }

// Step changes w.
func (m *Lion) Step(w, grad *quiver.Rep) error {
	s := m.values()
	s.fill()
	b1, b2 := s.own[0], s.own[1]
	if err := m.begin(&s, w, grad); err != nil {
		return err
	}
	x, g, mean := w.Data(), grad.Data(), m.keep(0, w)
	m.each(&s, w, func(lo, hi int, rate, _ float64) {
		for i := lo; i < hi; i++ {
			switch c := b1*mean[i] + (1-b1)*g[i]; {
			case c > 0:
				x[i] -= rate
			case c < 0:
				x[i] += rate
			}
			mean[i] = b2*mean[i] + (1-b2)*g[i]
		}
	})
	return nil
}
