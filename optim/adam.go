package optim

import (
	"math"

	"github.com/quivernet/quivernet/quiver"
)

var (
	_ Stateful = (*Adam)(nil)
	_ Stateful = (*AdamW)(nil)
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

	core
	m, v *quiver.Rep
}

func (m *Adam) settings() common {
	exist(m, "Adam")
	return common{"Adam", m.Rate, 0.001, m.Decay, false, m.Schedule, m.Groups, adamConstants(m.Beta1, m.Beta2, m.Eps)}
}

// Traits says that each entry goes its own way.
func (m *Adam) Traits() Traits { return entrywise(m.settings()) }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *Adam) Factors(name string) (rate, decay float64) {
	return factorsOf(m.settings().groups, name)
}

// Step changes w.
func (m *Adam) Step(w, grad *quiver.Rep) error {
	return adam(m.settings(), &m.core, &m.m, &m.v, w, grad)
}

// AdamW is Adam with decoupled decay, w ← (1−ηλ)w (Loshchilov and Hutter 2019).
type AdamW struct {
	Rate         float64 // η; 0 means 0.001
	Beta1, Beta2 float64 // 0 means 0.9 and 0.999
	Eps          float64 // ε; 0 means 1e-8
	Decay        float64 // λ; 0 means 0.01 (for none, use Adam)
	Schedule     Schedule
	Groups       []Group

	core
	m, v *quiver.Rep
}

func (m *AdamW) settings() common {
	exist(m, "AdamW")
	d := m.Decay
	if d == 0 {
		d = 0.01
	}
	return common{"AdamW", m.Rate, 0.001, d, true, m.Schedule, m.Groups, adamConstants(m.Beta1, m.Beta2, m.Eps)}
}

// Traits says that each entry goes its own way.
func (m *AdamW) Traits() Traits { return entrywise(m.settings()) }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *AdamW) Factors(name string) (rate, decay float64) {
	return factorsOf(m.settings().groups, name)
}

// Step changes w.
func (m *AdamW) Step(w, grad *quiver.Rep) error {
	return adam(m.settings(), &m.core, &m.m, &m.v, w, grad)
}

// adamConstants are β₁, β₂ and ε with their defaults, in this order.
func adamConstants(b1, b2, eps float64) [4]constant {
	b1, b2, eps = orElse(b1, 0.9), orElse(b2, 0.999), orElse(eps, 1e-8)
	return [4]constant{{"Beta1", b1, &fraction}, {"Beta2", b2, &fraction}, {"Eps", eps, &noZero}, {"Eps", eps, &epsilons}}
}

func adam(s common, c *core, first, second **quiver.Rep, w, grad *quiver.Rep) error {
	b1, b2, eps := s.own[0].value, s.own[1].value, s.own[2].value
	if err := c.beginMoments(&s, b2, 1-b2, *second, w, grad); err != nil {
		return err
	}
	x, g, m, v := w.Data(), grad.Data(), like(first, w), like(second, w)
	k := float64(c.step)
	c1, c2 := 1-math.Pow(b1, k), 1-math.Pow(b2, k)
	c.each(&s, w, func(lo, hi int, rate, l2 float64) {
		for i := lo; i < hi; i++ {
			d := g[i] + l2*x[i]
			m[i] = b1*m[i] + (1-b1)*d
			v[i] = b2*v[i] + (1-b2)*d*d
			x[i] -= rate * (m[i] / c1) / (math.Sqrt(v[i]/c2) + eps)
		}
	})
	return nil
}
