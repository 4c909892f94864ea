package matching

import (
	"math"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/internal/assign"
	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/quiver"
)

// twinEdge is the distance, relative to the largest row, below which two units count as
// twins.
const twinEdge = 1e-6

// Pairing matches the units of two networks of one layout.
type Pairing struct {
	*Plan
	a, b *form
	Firm bool    // no twins and no units without input: the matching is the only one
	Gap  float64 // the least distance of two rows of one vertex, relative to the largest row
}

// Pair finds the monomial matrices that take a to b, up to rotations of turning classes,
// if b is on a's orbit. In topological order rows are brought to norm 1 where the group has scales
// (NormalizeIncoming of ReLU networks), and the units of a are assigned to those of b by what comes
// in, up to sign where the group has signs. In reverse order twins, which have the
// same rows, are assigned by what goes out.
func Pair(p *Plan, a, b *quiver.Rep) *Pairing {
	m := &Pairing{Plan: p, a: p.form(a), b: p.form(b), Firm: true, Gap: math.Inf(1)}
	for k := range p.roles {
		switch p.roles[k] {
		case turning:
			m.a.step(k)
			m.b.step(k)
		case Monomials:
			m.forward(k)
		}
		p.done[k] = true
	}
	for k := len(p.roles) - 1; k >= 0; k-- {
		if p.roles[k] == Monomials {
			m.backward(k)
		}
	}
	return m
}

func (m *Pairing) forward(k int) {
	na, nb := m.a.rows(k), m.b.rows(k)
	m.a.act(k, m.a.scaled(k, na))
	m.b.act(k, m.b.scaled(k, nb))
	n := m.dim(k)
	m.dead[k] = make([]bool, n)
	for i := range n {
		m.dead[k][i] = negligible(nb, i)
		m.Firm = m.Firm && !m.invisible(k, i)
	}
	x, y := m.a.stack(k), m.b.stack(k)
	signs := m.groups[k].HasSigns()
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	m.a.act(k, m.match(k, all, func(i, j int) (d, row float64) { return apart(y.Row(i), x.Row(j), signs) }))
	size := 0.0
	for i := range n {
		size = max(size, length(y.Row(i)))
	}
	label, turn := make([]int, n), make([]float64, n)
	for i := range n {
		label[i], turn[i] = i, 1
		for j := range i {
			if label[j] != j || !inOneClass(m.groups[k], i, j) {
				continue
			}
			d, sign := apart(y.Row(i), y.Row(j), signs)
			if d = math.Sqrt(d); d <= twinEdge*size {
				label[i], turn[i], m.Firm = j, sign, false
				m.label[k], m.turn[k] = label, turn
				break
			}
			m.Gap = min(m.Gap, d/size)
		}
	}
}

func (m *Pairing) backward(k int) {
	g := m.groups[k]
	groups := make(map[int][]int)
	idle := false
	for i := range m.dim(k) {
		idle = idle || m.invisible(k, i)
		switch l := m.label[k]; {
		case l != nil:
			groups[l[i]] = append(groups[l[i]], i)
		case m.invisible(k, i):
			groups[i] = []int{i}
		}
	}
	if idle {
		m.a.revive(k)
		m.b.revive(k)
	}
	for first := range m.dim(k) {
		units := groups[first]
		if len(units) == 0 || len(units) == 1 && !m.invisible(k, first) {
			continue
		}
		x, y := m.a.outgoing(k), m.b.outgoing(k)
		m.a.act(k, m.match(k, units, func(i, j int) (d, row float64) {
			if m.dead[k][first] { // its row is zero and has no sign
				return apart(y.Row(i), x.Row(j), g.HasSigns() && g.Parity < 0)
			}
			row = m.turn[k][i] * m.turn[k][j]
			out := m.outSign(k, row)
			for c, v := range y.Row(i) {
				d += (v - out*x.Row(j)[c]) * (v - out*x.Row(j)[c])
			}
			return d, row
		}))
	}
}

// match returns the permutation of the given units of class k, with signs, of the least
// sum of costs; cost says what it takes to put unit j in place i, and the sign of its row then.
func (m *Pairing) match(k int, units []int, cost func(i, j int) (d, row float64)) group.Monomial {
	n := len(units)
	ds := make([]float64, n*n)
	for r, i := range units {
		for c, j := range units {
			ds[r*n+c] = math.Inf(1)
			if inOneClass(m.groups[k], i, j) {
				ds[r*n+c], _ = cost(i, j)
			}
		}
	}
	p := group.Monomial{Perm: make([]int, m.dim(k)), Scale: make([]float64, m.dim(k))}
	for i := range p.Perm {
		p.Perm[i], p.Scale[i] = i, 1
	}
	best, ok := assign.Min(ds, n, n)
	if !ok {
		m.Firm = false
		return p
	}
	for r, i := range units {
		j := units[best.To[r]]
		_, sign := cost(i, j)
		p.Perm[i], p.Scale[i] = j, sign
	}
	return p
}

// inOneClass says whether units i and j may change places.
func inOneClass(g group.Group, i, j int) bool {
	return g.Classes == nil || g.Classes[i] == g.Classes[j]
}

// apart returns |x − s·y|² and the sign s = ±1 that makes it least.
func apart(x, y []float64, signs bool) (d, sign float64) {
	var minus, plus float64
	for i, v := range x {
		minus += (v - y[i]) * (v - y[i])
		plus += (v + y[i]) * (v + y[i])
	}
	if signs && plus < minus {
		return plus, -1
	}
	return minus, 1
}

func length(x []float64) (s float64) {
	for _, v := range x {
		s = math.Hypot(s, v)
	}
	return s
}

// Factors returns the monomials that take a to b's coordinates, by vertex.
func (m *Pairing) Factors() []linalg.Factor {
	by := make([]group.Monomial, len(m.roles))
	for k, r := range m.roles {
		if r == Monomials {
			by[k] = m.b.by[k].Inverse().Mul(m.a.by[k])
		}
	}
	return m.spreadOut(by)
}

// Spread bounds, to first order, how far the monomials can be off where b is g·a plus a change
// E: tol·spread·|b| for |E| ≤ tol·|b|. The scale of a unit is off by |E| over the norm of what comes
// in, and by as much as those of its sources, to the power of their degree.
func (m *Pairing) Spread(b *quiver.Rep) float64 {
	size, s := Norm(b), m.Plan.form(b)
	var off, power float64 = 0, 1
	for k, r := range m.roles {
		if r != Monomials || !m.groups[k].HasScales() {
			continue
		}
		worst, in := 0.0, s.rows(k)
		for i, x := range in {
			if !negligible(in, i) {
				worst = max(worst, size/x)
			}
		}
		p := max(1, math.Abs(m.groups[k].Degree))
		off, power = p*off+worst, power*p
	}
	return 1 + 2*power*off
}
