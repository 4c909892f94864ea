package symmetry

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// role says what a class of tied vertices may do.
type role uint8

const (
	pinned    role = iota // nothing, or what is not looked for
	turning               // rotations
	monomials             // monomial matrices, of groups[k]
)

// plan holds what strands of one quiver share.
type plan struct {
	q      *quiver.Quiver
	vs     []quiver.Vertex
	as     []quiver.Arrow
	cl     tieClasses
	groups []Group
	roles  []role      // by class
	label  [][]int     // by class: the first unit that a unit is a twin of; nil where all differ
	turn   [][]float64 // by class, where label is: the sign of its row beside that one's
	dead   [][]bool
	done   []bool // by class: its basis is settled
}

func newPlan(q *quiver.Quiver) *plan { return planOf(q, classes(q)) }

func planOf(q *quiver.Quiver, cl tieClasses) *plan {
	p := &plan{q: q, vs: q.Vertices(), as: q.Arrows(), cl: cl}
	p.groups = classGroups(q, p.cl)
	n := len(p.groups)
	p.roles, p.label, p.turn, p.dead, p.done = make([]role, n), make([][]int, n), make([][]float64, n), make([][]bool, n), make([]bool, n)
	for k, g := range p.groups {
		switch {
		case p.dim(k) == 0:
		case g.rotations():
			p.roles[k] = turning
		case g.monomial():
			p.roles[k] = monomials
		}
	}
	return p
}

// rigid returns the plan of the elements that leave the fixed matrices of w as they are: an
// identity skip gives its ends one factor, which is its own φ; the ends of other fixed arrows
// stay.
func rigid(w *quiver.Rep) *plan {
	q := w.Quiver()
	var skips, others []quiver.Arrow
	for i, a := range q.Arrows() {
		switch {
		case !a.Fixed || a.Rows*a.Cols == 0:
		case isIdentity(w.Fixed(i)):
			skips = append(skips, a)
		default:
			others = append(others, a)
		}
	}
	p := planOf(q, united(q, skips))
	for _, a := range skips {
		g := &p.groups[p.cl.of[a.Source]]
		signs, scales := g.signs() && g.Parity < 0, g.scales() && g.Degree == 1
		if !g.monomial() {
			continue
		}
		switch g.Kind = Permutations; {
		case signs && scales:
			g.Kind = FullMonomial
		case signs:
			g.Kind = SignedPermutations
		case scales:
			g.Kind = PositiveMonomial
		}
	}
	for _, a := range others {
		for _, k := range []int{p.cl.of[a.Source], p.cl.of[a.Target]} {
			p.roles[k], p.groups[k] = pinned, Group{}
		}
	}
	return p
}

func isIdentity(m mat.Matrix) bool {
	r, c := m.Dims()
	if in, ok := m.(quiver.Inclusion); ok {
		return r == c && in == quiver.Eye(r)
	}
	for i := range r {
		for j := range c {
			if x := m.At(i, j); x != 0 && x != 1 || (x == 1) != (i == j) {
				return false
			}
		}
	}
	return r == c
}

func (p *plan) dim(k int) int { return p.vs[p.cl.members[k][0]].Dim }

// has says whether some class has the role.
func (p *plan) has(r role) bool {
	for _, s := range p.roles {
		if s == r {
			return true
		}
	}
	return false
}

// open says whether the group of a class has elements for which no bound is known: scales, or
// a kind that is not looked for.
func (p *plan) open(k int) bool {
	return p.groups[k].scales() || p.roles[k] == pinned && p.groups[k].Kind != Pinned
}

// complete says whether the whole group of each hidden vertex is looked for.
func (p *plan) complete() bool {
	for k, members := range p.cl.members {
		for _, v := range members {
			if p.roles[k] == pinned && p.vs[v].Kind == quiver.KindHidden && p.vs[v].Dim > 0 {
				return false
			}
		}
	}
	return true
}

// invisible says whether a unit of class k is 0 for every input and its column moves with a
// scale or a sign that nothing fixes.
func (p *plan) invisible(k, unit int) bool {
	g := p.groups[k]
	return p.dead[k] != nil && p.dead[k][unit] && (g.scales() && g.Degree != 0 || g.signs() && g.Parity < 0)
}

// outSign returns the sign of what goes out of a unit of class k whose row has the sign.
func (p *plan) outSign(k int, sign float64) float64 {
	if p.groups[k].Parity < 0 {
		return sign
	}
	return 1
}

// strand is one network on its way to a normal form: the current matrix of each arrow, the
// monomial that led there at each class, and for turning classes a matrix of directions that
// moves as the vertex does.
type strand struct {
	*plan
	w    []grid // by arrow; empty where it is tied to another
	by   []Monomial
	walk []grid
}

func (p *plan) strand(w *quiver.Rep) *strand {
	s := &strand{plan: p, w: make([]grid, len(p.as)), by: make([]Monomial, len(p.groups)), walk: make([]grid, len(p.groups))}
	for i, a := range p.as {
		if a.TiedTo == "" {
			s.w[i] = gridOf(w.Matrix(i), a.Rows, a.Cols).clone()
		}
	}
	for k := range s.by {
		s.by[k].Perm = make([]int, p.dim(k))
		for i := range s.by[k].Perm {
			s.by[k].Perm[i] = i
		}
	}
	return s
}

// act lets a monomial act at class k.
func (s *strand) act(k int, m Monomial) {
	in, out := &monomial{m}, &monomial{s.groups[k].phi(m)}
	for i, a := range s.as {
		if len(s.w[i].a) == 0 {
			continue
		}
		if s.cl.of[a.Target] == k {
			in.left(s.w[i], false)
		}
		if s.cl.of[a.Source] == k {
			out.right(s.w[i], true)
		}
	}
	s.by[k] = m.Mul(s.by[k])
}

// incoming calls do for each arrow into class k from another class that is settled.
func (s *strand) incoming(k int, do func(source int, w grid)) {
	for i, a := range s.as {
		if c := s.cl.of[a.Source]; s.cl.of[a.Target] == k && c != k && s.done[c] && len(s.w[i].a) > 0 {
			do(c, s.w[i])
		}
	}
}

// rows returns the norms of what comes into the units of class k. They do not depend on the
// bases of the sources.
func (s *strand) rows(k int) []float64 {
	norm := make([]float64, s.dim(k))
	s.incoming(k, func(c int, w grid) {
		for i := range norm {
			for j, x := range w.row(i) {
				if s.roles[c] != monomials || !s.invisible(c, j) {
					norm[i] = math.Hypot(norm[i], x)
				}
			}
		}
	})
	return norm
}

// stack puts what comes into class k side by side, n×m, in columns that do not depend on
// the bases of the sources: the columns of settled ones, the sums of twins, and W·walk from
// classes that turn.
func (s *strand) stack(k int) grid {
	var cols [][]float64
	s.incoming(k, func(c int, w grid) {
		switch s.roles[c] {
		case turning:
			w = mulGrid(w, s.walk[c])
			t := w.transpose()
			for j := range t.r {
				cols = append(cols, t.row(j))
			}
		default:
			t := w.transpose()
			for j := range t.r {
				switch l := s.label[c]; {
				case s.roles[c] == monomials && s.invisible(c, j):
				case l != nil && l[j] != j:
					first := t.row(l[j])
					for i, x := range t.row(j) {
						first[i] += s.outSign(c, s.turn[c][j]) * x
					}
				}
			}
			for j := range t.r {
				if l := s.label[c]; (s.roles[c] != monomials || !s.invisible(c, j)) && (l == nil || l[j] == j) {
					cols = append(cols, t.row(j))
				}
			}
		}
	})
	g := newGrid(len(cols), s.dim(k))
	for j, c := range cols {
		copy(g.row(j), c)
	}
	return g.transpose()
}

// outgoing puts what goes out of class k side by side, n×m, in rows that do not depend on
// the bases of the targets.
func (s *strand) outgoing(k int) grid {
	n := s.dim(k)
	var rows [][]float64
	for i, a := range s.as {
		if s.cl.of[a.Source] != k || len(s.w[i].a) == 0 {
			continue
		}
		w := s.w[i]
		if c := s.cl.of[a.Target]; s.roles[c] == turning {
			w = mulGrid(s.walk[c].transpose(), w)
		}
		for r := range w.r {
			rows = append(rows, w.row(r))
		}
	}
	g := newGrid(len(rows), n)
	for r, row := range rows {
		copy(g.row(r), row)
	}
	return g.transpose()
}

// step stores the directions that reach a turning class: its stack, of norm 1, and no more
// columns than carry its span. More are mixed at random, in the same way for every network.
func (s *strand) step(k int) {
	g := s.stack(k)
	if most := 2*g.r + 8; g.c > most {
		rng := rand.New(rand.NewPCG(orbitSeed, uint64(k)))
		mix := newGrid(g.c, most)
		for i := range mix.a {
			mix.a[i] = rng.NormFloat64()
		}
		g = mulGrid(g, mix)
	}
	if size := math.Sqrt(squares([]grid{g})); size > 0 {
		for i := range g.a {
			g.a[i] /= size
		}
	}
	s.walk[k] = g
}

// columns returns the norms of what goes out of the units of class k.
func (s *strand) columns(k int) []float64 {
	norm := make([]float64, s.dim(k))
	for i, a := range s.as {
		if s.cl.of[a.Source] == k && len(s.w[i].a) > 0 {
			for r := range a.Rows {
				for j, x := range s.w[i].row(r) {
					norm[j] = math.Hypot(norm[j], x)
				}
			}
		}
	}
	return norm
}

// scaled returns the monomial that brings the rows of class k to norm 1 where its group has
// scales; rows at the level of rounding stay.
func (s *strand) scaled(k int, norm []float64) Monomial {
	m := Monomial{Perm: make([]int, len(norm)), Scale: make([]float64, len(norm))}
	for i := range norm {
		m.Perm[i], m.Scale[i] = i, 1
		if s.groups[k].scales() && !negligible(norm, i) {
			if _, ok := s.groups[k].Multiplier(1 / norm[i]); ok {
				m.Scale[i] = 1 / norm[i]
			}
		}
	}
	return m
}

// negligible says whether norm[i] is rounding beside the largest.
func negligible(norm []float64, i int) bool {
	most := 0.0
	for _, x := range norm {
		most = max(most, x)
	}
	return norm[i] <= 1e-13*most
}

// revive scales the outgoing columns of the units of class k that are 0 for every input to
// norm 1.
func (s *strand) revive(k int) {
	g := s.groups[k]
	if !g.scales() || g.Degree == 0 {
		return
	}
	out := s.columns(k)
	m := Monomial{Perm: make([]int, len(out)), Scale: make([]float64, len(out))}
	for j := range out {
		m.Perm[j], m.Scale[j] = j, 1
		if x := math.Pow(out[j], 1/g.Degree); s.dead[k][j] && out[j] > 0 {
			if _, ok := g.Multiplier(x); ok {
				m.Scale[j] = x
			}
		}
	}
	s.act(k, m)
}

// element returns the monomials as an element of the group.
func (s *strand) element() Element {
	g := Identity(s.q)
	for k, members := range s.cl.members {
		if s.roles[k] != monomials {
			continue
		}
		f := &monomial{s.by[k]}
		for _, v := range members {
			g.factor[v] = f
		}
	}
	return g
}
