package optim

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/floats"

	"github.com/quivernet/quivernet/quiver"
)

// Muon is Nesterov momentum whose step is made nearly orthogonal, matrix by matrix (Jordan and
// others 2024):
//
//	v ← μv + g,  u = g + μv,  w ← w − η·NS(u/‖u‖),
//
// with NS some steps X ← aX + (bXXᵀ + c(XXᵀ)²)X of Newton and Schulz, a = 3.4445, b = −4.7750,
// c = 2.0315: a polynomial that brings singular values near 1 and leaves 0 at 0.
//
// Every arrow has the same rule whatever its shape, a bias too (its one singular value is its
// length), and there is no factor for the width: a rule that asked for the shape would treat the
// reduced network differently. So Muon commutes with rotations, and projected training equals
// reduced training. The exact polar factor would not do: where the gradient has not full rank
// it is not unique. Parameters of activations are not matrices; they take the step
// of Nesterov momentum with ParamRate. A decay in the gradient enters the products, where the free
// part of the weights shows: Projected refuses it; decoupled decay is fine.
type Muon struct {
	Rate      float64 // η; 0 means 0.02
	Mu        float64 // μ; 0 means 0.95
	Sweeps    int     // steps of Newton and Schulz, 10 at most; 0 means 5
	ParamRate float64 // η of the parameters of activations; 0 means 0.01
	Decay     float64 // λ
	Decoupled bool    // w ← (1−ηλ)w beside the step; otherwise λw is added to the gradient
	Schedule  Schedule
	Groups    []Group

	memory
	x, x2, xx, b4 []float64 // scratch
}

var muon = record{name: "Muon", make: func() Stateful { return new(Muon) }, rate: 0.02, traits: Traits{Rotates: true, Pads: true, Global: true},
	own:   []setting{{"Mu", 0.95, &fraction}, {"Sweeps", 5, &sweeps}, {"ParamRate", 0.01, &positive}},
	keeps: []kept{{name: "v"}},
}

func (m *Muon) values() values {
	exist(m, muon.name)
	return values{record: &muon, rate: m.Rate, decay: m.Decay, decoupled: m.Decoupled, schedule: m.Schedule, groups: m.Groups, own: [4]float64{m.Mu, float64(m.Sweeps), m.ParamRate}}
}

// Traits says that the step is an odd polynomial of each matrix.
func (m *Muon) Traits() Traits { return m.values().traits() }

// Factors returns the factors that the groups give to an arrow or a vertex.
func (m *Muon) Factors(name string) (rate, decay float64) { return m.values().factors(name) }

// Snapshot returns the state.
func (m *Muon) Snapshot() State { return m.values().snapshot(&m.memory) }

// Restore sets the state.
func (m *Muon) Restore(st State) error { return m.values().restore(&m.memory, st) }

// Step changes w.
func (m *Muon) Step(w, grad *quiver.Rep) error {
	s := m.values()
	s.fill()
	mu, sweeps, param := s.own[0], s.count(1), s.own[2]
	if err := m.beginVelocity(&s, mu, w, grad); err != nil {
		return err
	}
	param *= m.factor
	m.reserve()
	x, g, v := w.Data(), grad.Data(), m.keep(0, w)
	for i := range m.segments {
		p := &m.segments[i]
		if p.rate == 0 {
			continue
		}
		base := m.rate
		if !p.matrix {
			base = param
		}
		l2 := m.shrink(&s, base, p, x)
		u := m.x[:p.hi-p.lo]
		for k := range u {
			j := p.lo + k
			d := g[j] + l2*x[j]
			v[j] = mu*v[j] + d
			u[k] = d + mu*v[j]
		}
		if p.matrix {
			u = m.orthogonalize(u, p.rows, p.cols, sweeps)
		}
		floats.AddScaled(x[p.lo:p.hi], -base*p.rate, u)
	}
	return nil
}

// reserve makes room for the largest matrix.
func (m *Muon) reserve() {
	var size, side int
	for _, p := range m.segments {
		size, side = max(size, p.hi-p.lo), max(side, min(p.rows, p.cols))
	}
	if len(m.x) < size || len(m.xx) < side*side {
		m.x, m.x2 = make([]float64, size), make([]float64, size)
		m.xx, m.b4 = make([]float64, side*side), make([]float64, side*side)
	}
}

// orthogonalize returns NS(u/‖u‖) for u, rows×cols, which lies in m.x; the result is in m.x
// or m.x2.
func (m *Muon) orthogonalize(u []float64, rows, cols, sweeps int) []float64 {
	n := floats.Norm(u, 2)
	if n == 0 {
		return u
	}
	if math.IsInf(n, 1) { // the entries are finite, their length is not
		floats.Scale(0x1p-64, u)
		n = floats.Norm(u, 2)
	}
	for i := range u {
		u[i] /= n
	}
	const a, b, c = 3.4445, -4.7750, 2.0315
	var lib gonum.Implementation
	r, x, y := min(rows, cols), u, m.x2[:len(u)]
	k := len(u) / r
	gram, poly, wide := m.xx[:r*r], m.b4[:r*r], rows <= cols
	for range sweeps {
		// With the short side first: rows ≤ cols uses XXᵀ·X, otherwise X·XᵀX, the same polynomial.
		if wide {
			lib.Dgemm(blas.NoTrans, blas.Trans, r, r, k, 1, x, k, x, k, 0, gram, r)
		} else {
			lib.Dgemm(blas.Trans, blas.NoTrans, r, r, k, 1, x, r, x, r, 0, gram, r)
		}
		copy(poly, gram)
		lib.Dgemm(blas.NoTrans, blas.NoTrans, r, r, r, c, gram, r, gram, r, b, poly, r)
		copy(y, x)
		if wide {
			lib.Dgemm(blas.NoTrans, blas.NoTrans, r, k, r, 1, poly, r, x, k, a, y, k)
		} else {
			lib.Dgemm(blas.NoTrans, blas.NoTrans, k, r, r, 1, x, r, poly, r, a, y, r)
		}
		x, y = y, x
	}
	return x
}
