package optim

import (
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// SignSGD is w ← w − η·sign(g + λw) with sign(0) = 0: a masked entry stays where it is.
type SignSGD struct {
	Rate      float64 // η; 0 means 0.001
	Decay     float64
	Decoupled bool
	Schedule  Schedule
	Groups    []Group

	memory
}

var signSGD = record{name: "SignSGD", make: func() Stateful { return new(SignSGD) }, rate: 0.001, traits: entrywise}

func (m *SignSGD) values() values {
	exist(m, signSGD.name)
	return values{record: &signSGD, rate: m.Rate, decay: m.Decay, decoupled: m.Decoupled, schedule: m.Schedule, groups: m.Groups}
}

// Traits says that each entry goes its own way.
func (m *SignSGD) Traits() Traits { return m.values().traits() }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *SignSGD) Factors(name string) (rate, decay float64) { return m.values().factors(name) }

// Snapshot returns the state.
func (m *SignSGD) Snapshot() State { return m.values().snapshot(&m.memory) }

// Restore sets the state.
func (m *SignSGD) Restore(st State) error { return m.values().restore(&m.memory, st) }

// Step changes w.
func (m *SignSGD) Step(w, grad *quiver.Rep) error {
	s := m.values()
	s.fill()
	if err := m.begin(&s, w, grad); err != nil {
		return err
	}
	x, g := w.Data(), grad.Data()
	m.each(&s, w, func(lo, hi int, rate, l2 float64) {
		for i := lo; i < hi; i++ {
			switch d := g[i] + l2*x[i]; {
			case d > 0:
				x[i] -= rate
			case d < 0:
				x[i] += rate
			}
		}
	})
	return nil
}

// Adagrad is w ← w − ηg/(√Σg² + ε) (Duchi, Hazan and Singer 2011).
type Adagrad struct {
	Rate      float64 // η; 0 means 0.01
	Eps       float64 // ε; 0 means 1e-10
	Decay     float64
	Decoupled bool
	Schedule  Schedule
	Groups    []Group

	memory
}

var adagrad = record{name: "Adagrad", make: func() Stateful { return new(Adagrad) }, rate: 0.01, traits: entrywise,
	own:   []setting{{"Eps", 1e-10, &epsilons}},
	keeps: []kept{{name: "v", squares: true}},
}

func (m *Adagrad) values() values {
	exist(m, adagrad.name)
	return values{record: &adagrad, rate: m.Rate, decay: m.Decay, decoupled: m.Decoupled, schedule: m.Schedule, groups: m.Groups, own: [4]float64{m.Eps}}
}

// Traits says that each entry goes its own way.
func (m *Adagrad) Traits() Traits { return m.values().traits() }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *Adagrad) Factors(name string) (rate, decay float64) { return m.values().factors(name) }

// Snapshot returns the state.
func (m *Adagrad) Snapshot() State { return m.values().snapshot(&m.memory) }

// Restore sets the state.
func (m *Adagrad) Restore(st State) error { return m.values().restore(&m.memory, st) }

// Step changes w.
func (m *Adagrad) Step(w, grad *quiver.Rep) error {
	s := m.values()
	s.fill()
	return m.scaled(&s, 1, 1, w, grad)
}

// RMSProp is v ← αv + (1−α)g², w ← w − ηg/(√v + ε) (Hinton 2012), in the form of PyTorch.
type RMSProp struct {
	Rate      float64 // η; 0 means 0.01
	Alpha     float64 // α; 0 means 0.99
	Eps       float64 // ε; 0 means 1e-8
	Decay     float64
	Decoupled bool
	Schedule  Schedule
	Groups    []Group

	memory
}

var rmsProp = record{name: "RMSProp", make: func() Stateful { return new(RMSProp) }, rate: 0.01, traits: entrywise,
	own:   []setting{{"Eps", 1e-8, &epsilons}, {"Alpha", 0.99, &fraction}},
	keeps: []kept{{name: "v", squares: true}},
}

func (m *RMSProp) values() values {
	exist(m, rmsProp.name)
	return values{record: &rmsProp, rate: m.Rate, decay: m.Decay, decoupled: m.Decoupled, schedule: m.Schedule, groups: m.Groups, own: [4]float64{m.Eps, m.Alpha}}
}

// Traits says that each entry goes its own way.
func (m *RMSProp) Traits() Traits { return m.values().traits() }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *RMSProp) Factors(name string) (rate, decay float64) { return m.values().factors(name) }

// Snapshot returns the state.
func (m *RMSProp) Snapshot() State { return m.values().snapshot(&m.memory) }

// Restore sets the state.
func (m *RMSProp) Restore(st State) error { return m.values().restore(&m.memory, st) }

// Step changes w.
func (m *RMSProp) Step(w, grad *quiver.Rep) error {
	s := m.values()
	s.fill()
	a := s.own[1]
	return m.scaled(&s, a, 1-a, w, grad)
}

// scaled divides the gradient by the root of v ← keep·v + add·g².
func (m *memory) scaled(s *values, keep, add float64, w, grad *quiver.Rep) error {
	eps := s.own[0]
	if err := m.beginMoments(s, keep, add, m.kept[0], w, grad); err != nil {
		return err
	}
	x, g, v := w.Data(), grad.Data(), m.keep(0, w)
	m.each(s, w, func(lo, hi int, rate, l2 float64) {
		for i := lo; i < hi; i++ {
			d := g[i] + l2*x[i]
			v[i] = keep*v[i] + add*d*d
			x[i] -= rate * d / (math.Sqrt(v[i]) + eps)
		}
	})
	return nil
}
