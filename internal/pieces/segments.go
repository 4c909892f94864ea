package pieces

import "github.com/quivernet/quivernet/quiver"

// Segment is a piece Lo ≤ t ≤ Hi of a line on which every vertex is affine in t:
// x_v(t) = X[v] + t·DX[v], and likewise z_v(t) = Z[v] + t·DZ[v].
type Segment struct {
	Lo, Hi float64
	X, DX  [][]float64
	Z, DZ  [][]float64
}

// AlongLine cuts the line a + t·b, lo ≤ t ≤ hi, into the segments on which a piecewise
// linear network is affine: vertex by vertex in topological order, each piece is cut
// where a unit's pre-activation is zero.
func (net *Network) AlongLine(a, b []float64, lo, hi float64) []*Segment {
	n := len(net.Vertices)
	first := &Segment{Lo: lo, Hi: hi, X: make([][]float64, n), DX: make([][]float64, n), Z: make([][]float64, n), DZ: make([][]float64, n)}
	for i := range net.Vertices {
		v := &net.Vertices[i]
		first.X[i], first.DX[i] = make([]float64, v.Dim), make([]float64, v.Dim)
		first.Z[i], first.DZ[i] = make([]float64, v.Dim), make([]float64, v.Dim)
		switch v.Kind {
		case quiver.KindInput:
			copy(first.X[i], a[v.Col:v.Col+v.Dim])
			copy(first.DX[i], b[v.Col:v.Col+v.Dim])
		case quiver.KindBias:
			first.X[i][0] = 1
		}
	}
	spans := []*Segment{first}
	for i := range net.Vertices {
		if net.Vertices[i].IsSource() {
			continue
		}
		var next []*Segment
		for _, s := range spans {
			net.affine(s, i)
			next = append(next, net.cut(s, i)...)
		}
		spans = next
	}
	return spans
}

// On reports whether a unit is above 0 in the middle of a segment.
func (s *Segment) On(v, unit int) bool {
	return s.Z[v][unit]+(s.Lo+s.Hi)/2*s.DZ[v][unit] > 0
}

// affine computes z_v on a segment.
func (net *Network) affine(s *Segment, i int) {
	clear(s.Z[i])
	clear(s.DZ[i])
	for k := range net.Vertices[i].In {
		e := &net.Vertices[i].In[k]
		for r := range s.Z[i] {
			m := e.W[r*e.Cols : (r+1)*e.Cols]
			s.Z[i][r] += Dot(m, s.X[e.Source])
			s.DZ[i][r] += Dot(m, s.DX[e.Source])
		}
	}
}

// cut splits a segment where units of vertex i switch, and computes x_v on each part.
func (net *Network) cut(s *Segment, i int) []*Segment {
	v := &net.Vertices[i]
	var ts []float64
	if !v.Slopes.Straight() {
		for r, z := range s.Z[i] {
			if s.DZ[i][r] == 0 {
				continue
			}
			if t := -z / s.DZ[i][r]; s.Lo < t && t < s.Hi {
				ts = insert(ts, t)
			}
		}
	}
	var parts []*Segment
	lo := s.Lo
	for _, hi := range append(ts, s.Hi) {
		p := &Segment{Lo: lo, Hi: hi, X: append([][]float64(nil), s.X...), DX: append([][]float64(nil), s.DX...), Z: append([][]float64(nil), s.Z...), DZ: append([][]float64(nil), s.DZ...)}
		p.X[i], p.DX[i] = make([]float64, v.Dim), make([]float64, v.Dim)
		p.Z[i], p.DZ[i] = append([]float64(nil), s.Z[i]...), append([]float64(nil), s.DZ[i]...)
		mid := lo + (hi-lo)/2
		for r := range v.Dim {
			d := v.Slopes.At(s.Z[i][r] + mid*s.DZ[i][r])
			if d != 0 {
				p.X[i][r], p.DX[i][r] = d*s.Z[i][r], d*s.DZ[i][r]
			}
		}
		// later vertices of each part need memory of their own
		for j := i + 1; j < len(net.Vertices); j++ {
			if !net.Vertices[j].IsSource() {
				d := net.Vertices[j].Dim
				p.Z[j], p.DZ[j] = make([]float64, d), make([]float64, d)
			}
		}
		parts = append(parts, p)
		lo = hi
	}
	return parts
}

// insert puts t into a sorted slice, once.
func insert(ts []float64, t float64) []float64 {
	k := 0
	for k < len(ts) && ts[k] < t {
		k++
	}
	if k < len(ts) && ts[k] == t {
		return ts
	}
	ts = append(ts, 0)
	copy(ts[k+1:], ts[k:])
	ts[k] = t
	return ts
}
