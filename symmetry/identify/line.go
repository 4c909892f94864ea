package identify

import "github.com/quivernet/quivernet/quiver"

// span is a piece lo ≤ t ≤ hi of a line on which every vertex is affine in t:
// x_v(t) = at[v] + t·by[v], and likewise z_v.
type span struct {
	lo, hi float64
	x, dx  [][]float64
	z, dz  [][]float64
}

// alongLine cuts the line a + t·b, lo ≤ t ≤ hi, into the pieces on which a piecewise
// linear network is affine: vertex by vertex in topological order, each piece is cut
// where a unit's pre-activation is zero.
func (net *network) alongLine(a, b []float64, lo, hi float64) []*span {
	n := len(net.vs)
	first := &span{lo: lo, hi: hi, x: make([][]float64, n), dx: make([][]float64, n), z: make([][]float64, n), dz: make([][]float64, n)}
	for i := range net.vs {
		v := &net.vs[i]
		first.x[i], first.dx[i] = make([]float64, v.dim), make([]float64, v.dim)
		first.z[i], first.dz[i] = make([]float64, v.dim), make([]float64, v.dim)
		switch v.kind {
		case quiver.KindInput:
			copy(first.x[i], a[v.col:v.col+v.dim])
			copy(first.dx[i], b[v.col:v.col+v.dim])
		case quiver.KindBias:
			first.x[i][0] = 1
		}
	}
	spans := []*span{first}
	for i := range net.vs {
		if net.vs[i].isSource() {
			continue
		}
		var next []*span
		for _, s := range spans {
			net.affine(s, i)
			next = append(next, net.cut(s, i)...)
		}
		spans = next
	}
	return spans
}

// affine computes z_v on a piece.
func (net *network) affine(s *span, i int) {
	clear(s.z[i])
	clear(s.dz[i])
	for k := range net.vs[i].in {
		e := &net.vs[i].in[k]
		for r := range s.z[i] {
			m := e.m[r*e.cols : (r+1)*e.cols]
			s.z[i][r] += dot(m, s.x[e.source])
			s.dz[i][r] += dot(m, s.dx[e.source])
		}
	}
}

// cut splits a piece where units of vertex i switch, and computes x_v on each part.
func (net *network) cut(s *span, i int) []*span {
	v := &net.vs[i]
	var ts []float64
	if !v.slopes.straight() {
		for r, z := range s.z[i] {
			if s.dz[i][r] == 0 {
				continue
			}
			if t := -z / s.dz[i][r]; s.lo < t && t < s.hi {
				ts = insert(ts, t)
			}
		}
	}
	var parts []*span
	lo := s.lo
	for _, hi := range append(ts, s.hi) {
		p := &span{lo: lo, hi: hi, x: append([][]float64(nil), s.x...), dx: append([][]float64(nil), s.dx...), z: append([][]float64(nil), s.z...), dz: append([][]float64(nil), s.dz...)}
		p.x[i], p.dx[i] = make([]float64, v.dim), make([]float64, v.dim)
		p.z[i], p.dz[i] = append([]float64(nil), s.z[i]...), append([]float64(nil), s.dz[i]...)
		mid := lo + (hi-lo)/2
		for r := range v.dim {
			d := v.slopes.at(s.z[i][r] + mid*s.dz[i][r])
			if d != 0 {
				p.x[i][r], p.dx[i][r] = d*s.z[i][r], d*s.dz[i][r]
			}
		}
		// later vertices of each part need memory of their own
		for j := i + 1; j < len(net.vs); j++ {
			if !net.vs[j].isSource() {
				d := net.vs[j].dim
				p.z[j], p.dz[j] = make([]float64, d), make([]float64, d)
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
