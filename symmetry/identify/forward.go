package identify

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// state holds the values of one sample: z_v and x_v, and the slopes σ'(z_v) where
// the vertex is pointwise.
type state struct {
	z, x, slope [][]float64
}

func (net *network) newState() *state {
	s := &state{make([][]float64, len(net.vs)), make([][]float64, len(net.vs)), make([][]float64, len(net.vs))}
	for i := range net.vs {
		d := net.vs[i].dim
		s.z[i], s.x[i], s.slope[i] = make([]float64, d), make([]float64, d), make([]float64, d)
		if net.vs[i].kind == quiver.KindBias {
			s.x[i][0] = 1
		}
	}
	return s
}

// forward computes the sample with inputs x.
func (net *network) forward(s *state, x []float64) {
	for i := range net.vs {
		v := &net.vs[i]
		switch v.kind {
		case quiver.KindInput:
			copy(s.x[i], x[v.col:v.col+v.dim])
			continue
		case quiver.KindBias:
			continue
		}
		z := s.z[i]
		clear(z)
		for k := range v.in {
			e := &v.in[k]
			from := s.x[e.source]
			for r := range z {
				z[r] += dot(e.m[r*e.cols:(r+1)*e.cols], from)
			}
		}
		net.activate(s, i)
	}
}

// activate computes x_v and the slopes from z_v.
func (net *network) activate(s *state, i int) {
	v, z, x, d := &net.vs[i], s.z[i], s.x[i], s.slope[i]
	switch {
	case v.pieces:
		for r, t := range z {
			d[r] = v.slopes.at(t)
			x[r] = 0
			if d[r] != 0 {
				x[r] = d[r] * t
			}
		}
	case v.point != nil:
		v.act.Apply(x, z)
		for r, t := range z {
			d[r] = v.point.PointJet(1, t)
		}
	case v.params != nil:
		v.act.(quiver.Parametric).ApplyP(x, z, v.params)
	default:
		v.act.Apply(x, z)
	}
}

// outputs copies the outputs of a forward pass into dst, of length outDim.
func (net *network) readOutputs(dst []float64, s *state) {
	for _, o := range net.outputs {
		copy(dst[net.vs[o].row:], s.x[o])
	}
}

// boundaryTol is how near to a kink, relative to Σ‖W_a[i,·]‖‖x_{s(a)}‖, a
// pre-activation is taken to lie on it. Rounding moves it by less.
const boundaryTol = 1e-9

// boundary returns the first unit that lies on a kink, if any.
func (net *network) boundary(s *state, sample int) (Boundary, bool) {
	var size []float64
	for i := range net.vs {
		v := &net.vs[i]
		if len(v.kinks) == 0 {
			continue
		}
		if size == nil {
			size = make([]float64, len(net.vs))
			for j := range size {
				size[j] = norm(s.x[j])
			}
		}
		for r, z := range s.z[i] {
			if !net.watched[i][r] {
				continue
			}
			scale := 0.0
			for k := range v.in {
				scale += v.in[k].norms[r] * size[v.in[k].source]
			}
			for _, kink := range v.kinks {
				if z == 0 && net.still(i, r, func(v, unit int) int { return sign(s.z[v][unit]) }) {
					continue
				}
				if math.Abs(z-kink) <= boundaryTol*max(scale, math.Abs(kink)) {
					return Boundary{sample, v.name, r, z}, true
				}
			}
		}
	}
	return Boundary{}, false
}

// still reports whether a unit's pre-activation is 0 not only here but around here, for all
// nearby parameters and inputs: everything that leads to it comes from units that are
// off, or still themselves. side is the sign of a unit's pre-activation.
func (net *network) still(v, unit int, side func(v, unit int) int) bool {
	for k := range net.vs[v].in {
		e := &net.vs[v].in[k]
		from := &net.vs[e.source]
		for c := range e.cols {
			if !e.exists(unit, c) {
				continue
			}
			if from.isSource() || !from.pieces {
				return false
			}
			switch s := side(e.source, c); {
			case s == 0:
				if !net.still(e.source, c, side) {
					return false
				}
			case from.slopes.at(float64(s)) != 0:
				return false
			}
		}
	}
	return true
}

func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// overflow returns an OverflowError if a value of a sample, after forward, is beyond float64.
func (net *network) overflow(s *state, sample int) error {
	for i := range net.vs {
		for _, vs := range [][]float64{s.z[i], s.x[i]} {
			for r, z := range vs {
				if math.IsInf(z, 0) || math.IsNaN(z) {
					return &OverflowError{fmt.Sprintf("%s[%d] at sample %d", net.vs[i].name, r, sample), "rescale the weights or the samples"}
				}
			}
		}
	}
	return nil
}

// smooth returns the samples that lie on no kink. If some do it returns a
// BoundaryError, unless drop is set and some are left. A value beyond float64 is an
// OverflowError.
func (net *network) smooth(rows [][]float64, drop bool) (kept [][]float64, dropped int, err error) {
	s := net.newState()
	kept = make([][]float64, 0, len(rows))
	e := &BoundaryError{Of: len(rows)}
	for i, x := range rows {
		net.forward(s, x)
		if err := net.overflow(s, i); err != nil {
			return nil, 0, err
		}
		b, bad := net.boundary(s, i)
		if !bad {
			kept = append(kept, x)
			continue
		}
		e.Count++
		if len(e.First) < 8 {
			e.First = append(e.First, b)
		}
	}
	if e.Count > 0 && (!drop || e.Count == e.Of) {
		return nil, 0, e
	}
	return kept, e.Count, nil
}

// pattern returns which side of its kink each unit of a piecewise linear vertex
// with two slopes is on, as a string to compare.
func (net *network) pattern(s *state) string {
	var p []byte
	for i := range net.vs {
		if v := &net.vs[i]; v.pieces && !v.slopes.straight() {
			for _, z := range s.z[i] {
				if z > 0 {
					p = append(p, '+')
				} else {
					p = append(p, '-')
				}
			}
		}
	}
	return string(p)
}
