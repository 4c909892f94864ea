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
	return common{"Adam", m.Rate, 0.001, m.Decay, false, m.Schedule, m.Groups}
}

// Traits says that each entry goes its own way.
func (m *Adam) Traits() Traits { return entrywise(m.settings()) }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *Adam) Factors(name string) (rate, decay float64) { return factorsOf(m.Groups, name) }

// Step changes w.
func (m *Adam) Step(w, grad *quiver.Rep) error {
	return adam(m.settings(), &m.core, &m.m, &m.v, m.Beta1, m.Beta2, m.Eps, w, grad)
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
	d := m.Decay
	if d == 0 {
		d = 0.01
	}
	return common{"AdamW", m.Rate, 0.001, d, true, m.Schedule, m.Groups}
}

// Traits says that each entry goes its own way.
func (m *AdamW) Traits() Traits { return entrywise(m.settings()) }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *AdamW) Factors(name string) (rate, decay float64) { return factorsOf(m.Groups, name) }

// Step changes w.
func (m *AdamW) Step(w, grad *quiver.Rep) error {
	return adam(m.settings(), &m.core, &m.m, &m.v, m.Beta1, m.Beta2, m.Eps, w, grad)
}

func adam(s common, c *core, first, second **quiver.Rep, b1, b2, eps float64, w, grad *quiver.Rep) error {
	b1, b2, eps = orElse(b1, 0.9), orElse(b2, 0.999), orElse(eps, 1e-8)
	for _, b := range []struct {
		name string
		v    float64
	}{{"Beta1", b1}, {"Beta2", b2}} {
		if !(b.v > 0 && b.v < 1) {
			return &SettingError{s.name, b.name, b.v, "a number between 0 and 1"}
		}
	}
	if !(eps > 0) {
		return &SettingError{s.name, "Eps", eps, "a positive number: without it an entry whose gradient is always 0 becomes 0/0"}
	}
	rate, err := c.begin(s, w, grad)
	if err != nil {
		return err
	}
	x, g, m, v := w.Data(), grad.Data(), like(first, w), like(second, w)
	k := float64(c.step)
	c1, c2 := 1-math.Pow(b1, k), 1-math.Pow(b2, k)
	c.each(&s, rate, w, func(lo, hi int, rate, l2 float64) {
		for i := lo; i < hi; i++ {
			d := g[i] + l2*x[i]
			m[i] = b1*m[i] + (1-b1)*d
			v[i] = b2*v[i] + (1-b2)*d*d
			x[i] -= rate * (m[i] / c1) / (math.Sqrt(v[i]/c2) + eps)
		}
	})
	return nil
}
