package identify

import (
	"github.com/quivernet/quivernet/internal/exact"
	"github.com/quivernet/quivernet/quiver"
)

// scalar is a number of a field in which a piecewise linear network is evaluated once
// it is known on which side of its kink each unit is: the rationals, or the integers
// modulo a prime.
type scalar[T any] interface {
	Add(T) T
	Mul(T) T
	IsZero() bool
}

// exactNet is a network with its numbers in a field.
type exactNet[T scalar[T]] struct {
	net       *network
	m         [][][]T // by vertex and incoming arrow
	up, down  []T     // slopes by vertex
	zero, one T
}

// newExactNet converts a network whose vertices are all piecewise linear. Each float64
// is a rational number, so nothing is rounded; exactly converts the rational weights of a
// network that has them.
func newExactNet[T scalar[T]](net *network, from func(float64) T, exactly func(exact.Rational) T) *exactNet[T] {
	e := &exactNet[T]{net: net, zero: from(0), one: from(1)}
	for i := range net.vs {
		v := &net.vs[i]
		var ms [][]T
		for k := range v.in {
			m := make([]T, len(v.in[k].m))
			for j, x := range v.in[k].m {
				if at := v.in[k].at; at >= 0 && net.rational != nil {
					m[j] = exactly(net.rational[at+j])
				} else {
					m[j] = from(x)
				}
			}
			ms = append(ms, m)
		}
		e.m = append(e.m, ms)
		e.up, e.down = append(e.up, from(v.slopes.up)), append(e.down, from(v.slopes.down))
	}
	return e
}

func rationalNet(net *network) *exactNet[exact.Rational] {
	return newExactNet(net, exact.Float, func(x exact.Rational) exact.Rational { return x })
}

// modularNet returns the network modulo a prime, or false where that divides a
// denominator.
func modularNet(net *network, which uint8) (e *exactNet[exact.Residue], ok bool) {
	ok = true
	e = newExactNet(net, func(x float64) exact.Residue { return exact.ResidueOfFloat(x, which) }, func(x exact.Rational) exact.Residue {
		r, fine := exact.ResidueOf(x, which)
		ok = ok && fine
		return r
	})
	return e, ok
}

// exactState holds the values of one sample, and on which side each unit is.
type exactState[T any] struct {
	z, x [][]T
	side [][]bool // above the kink
}

func (e *exactNet[T]) newState() *exactState[T] {
	s := &exactState[T]{make([][]T, len(e.net.vs)), make([][]T, len(e.net.vs)), make([][]bool, len(e.net.vs))}
	for i := range e.net.vs {
		d := e.net.vs[i].dim
		s.z[i], s.x[i], s.side[i] = make([]T, d), make([]T, d), make([]bool, d)
	}
	return s
}

// forward computes a sample. above decides the side of a unit from its z; where it is
// nil, the sides that s holds are used.
func (e *exactNet[T]) forward(s *exactState[T], x []T, above func(v, unit int, z T) bool) {
	for i := range e.net.vs {
		v := &e.net.vs[i]
		switch v.kind {
		case quiver.KindInput:
			copy(s.x[i], x[v.col:v.col+v.dim])
			continue
		case quiver.KindBias:
			s.x[i][0] = e.one
			continue
		}
		for r := range v.dim {
			z := e.zero
			for k := range v.in {
				in := &v.in[k]
				for c, m := range e.m[i][k][r*in.cols : (r+1)*in.cols] {
					if from := s.x[in.source][c]; !m.IsZero() && !from.IsZero() {
						z = z.Add(m.Mul(from))
					}
				}
			}
			s.z[i][r] = z
			if above != nil {
				s.side[i][r] = above(i, r, z)
			}
			s.x[i][r] = e.slope(i, s.side[i][r]).Mul(z)
		}
	}
}

func (e *exactNet[T]) slope(v int, above bool) T {
	if above {
		return e.up[v]
	}
	return e.down[v]
}

// rows returns the rows of J of a sample, one per output, after forward.
func (e *exactNet[T]) rows(s *exactState[T]) [][]T {
	net := e.net
	out := make([][]T, net.outDim)
	for k := range out {
		row := make([]T, net.params)
		for j := range row {
			row[j] = e.zero
		}
		g := make([][]T, len(net.vs))
		for i := len(net.vs) - 1; i >= 0; i-- {
			v := &net.vs[i]
			if v.row >= 0 && k >= v.row && k < v.row+v.dim {
				e.bump(g, i, k-v.row, e.one)
			}
			if v.isSource() || g[i] == nil {
				continue
			}
			for r := range v.dim {
				d := g[i][r].Mul(e.slope(i, s.side[i][r]))
				if d.IsZero() {
					continue
				}
				for a := range v.in {
					in := &v.in[a]
					for c := range in.cols {
						if in.at >= 0 {
							j := in.at + r*in.cols + c
							row[j] = row[j].Add(d.Mul(s.x[in.source][c]))
						}
						if m := e.m[i][a][r*in.cols+c]; !m.IsZero() && !net.vs[in.source].isSource() {
							e.bump(g, in.source, c, d.Mul(m))
						}
					}
				}
			}
		}
		out[k] = row
	}
	return out
}

// bump adds x to g[v][unit].
func (e *exactNet[T]) bump(g [][]T, v, unit int, x T) {
	if g[v] == nil {
		g[v] = make([]T, e.net.vs[v].dim)
		for i := range g[v] {
			g[v][i] = e.zero
		}
	}
	g[v][unit] = g[v][unit].Add(x)
}
