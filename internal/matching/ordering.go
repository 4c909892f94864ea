package matching

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/internal/ties"

	"github.com/quivernet/quivernet/quiver"
)

// Order returns the factors, by vertex, that bring w with its pointwise vertices to a normal form that all networks on its
// orbit share, or nil where it has none: in topological order, rows of norm 1 where the group has scales (NormalizeIncoming of
// ReLU networks), the sign that makes a fixed pseudo-random functional of the row positive where it
// has signs, and units in the order of that functional. Units with equal rows are ordered by
// what goes out, in reverse topological order. Rotations elsewhere do not matter.
func Order(w *quiver.Rep) []linalg.Factor {
	p := planOf(w.Quiver(), ties.Of(w.Quiver()))
	if !p.Has(Monomials) {
		return nil
	}
	s := p.form(w)
	for k, r := range p.roles {
		switch r {
		case turning:
			s.step(k)
		case Monomials:
			norm := s.rows(k)
			p.dead[k] = make([]bool, len(norm))
			for i := range norm {
				p.dead[k][i] = negligible(norm, i)
			}
			s.act(k, s.scaled(k, norm))
			s.sort(k)
		}
		p.done[k] = true
	}
	for k := len(p.roles) - 1; k >= 0; k-- {
		if p.roles[k] == Monomials {
			s.sortTwins(k)
		}
	}
	return s.element()
}

// keys returns the values of a fixed functional on the rows of g, and the size of the
// largest row.
func keys(g linalg.Matrix, seed uint64) (x []float64, size float64) {
	rng := rand.New(rand.NewPCG(orbitSeed, seed))
	c := make([]float64, g.Cols)
	for j := range c {
		c[j] = rng.NormFloat64()
	}
	x = make([]float64, g.Rows)
	for i := range x {
		for j, v := range g.Row(i) {
			x[i] += c[j] * v
		}
		size = max(size, length(g.Row(i)))
	}
	return x, size
}

// sort puts the units of class k in the order of their keys, with positive keys where
// signs are free, and finds twins.
func (s *form) sort(k int) {
	g := s.groups[k]
	x, size := keys(s.stack(k), uint64(k))
	m := group.Monomial{Perm: make([]int, len(x)), Scale: make([]float64, len(x))}
	for i := range x {
		m.Perm[i] = i
	}
	sign := make([]float64, len(x))
	for i, v := range x {
		sign[i] = 1
		if g.HasSigns() && v < 0 {
			sign[i], x[i] = -1, -v
		}
	}
	byKey(m.Perm, x, g)
	dead := make([]bool, len(x))
	for i, j := range m.Perm {
		m.Scale[i], dead[i] = sign[j], s.dead[k][j]
	}
	s.act(k, m)
	s.dead[k] = dead
	label := make([]int, len(x))
	for i, j := range m.Perm {
		label[i] = i
		for l := range i {
			if math.Abs(x[j]-x[m.Perm[l]]) <= keyEdge*size && inOneClass(g, i, l) {
				label[i], s.label[k], s.turn[k] = label[l], label, slices.Repeat([]float64{1}, len(x))
				break
			}
		}
	}
}

// byKey sorts a permutation by x, within the classes of g.
func byKey(perm []int, x []float64, g group.Group) {
	places := make(map[int][]int)
	for i := range perm {
		c := 0
		if g.Classes != nil {
			c = g.Classes[i]
		}
		places[c] = append(places[c], i)
	}
	for _, at := range places {
		units := slices.Clone(at)
		slices.SortStableFunc(units, func(i, j int) int {
			switch {
			case x[i] < x[j]:
				return -1
			case x[i] > x[j]:
				return 1
			}
			return 0
		})
		for n, i := range at {
			perm[i] = units[n]
		}
	}
}

// sortTwins puts twins in the order of what goes out of them, and gives units that are 0 for
// every input a scale and a sign.
func (s *form) sortTwins(k int) {
	n := s.dim(k)
	idle := false
	for i := range n {
		idle = idle || s.invisible(k, i)
	}
	if idle {
		s.revive(k)
	}
	if !idle && s.label[k] == nil {
		return
	}
	x, _ := keys(s.outgoing(k), uint64(k))
	m := group.Monomial{Perm: make([]int, n), Scale: make([]float64, n)}
	groups := make([][]int, n)
	sign := make([]float64, n)
	for i := range n {
		m.Perm[i], sign[i] = i, 1
		if g := s.groups[k]; s.invisible(k, i) && g.HasSigns() && g.Parity < 0 && x[i] < 0 {
			sign[i], x[i] = -1, -x[i]
		}
		first := i
		if s.label[k] != nil {
			first = s.label[k][i]
		}
		groups[first] = append(groups[first], i)
	}
	for _, units := range groups {
		at := slices.Clone(units)
		slices.SortStableFunc(units, func(i, j int) int {
			switch {
			case x[i] < x[j]:
				return -1
			case x[i] > x[j]:
				return 1
			}
			return 0
		})
		for r, i := range at {
			m.Perm[i] = units[r]
		}
	}
	for i, j := range m.Perm {
		m.Scale[i] = sign[j]
	}
	s.act(k, m)
}

// keyEdge is the difference of keys, relative to the largest row, below which they count
// as equal.
const keyEdge = 1e-9
