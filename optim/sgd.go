package optim

import (
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// SGD is gradient descent, w ← w − η(g + λw). It commutes with rotations, with and without
// decay. With L2 or decoupled decay (for this method the same) projected training
// equals reduced training, and the free part shrinks as (1−ηλ)ᵏ.
type SGD struct {
	Rate      float64 // η; 0 means 0.01
	Decay     float64 // λ
	Decoupled bool    // w ← (1−ηλ)w − ηg; the same for this method
	Schedule  Schedule
	Groups    []Group

	memory
}

var sgd = record{name: "SGD", make: func() Stateful { return new(SGD) }, rate: 0.01, traits: linear}

func (m *SGD) values() values {
	exist(m, sgd.name)
	return values{record: &sgd, rate: m.Rate, decay: m.Decay, decoupled: m.Decoupled, schedule: m.Schedule, groups: m.Groups}
}

// Traits says that the step is linear in the gradient.
func (m *SGD) Traits() Traits { return m.values().traits() }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *SGD) Factors(name string) (rate, decay float64) { return m.values().factors(name) }

// Snapshot returns the state.
func (m *SGD) Snapshot() State { return m.values().snapshot(&m.memory) }

// Restore sets the state.
func (m *SGD) Restore(st State) error { return m.values().restore(&m.memory, st) }

// Step changes w.
func (m *SGD) Step(w, grad *quiver.Rep) error {
	s := m.values()
	s.fill()
	if err := m.begin(&s, w, grad); err != nil {
		return err
	}
	x, g := w.Data(), grad.Data()
	for i := range m.segments {
		p := &m.segments[i]
		if p.rate == 0 {
			continue
		}
		step, l2 := m.rate*p.rate, m.shrink(&s, m.rate, p, x)
		if l2 == 0 {
			vec.Axpy(-step, g[p.lo:p.hi], x[p.lo:p.hi])
			continue
		}
		for i := p.lo; i < p.hi; i++ {
			x[i] -= step * (g[i] + l2*x[i])
		}
	}
	return nil
}

// Momentum is heavy-ball momentum, v ← μv + g + λw, w ← w − ηv (Polyak 1964). It commutes with
// rotations.
type Momentum struct {
	Rate      float64 // η; 0 means 0.01
	Mu        float64 // μ; 0 means 0.9
	Decay     float64
	Decoupled bool // the decay acts on w, not through v
	Schedule  Schedule
	Groups    []Group

	memory
}

var momentum = record{name: "Momentum", make: func() Stateful { return new(Momentum) }, rate: 0.01, traits: linear,
	own:   []setting{{"Mu", 0.9, &fraction}},
	keeps: []kept{{name: "v"}},
}

func (m *Momentum) values() values {
	exist(m, momentum.name)
	return values{record: &momentum, rate: m.Rate, decay: m.Decay, decoupled: m.Decoupled, schedule: m.Schedule, groups: m.Groups, own: [4]float64{m.Mu}}
}

// Traits says that the step is linear in the gradients.
func (m *Momentum) Traits() Traits { return m.values().traits() }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *Momentum) Factors(name string) (rate, decay float64) { return m.values().factors(name) }

// Snapshot returns the state.
func (m *Momentum) Snapshot() State { return m.values().snapshot(&m.memory) }

// Restore sets the state.
func (m *Momentum) Restore(st State) error { return m.values().restore(&m.memory, st) }

// Step changes w.
func (m *Momentum) Step(w, grad *quiver.Rep) error {
	s := m.values()
	s.fill()
	return m.heavyBall(&s, false, w, grad)
}

// Nesterov is momentum that looks ahead, v ← μv + g + λw, w ← w − η(g + λw + μv), in the form of
// PyTorch. It commutes with rotations. Under Projected the velocity sees masked gradients
// only. (In the other form, which evaluates the gradient at w + μv, it must: with the
// weights alone projected, projected training is not reduced training.)
type Nesterov struct {
	Rate      float64 // η; 0 means 0.01
	Mu        float64 // μ; 0 means 0.9
	Decay     float64
	Decoupled bool
	Schedule  Schedule
	Groups    []Group

	memory
}

var nesterov = record{name: "Nesterov", make: func() Stateful { return new(Nesterov) }, rate: 0.01, traits: linear,
	own:   []setting{{"Mu", 0.9, &fraction}},
	keeps: []kept{{name: "v"}},
}

func (m *Nesterov) values() values {
	exist(m, nesterov.name)
	return values{record: &nesterov, rate: m.Rate, decay: m.Decay, decoupled: m.Decoupled, schedule: m.Schedule, groups: m.Groups, own: [4]float64{m.Mu}}
}

// Traits says that the step is linear in the gradients.
func (m *Nesterov) Traits() Traits { return m.values().traits() }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *Nesterov) Factors(name string) (rate, decay float64) { return m.values().factors(name) }

// Snapshot returns the state.
func (m *Nesterov) Snapshot() State { return m.values().snapshot(&m.memory) }

// Restore sets the state.
func (m *Nesterov) Restore(st State) error { return m.values().restore(&m.memory, st) }

// Step changes w.
func (m *Nesterov) Step(w, grad *quiver.Rep) error {
	s := m.values()
	s.fill()
	return m.heavyBall(&s, true, w, grad)
}

// heavyBall is the step of momentum, which may look ahead.
func (m *memory) heavyBall(s *values, ahead bool, w, grad *quiver.Rep) error {
	mu := s.own[0]
	if err := m.beginVelocity(s, mu, w, grad); err != nil {
		return err
	}
	x, g, v := w.Data(), grad.Data(), m.keep(0, w)
	m.each(s, w, func(lo, hi int, rate, l2 float64) {
		x, g, v := x[lo:hi], g[lo:hi], v[lo:hi]
		if l2 == 0 && !ahead {
			for i, v0 := range v {
				v1 := mu*v0 + g[i]
				v[i] = v1
				x[i] -= rate * v1
			}
			return
		}
		for i := range v {
			d := g[i] + l2*x[i]
			v[i] = mu*v[i] + d
			if ahead {
				x[i] -= rate * (d + mu*v[i])
			} else {
				x[i] -= rate * v[i]
			}
		}
	})
	return nil
}
