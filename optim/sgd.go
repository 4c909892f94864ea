package optim

import (
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

var (
	_ Stateful = (*SGD)(nil)
	_ Stateful = (*Momentum)(nil)
	_ Stateful = (*Nesterov)(nil)
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

	core
}

func (m *SGD) settings() common {
	exist(m, "SGD")
	return common{"SGD", m.Rate, 0.01, m.Decay, m.Decoupled, m.Schedule, m.Groups, [4]constant{}}
}

// Traits says that the step is linear in the gradient.
func (m *SGD) Traits() Traits { return linear(m.settings()) }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *SGD) Factors(name string) (rate, decay float64) { return factorsOf(m.settings().groups, name) }

// Step changes w.
func (m *SGD) Step(w, grad *quiver.Rep) error {
	s := m.settings()
	if err := m.begin(&s, w, grad); err != nil {
		return err
	}
	x, g := w.Data(), grad.Data()
	for i := range m.spans {
		p := &m.spans[i]
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

	core
	v *quiver.Rep
}

func (m *Momentum) settings() common {
	exist(m, "Momentum")
	return common{"Momentum", m.Rate, 0.01, m.Decay, m.Decoupled, m.Schedule, m.Groups, [4]constant{{"Mu", orElse(m.Mu, 0.9), &fraction}}}
}

// Traits says that the step is linear in the gradients.
func (m *Momentum) Traits() Traits { return linear(m.settings()) }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *Momentum) Factors(name string) (rate, decay float64) {
	return factorsOf(m.settings().groups, name)
}

// Step changes w.
func (m *Momentum) Step(w, grad *quiver.Rep) error {
	return ball(m.settings(), &m.core, &m.v, false, w, grad)
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

	core
	v *quiver.Rep
}

func (m *Nesterov) settings() common {
	exist(m, "Nesterov")
	return common{"Nesterov", m.Rate, 0.01, m.Decay, m.Decoupled, m.Schedule, m.Groups, [4]constant{{"Mu", orElse(m.Mu, 0.9), &fraction}}}
}

// Traits says that the step is linear in the gradients.
func (m *Nesterov) Traits() Traits { return linear(m.settings()) }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *Nesterov) Factors(name string) (rate, decay float64) {
	return factorsOf(m.settings().groups, name)
}

// Step changes w.
func (m *Nesterov) Step(w, grad *quiver.Rep) error {
	return ball(m.settings(), &m.core, &m.v, true, w, grad)
}

func ball(s common, c *core, velocity **quiver.Rep, ahead bool, w, grad *quiver.Rep) error {
	mu := s.own[0].value
	if err := c.beginVelocity(&s, mu, *velocity, w, grad); err != nil {
		return err
	}
	x, g, v := w.Data(), grad.Data(), like(velocity, w)
	c.each(&s, w, func(lo, hi int, rate, l2 float64) {
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
