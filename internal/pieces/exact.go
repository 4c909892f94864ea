package pieces

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

// Exact is a network with its numbers in a field, where nothing is rounded.
type Exact[T scalar[T]] struct {
	Network   *Network
	W         [][][]T // by vertex and incoming arrow, row-major
	up, down  []T     // slopes by vertex
	zero, one T
}

// over converts a network whose vertices are all piecewise linear. Each float64
// is a rational number, so nothing is rounded; exactly converts the Rational weights of a
// network that has them.
func over[T scalar[T]](net *Network, from func(float64) T, exactly func(exact.Rational) T) *Exact[T] {
	e := &Exact[T]{Network: net, zero: from(0), one: from(1)}
	for i := range net.Vertices {
		v := &net.Vertices[i]
		var ms [][]T
		for k := range v.In {
			m := make([]T, len(v.In[k].W))
			for j, x := range v.In[k].W {
				if at := v.In[k].Offset; at >= 0 && net.Rational != nil {
					m[j] = exactly(net.Rational[at+j])
				} else {
					m[j] = from(x)
				}
			}
			ms = append(ms, m)
		}
		e.W = append(e.W, ms)
		e.up, e.down = append(e.up, from(v.Slopes.Up)), append(e.down, from(v.Slopes.Down))
	}
	return e
}

// OverRationals returns the network with rational numbers, which its float64 numbers are.
func OverRationals(net *Network) *Exact[exact.Rational] {
	return over(net, exact.Float, func(x exact.Rational) exact.Rational { return x })
}

// Modulo returns the network modulo a prime, or false where that divides a
// denominator.
func Modulo(net *Network, which uint8) (e *Exact[exact.Residue], ok bool) {
	ok = true
	e = over(net, func(x float64) exact.Residue { return exact.ResidueOfFloat(x, which) }, func(x exact.Rational) exact.Residue {
		r, fine := exact.ResidueOf(x, which)
		ok = ok && fine
		return r
	})
	return e, ok
}

// ExactState holds the values of one sample, and on which side each unit is.
type ExactState[T any] struct {
	Z, X [][]T
	Side [][]bool // above the kink
}

// NewState returns the memory of one sample.
func (e *Exact[T]) NewState() *ExactState[T] {
	s := &ExactState[T]{make([][]T, len(e.Network.Vertices)), make([][]T, len(e.Network.Vertices)), make([][]bool, len(e.Network.Vertices))}
	for i := range e.Network.Vertices {
		d := e.Network.Vertices[i].Dim
		s.Z[i], s.X[i], s.Side[i] = make([]T, d), make([]T, d), make([]bool, d)
	}
	return s
}

// Forward computes a sample. above decides the side of a unit from its z; where it is
// nil, the sides that s holds are used.
func (e *Exact[T]) Forward(s *ExactState[T], x []T, above func(v, unit int, z T) bool) {
	for i := range e.Network.Vertices {
		v := &e.Network.Vertices[i]
		switch v.Kind {
		case quiver.KindInput:
			copy(s.X[i], x[v.Col:v.Col+v.Dim])
			continue
		case quiver.KindBias:
			s.X[i][0] = e.one
			continue
		}
		for r := range v.Dim {
			z := e.zero
			for k := range v.In {
				in := &v.In[k]
				for c, m := range e.W[i][k][r*in.Cols : (r+1)*in.Cols] {
					if from := s.X[in.Source][c]; !m.IsZero() && !from.IsZero() {
						z = z.Add(m.Mul(from))
					}
				}
			}
			s.Z[i][r] = z
			if above != nil {
				s.Side[i][r] = above(i, r, z)
			}
			s.X[i][r] = e.Slope(i, s.Side[i][r]).Mul(z)
		}
	}
}

// Slope returns the slope of vertex v above its kink or below it.
func (e *Exact[T]) Slope(v int, above bool) T {
	if above {
		return e.up[v]
	}
	return e.down[v]
}

// Rows returns the rows of J of a sample, one per output, after Forward.
func (e *Exact[T]) Rows(s *ExactState[T]) [][]T {
	net := e.Network
	out := make([][]T, net.OutDim)
	for k := range out {
		row := make([]T, net.Params)
		for j := range row {
			row[j] = e.zero
		}
		g := make([][]T, len(net.Vertices))
		for i := len(net.Vertices) - 1; i >= 0; i-- {
			v := &net.Vertices[i]
			if v.Row >= 0 && k >= v.Row && k < v.Row+v.Dim {
				e.bump(g, i, k-v.Row, e.one)
			}
			if v.IsSource() || g[i] == nil {
				continue
			}
			for r := range v.Dim {
				d := g[i][r].Mul(e.Slope(i, s.Side[i][r]))
				if d.IsZero() {
					continue
				}
				for a := range v.In {
					in := &v.In[a]
					for c := range in.Cols {
						if in.Offset >= 0 {
							j := in.Offset + r*in.Cols + c
							row[j] = row[j].Add(d.Mul(s.X[in.Source][c]))
						}
						if m := e.W[i][a][r*in.Cols+c]; !m.IsZero() && !net.Vertices[in.Source].IsSource() {
							e.bump(g, in.Source, c, d.Mul(m))
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
func (e *Exact[T]) bump(g [][]T, v, unit int, x T) {
	if g[v] == nil {
		g[v] = make([]T, e.Network.Vertices[v].Dim)
		for i := range g[v] {
			g[v][i] = e.zero
		}
	}
	g[v][unit] = g[v][unit].Add(x)
}
