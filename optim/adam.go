package optim

import (
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// Adam is the method of Kingma and Ba (2015) with bias correction and ε outside the
// root; Decay is added to the gradient. It does not commute with rotations: training a rotated
// network is another training. But it works entry by entry, so projected training of Rotated
// equals training of the reduced network.
//
// An entry of the gradient beyond 1e154 is an *OverflowError: v would be infinite, and the entry would
// never move again. (A smaller one is remembered as the equations say: after 1e100, gradients
// of 1 move the entry by next to nothing for 1/(1−β₂)·460 steps; Clip prevents that.) The
// same holds of every method with second moments.
type Adam struct {
	Rate         float64 // η; 0 means 0.001
	Beta1, Beta2 float64 // 0 means 0.9 and 0.999
	Eps          float64 // ε; 0 means 1e-8
	Decay        float64 // λ, added to the gradient
	Schedule     Schedule
	Groups       []Group

	memory
}

var adam = record{name: "Adam", make: func() Stateful { return new(Adam) }, rate: 0.001, traits: entrywise, own: adamSettings, keeps: adamMoments}

func (m *Adam) values() values {
	exist(m, adam.name)
	return values{record: &adam, rate: m.Rate, decay: m.Decay, schedule: m.Schedule, groups: m.Groups, own: [4]float64{m.Beta1, m.Beta2, m.Eps}}
}

// Traits says that each entry goes its own way.
func (m *Adam) Traits() Traits { return m.values().traits() }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *Adam) Factors(name string) (rate, decay float64) { return m.values().factors(name) }

// Snapshot returns the state.
func (m *Adam) Snapshot() State { return m.values().snapshot(&m.memory) }

// Restore sets the state.
func (m *Adam) Restore(st State) error { return m.values().restore(&m.memory, st) }

// Step changes w.
func (m *Adam) Step(w, grad *quiver.Rep) error {
	s := m.values()
	s.fill()
	return m.adaptive(&s, w, grad)
}

// AdamW is Adam with decoupled decay, w ← (1−ηλ)w (Loshchilov and Hutter 2019).
type AdamW struct {
	Rate         float64 // η; 0 means 0.001
	Beta1, Beta2 float64 // 0 means 0.9 and 0.999
	Eps          float64 // ε; 0 means 1e-8
	Decay        float64 // λ; 0 means 0.01 (for none, use Adam)
	Schedule     Schedule
	Groups       []Group

	memory
}

var adamW = record{name: "AdamW", make: func() Stateful { return new(AdamW) }, rate: 0.001, decay: 0.01, decoupled: true, traits: entrywise, own: adamSettings, keeps: adamMoments}

func (m *AdamW) values() values {
	exist(m, adamW.name)
	return values{record: &adamW, rate: m.Rate, decay: m.Decay, schedule: m.Schedule, groups: m.Groups, own: [4]float64{m.Beta1, m.Beta2, m.Eps}}
}

// Traits says that each entry goes its own way.
func (m *AdamW) Traits() Traits { return m.values().traits() }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *AdamW) Factors(name string) (rate, decay float64) { return m.values().factors(name) }

// Snapshot returns the state.
func (m *AdamW) Snapshot() State { return m.values().snapshot(&m.memory) }

// Restore sets the state.
func (m *AdamW) Restore(st State) error { return m.values().restore(&m.memory, st) }

// Step changes w.
func (m *AdamW) Step(w, grad *quiver.Rep) error {
	s := m.values()
	s.fill()
	return m.adaptive(&s, w, grad)
}

var (
	adamSettings = []setting{{"Beta1", 0.9, &fraction}, {"Beta2", 0.999, &fraction}, {"Eps", 1e-8, &epsilons}}
	adamMoments  = []kept{{name: "m"}, {name: "v", squares: true, corrected: "Beta2"}}
)

// adaptive is the step of Adam and of AdamW.
func (m *memory) adaptive(s *values, w, grad *quiver.Rep) error {
	b1, b2, eps := s.own[0], s.own[1], s.own[2]
	if err := m.beginMoments(s, b2, 1-b2, m.kept[1], w, grad); err != nil {
		return err
	}
	x, g, first, second := w.Data(), grad.Data(), m.keep(0, w), m.keep(1, w)
	k := float64(m.step)
	c1, c2 := 1-math.Pow(b1, k), 1-math.Pow(b2, k)
	m.each(s, w, func(lo, hi int, rate, l2 float64) {
		for i := lo; i < hi; i++ {
			d := g[i] + l2*x[i]
			first[i] = b1*first[i] + (1-b1)*d
			second[i] = b2*second[i] + (1-b2)*d*d
			x[i] -= rate * (first[i] / c1) / (math.Sqrt(second[i]/c2) + eps)
		}
	})
	return nil
}
