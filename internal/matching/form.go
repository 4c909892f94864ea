package matching

import (
	"math"
	"math/rand/v2"

	"github.com/quivernet/quivernet/internal/monomial"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/quivernet/quivernet/quiver"
)

// form is one network on its way to a normal form: the current matrix of each arrow, the
// monomial that led there at each class, and for turning classes a matrix of directions that
// moves as the vertex does.
type form struct {
	*Plan
	w          []linalg.Matrix // by arrow; empty where it is tied to another
	by         []group.Monomial
	directions []linalg.Matrix
}

func (p *Plan) form(w *quiver.Rep) *form {
	s := &form{Plan: p, w: make([]linalg.Matrix, len(p.as)), by: make([]group.Monomial, len(p.groups)), directions: make([]linalg.Matrix, len(p.groups))}
	for i, a := range p.as {
		if a.TiedTo == "" {
			s.w[i] = linalg.Of(w.Matrix(i), a.Rows, a.Cols).Clone()
		}
	}
	for k := range s.by {
		s.by[k].Perm = make([]int, p.dim(k))
		s.by[k].Scale = make([]float64, p.dim(k))
		for i := range s.by[k].Perm {
			s.by[k].Perm[i], s.by[k].Scale[i] = i, 1
		}
	}
	return s
}

// act lets a monomial act at class k.
func (s *form) act(k int, m group.Monomial) {
	in, out := &monomial.Factor{M: m}, &monomial.Factor{M: s.groups[k].Multipliers(m)}
	for i, a := range s.as {
		if len(s.w[i].Data) == 0 {
			continue
		}
		if s.cl.Of[a.Target] == k {
			in.Left(s.w[i], false)
		}
		if s.cl.Of[a.Source] == k {
			out.Right(s.w[i], true)
		}
	}
	s.by[k] = m.Mul(s.by[k])
}

// incoming calls do for each arrow into class k from another class that is settled.
func (s *form) incoming(k int, do func(source int, w linalg.Matrix)) {
	for i, a := range s.as {
		if c := s.cl.Of[a.Source]; s.cl.Of[a.Target] == k && c != k && s.done[c] && len(s.w[i].Data) > 0 {
			do(c, s.w[i])
		}
	}
}

// rows returns the norms of what comes into the units of class k. They do not depend on the
// bases of the sources.
func (s *form) rows(k int) []float64 {
	norm := make([]float64, s.dim(k))
	s.incoming(k, func(c int, w linalg.Matrix) {
		for i := range norm {
			for j, x := range w.Row(i) {
				if s.roles[c] != Monomials || !s.invisible(c, j) {
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
func (s *form) stack(k int) linalg.Matrix {
	var cols [][]float64
	s.incoming(k, func(c int, w linalg.Matrix) {
		switch s.roles[c] {
		case turning:
			w = linalg.Mul(w, s.directions[c])
			t := w.Transpose()
			for j := range t.Rows {
				cols = append(cols, t.Row(j))
			}
		default:
			t := w.Transpose()
			for j := range t.Rows {
				switch l := s.label[c]; {
				case s.roles[c] == Monomials && s.invisible(c, j):
				case l != nil && l[j] != j:
					first := t.Row(l[j])
					for i, x := range t.Row(j) {
						first[i] += s.outSign(c, s.turn[c][j]) * x
					}
				}
			}
			for j := range t.Rows {
				if l := s.label[c]; (s.roles[c] != Monomials || !s.invisible(c, j)) && (l == nil || l[j] == j) {
					cols = append(cols, t.Row(j))
				}
			}
		}
	})
	g := linalg.New(len(cols), s.dim(k))
	for j, c := range cols {
		copy(g.Row(j), c)
	}
	return g.Transpose()
}

// outgoing puts what goes out of class k side by side, n×m, in rows that do not depend on
// the bases of the targets.
func (s *form) outgoing(k int) linalg.Matrix {
	n := s.dim(k)
	var rows [][]float64
	for i, a := range s.as {
		if s.cl.Of[a.Source] != k || len(s.w[i].Data) == 0 {
			continue
		}
		w := s.w[i]
		if c := s.cl.Of[a.Target]; s.roles[c] == turning {
			w = linalg.Mul(s.directions[c].Transpose(), w)
		}
		for r := range w.Rows {
			rows = append(rows, w.Row(r))
		}
	}
	g := linalg.New(len(rows), n)
	for r, row := range rows {
		copy(g.Row(r), row)
	}
	return g.Transpose()
}

// step stores the directions that reach a turning class: its stack, of norm 1, and no more
// columns than carry its span. More are mixed at random, in the same way for every network.
func (s *form) step(k int) {
	g := s.stack(k)
	if most := 2*g.Rows + 8; g.Cols > most {
		rng := rand.New(rand.NewPCG(orbitSeed, uint64(k)))
		mix := linalg.New(g.Cols, most)
		for i := range mix.Data {
			mix.Data[i] = rng.NormFloat64()
		}
		g = linalg.Mul(g, mix)
	}
	if size := math.Sqrt(squares([]linalg.Matrix{g})); size > 0 {
		for i := range g.Data {
			g.Data[i] /= size
		}
	}
	s.directions[k] = g
}

// columns returns the norms of what goes out of the units of class k.
func (s *form) columns(k int) []float64 {
	norm := make([]float64, s.dim(k))
	for i, a := range s.as {
		if s.cl.Of[a.Source] == k && len(s.w[i].Data) > 0 {
			for r := range a.Rows {
				for j, x := range s.w[i].Row(r) {
					norm[j] = math.Hypot(norm[j], x)
				}
			}
		}
	}
	return norm
}

// scaled returns the monomial that brings the rows of class k to norm 1 where its group has
// scales; rows at the level of rounding stay.
func (s *form) scaled(k int, norm []float64) group.Monomial {
	m := group.Monomial{Perm: make([]int, len(norm)), Scale: make([]float64, len(norm))}
	for i := range norm {
		m.Perm[i], m.Scale[i] = i, 1
		if s.groups[k].HasScales() && !negligible(norm, i) {
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
func (s *form) revive(k int) {
	g := s.groups[k]
	if !g.HasScales() || g.Degree == 0 {
		return
	}
	out := s.columns(k)
	m := group.Monomial{Perm: make([]int, len(out)), Scale: make([]float64, len(out))}
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

// element returns the monomials that acted as factors, by vertex.
func (s *form) element() []linalg.Factor { return s.spreadOut(s.by) }

// spreadOut returns monomials by class as factors by vertex.
func (p *Plan) spreadOut(by []group.Monomial) []linalg.Factor {
	g := make([]linalg.Factor, len(p.vs))
	for k, members := range p.cl.Members {
		if p.roles[k] != Monomials {
			continue
		}
		f := &monomial.Factor{M: by[k]}
		for _, v := range members {
			g[v] = f
		}
	}
	return g
}
