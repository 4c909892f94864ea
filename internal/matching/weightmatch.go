package matching

import (
	"math"
	"math/rand/v2"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/quivernet/quivernet/quiver"
)

// matcher moves one network towards another, vertex by vertex.
type matcher struct {
	*form
	v   []linalg.Matrix // the other network, by arrow
	rot []linalg.Matrix // by turning class
}

func newMatcher(p *Plan, a, b *quiver.Rep) *matcher {
	m := &matcher{form: p.form(a), v: p.form(b).w, rot: make([]linalg.Matrix, len(p.roles))}
	for k, r := range p.roles {
		if r == turning {
			m.rot[k] = linalg.Eye(p.dim(k))
		}
	}
	return m
}

// matched is Aligned for quivers with pointwise vertices.
func matched(p *Plan, a, b *quiver.Rep) (Nearness, error) {
	size := math.Max(Norm(a), Norm(b))
	best := unmoved(a, b)
	src := rand.NewPCG(orbitSeed, 2)
	rng := rand.New(src)
	exact := Pair(p, a, b)
	s := p.Intertwiner(a, b)
	for start := range 2 + alignStarts {
		if p.Stopped() {
			best.Unsearched = unsearched(start)
			break
		}
		m := newMatcher(p, a, b)
		switch {
		case start == 0:
			m.follow(exact)
			if moved, err := p.act(exact.Factors(), a); err == nil && p.Has(turning) {
				solved := p.Intertwiner(moved, b)
				solved.Solve(Steps)
				for k, x := range solved.x {
					if p.roles[k] != turning {
						continue
					}
					if f, _ := polar(x); f != nil {
						m.rotate(k, linalg.Full(f, x.Rows))
					}
				}
			}
		case start == 1: // no permutation, and b's scales
			for k, r := range p.roles {
				if r == Monomials {
					m.act(k, exact.b.scales(k).Inverse().Mul(exact.a.scales(k)))
				}
			}
		default:
			for k, r := range p.roles {
				switch n := p.dim(k); r {
				case turning:
					m.rotate(k, linalg.Full(linalg.Haar(n, rng), n))
				case Monomials:
					g := p.groups[k]
					g.Kind = group.Permutations
					m.act(k, exact.b.scales(k).Inverse().Mul(g.RandomMonomial(n, src)).Mul(exact.a.scales(k)))
				}
			}
		}
		if d := m.sweep(); d < best.Upper {
			best.Upper, best.Factors = d, m.full()
		}
		if best.Upper <= 1e-12*size {
			break
		}
	}
	moves := func(k int) bool { return p.roles[k] != pinned }
	best.Lower = math.Min(s.Lower(moves, p.Open), best.Upper)
	return best, nil
}

// scales returns the scales of the monomial that acted at class k, in the order of the units
// before it.
func (s *form) scales(k int) group.Monomial {
	m := group.Monomial{Perm: make([]int, s.dim(k)), Scale: make([]float64, s.dim(k))}
	for i, j := range s.by[k].Perm {
		m.Perm[j], m.Scale[j] = j, math.Abs(s.by[k].Scale[i])
	}
	return m
}

// follow acts with the monomials of a pairing.
func (m *matcher) follow(p *Pairing) {
	for k, r := range m.roles {
		if r == Monomials {
			m.act(k, p.b.by[k].Inverse().Mul(p.a.by[k]))
		}
	}
}

// rotate lets an orthogonal matrix act at a turning class.
func (m *matcher) rotate(k int, q linalg.Matrix) {
	f := &linalg.Invertible{A: q, Inv: q.Transpose()}
	for i, a := range m.as {
		if len(m.w[i].Data) == 0 {
			continue
		}
		if m.cl.Of[a.Target] == k {
			f.Left(m.w[i], false)
		}
		if m.cl.Of[a.Source] == k {
			f.Right(m.w[i], true)
		}
	}
	m.rot[k] = linalg.Mul(q, m.rot[k])
}

// full returns all that acted, as factors by vertex.
func (m *matcher) full() []linalg.Factor {
	g := m.element()
	for k, members := range m.cl.Members {
		if m.roles[k] != turning {
			continue
		}
		f := &linalg.Invertible{A: m.rot[k], Inv: m.rot[k].Transpose()}
		for _, v := range members {
			g[v] = f
		}
	}
	return g
}

// distance returns |w − v|.
func (m *matcher) distance() float64 {
	var sum float64
	for i, w := range m.w {
		for j, x := range w.Data {
			sum += (x - m.v[i].Data[j]) * (x - m.v[i].Data[j])
		}
	}
	return math.Sqrt(sum)
}

// sweep takes the best factor at one class after another until nothing moves, and
// returns the distance. A step that does not improve (where a tied arrow has both ends in one
// class, or by rounding) is taken back.
func (m *matcher) sweep() float64 {
	d := m.distance()
	for range alignSweeps {
		if m.Stopped() {
			break
		}
		before := d
		for k, r := range m.roles {
			if r == pinned {
				continue
			}
			old := cloneAll(m.w)
			by, rot := m.by[k], m.rot[k]
			if r == turning {
				m.turnStep(k)
			} else {
				m.assignStep(k)
			}
			if next := m.distance(); next < d {
				d = next
			} else {
				m.w, m.by[k], m.rot[k] = old, by, rot
			}
		}
		if before-d <= 1e-9*before {
			break
		}
	}
	return d
}

// sides returns what comes into class k and what goes out of it, n×m each, of w and of v.
func (m *matcher) sides(k int) (in, vin, out, vout linalg.Matrix) {
	var x, vx, y, vy [][]float64
	for i, a := range m.as {
		if len(m.w[i].Data) == 0 || a.Fixed && m.cl.Of[a.Source] == m.cl.Of[a.Target] {
			continue
		}
		if m.cl.Of[a.Target] == k {
			t, u := m.w[i].Transpose(), m.v[i].Transpose()
			for r := range t.Rows {
				x, vx = append(x, t.Row(r)), append(vx, u.Row(r))
			}
		}
		if m.cl.Of[a.Source] == k {
			for r := range a.Rows {
				y, vy = append(y, m.w[i].Row(r)), append(vy, m.v[i].Row(r))
			}
		}
	}
	n := m.dim(k)
	stand := func(rows [][]float64) linalg.Matrix {
		g := linalg.New(len(rows), n)
		for r, row := range rows {
			copy(g.Row(r), row)
		}
		return g.Transpose()
	}
	return stand(x), stand(vx), stand(y), stand(vy)
}

// turnStep is a Procrustes problem: the polar factor of Σ_in V Wᵀ + Σ_out VᵀW.
func (m *matcher) turnStep(k int) {
	in, vin, out, vout := m.sides(k)
	sum := linalg.Mul(vin, in.Transpose())
	sum.Add(1, linalg.Mul(vout, out.Transpose()))
	if f, _ := polar(sum); f != nil {
		m.rotate(k, linalg.Full(f, m.dim(k)))
	}
}

// assignStep is a linear assignment: the cost of unit j in place i is
//
//	min_λ |λ·in_j − v_i|² + |out_j/b(λ) − vout_i|²
//
// over the λ that the group has.
func (m *matcher) assignStep(k int) {
	in, vin, out, vout := m.sides(k)
	g, n := m.groups[k], m.dim(k)
	cross, crossOut := linalg.Mul(vin, in.Transpose()), linalg.Mul(vout, out.Transpose())
	sq := func(x linalg.Matrix) []float64 {
		s := make([]float64, n)
		for i := range s {
			for _, v := range x.Row(i) {
				s[i] += v * v
			}
		}
		return s
	}
	a, c, va, vc := sq(in), sq(out), sq(vin), sq(vout)
	units := make([]int, n)
	for i := range units {
		units[i] = i
	}
	p, grid := &Pairing{Plan: m.Plan}, newScaleGrid(g)
	m.act(k, p.match(k, units, func(i, j int) (float64, float64) {
		f := unitCost{alpha: a[j], beta: cross.Data[i*n+j], gamma: c[j], delta: crossOut.Data[i*n+j]}
		d, scale := grid.least(f)
		if g.HasSigns() {
			f.beta = -f.beta
			f.delta *= float64(g.Parity)
			if e, s := grid.least(f); e < d {
				d, scale = e, -s
			}
		}
		return d + va[i] + vc[i], scale
	}))
}
