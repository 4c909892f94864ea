package optim

import (
	"math"

	"github.com/quivernet/quivernet/quiver"
)

var (
	_ Stateful = (*SignSGD)(nil)
	_ Stateful = (*Adagrad)(nil)
	_ Stateful = (*RMSProp)(nil)
)

// SignSGD is w ← w − η·sign(g + λw) with sign(0) = 0: a masked entry stays where it is.
type SignSGD struct {
	Rate      float64 // η; 0 means 0.001
	Decay     float64
	Decoupled bool
	Schedule  Schedule
	Groups    []Group

	core
}

func (m *SignSGD) settings() common {
	exist(m, "SignSGD")
	return common{"SignSGD", m.Rate, 0.001, m.Decay, m.Decoupled, m.Schedule, m.Groups, [4]constant{}}
}

// Traits says that each entry goes its own way.
func (m *SignSGD) Traits() Traits { return entrywise(m.settings()) }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *SignSGD) Factors(name string) (rate, decay float64) {
	return factorsOf(m.settings().groups, name)
}

// Step changes w.
func (m *SignSGD) Step(w, grad *quiver.Rep) error {
	s := m.settings()
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

	core
	v *quiver.Rep
}

func (m *Adagrad) settings() common {
	exist(m, "Adagrad")
	e := orElse(m.Eps, 1e-10)
	return common{"Adagrad", m.Rate, 0.01, m.Decay, m.Decoupled, m.Schedule, m.Groups, [4]constant{{"Eps", e, &noZero}, {"Eps", e, &epsilons}}}
}

// Traits says that each entry goes its own way.
func (m *Adagrad) Traits() Traits { return entrywise(m.settings()) }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *Adagrad) Factors(name string) (rate, decay float64) {
	return factorsOf(m.settings().groups, name)
}

// Step changes w.
func (m *Adagrad) Step(w, grad *quiver.Rep) error {
	return scaled(m.settings(), &m.core, &m.v, 1, 1, w, grad)
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

	core
	v *quiver.Rep
}

func (m *RMSProp) settings() common {
	exist(m, "RMSProp")
	e := orElse(m.Eps, 1e-8)
	return common{"RMSProp", m.Rate, 0.01, m.Decay, m.Decoupled, m.Schedule, m.Groups, [4]constant{{"Eps", e, &noZero}, {"Eps", e, &epsilons}, {"Alpha", orElse(m.Alpha, 0.99), &fraction}}}
}

// Traits says that each entry goes its own way.
func (m *RMSProp) Traits() Traits { return entrywise(m.settings()) }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *RMSProp) Factors(name string) (rate, decay float64) {
	return factorsOf(m.settings().groups, name)
}

// Step changes w.
func (m *RMSProp) Step(w, grad *quiver.Rep) error {
	s := m.settings()
	a := s.own[2].value
	return scaled(s, &m.core, &m.v, a, 1-a, w, grad)
}

// scaled divides the gradient by the root of v ← keep·v + add·g².
func scaled(s common, c *core, second **quiver.Rep, keep, add float64, w, grad *quiver.Rep) error {
	eps := s.own[0].value
	if err := c.beginMoments(&s, keep, add, *second, w, grad); err != nil {
		return err
	}
	x, g, v := w.Data(), grad.Data(), like(second, w)
	c.each(&s, w, func(lo, hi int, rate, l2 float64) {
		for i := lo; i < hi; i++ {
			d := g[i] + l2*x[i]
			v[i] = keep*v[i] + add*d*d
			x[i] -= rate * d / (math.Sqrt(v[i]) + eps)
		}
	})
	return nil
}
