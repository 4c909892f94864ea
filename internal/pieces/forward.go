package pieces

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/quiver"
)

// State holds the values of one sample: z_v and x_v, and the slopes σ'(z_v) where
// the vertex is pointwise.
type State struct {
	Z, X, Slope [][]float64
}

// NewState returns the memory of one sample.
func (net *Network) NewState() *State {
	s := &State{make([][]float64, len(net.Vertices)), make([][]float64, len(net.Vertices)), make([][]float64, len(net.Vertices))}
	for i := range net.Vertices {
		d := net.Vertices[i].Dim
		s.Z[i], s.X[i], s.Slope[i] = make([]float64, d), make([]float64, d), make([]float64, d)
		if net.Vertices[i].Kind == quiver.KindBias {
			s.X[i][0] = 1
		}
	}
	return s
}

// Forward computes the sample with inputs x.
func (net *Network) Forward(s *State, x []float64) {
	for i := range net.Vertices {
		v := &net.Vertices[i]
		switch v.Kind {
		case quiver.KindInput:
			copy(s.X[i], x[v.Col:v.Col+v.Dim])
			continue
		case quiver.KindBias:
			continue
		}
		z := s.Z[i]
		clear(z)
		for k := range v.In {
			e := &v.In[k]
			from := s.X[e.Source]
			for r := range z {
				z[r] += Dot(e.W[r*e.Cols:(r+1)*e.Cols], from)
			}
		}
		net.activate(s, i)
	}
}

// activate computes x_v and the slopes from z_v.
func (net *Network) activate(s *State, i int) {
	v, z, x, d := &net.Vertices[i], s.Z[i], s.X[i], s.Slope[i]
	switch {
	case v.PiecewiseLinear:
		for r, t := range z {
			d[r] = v.Slopes.At(t)
			x[r] = 0
			if d[r] != 0 {
				x[r] = d[r] * t
			}
		}
	case v.Jet != nil:
		v.Act.Apply(x, z)
		for r, t := range z {
			d[r] = v.Jet.PointJet(1, t)
		}
	case v.Params != nil:
		v.Act.(quiver.Parametric).ApplyP(x, z, v.Params)
	default:
		v.Act.Apply(x, z)
	}
}

// ReadOutputs copies the outputs of a forward pass into dst, of length OutDim.
func (net *Network) ReadOutputs(dst []float64, s *State) {
	for _, o := range net.Outputs {
		copy(dst[net.Vertices[o].Row:], s.X[o])
	}
}

// boundaryTol is how near to a kink, relative to Σ‖W_a[i,·]‖‖x_{s(a)}‖, a
// pre-activation is taken to lie on it. Rounding moves it by less.
const boundaryTol = 1e-9

// Boundary returns the first unit that lies on a kink, if any.
func (net *Network) Boundary(s *State, sample int) (Boundary, bool) {
	var size []float64
	for i := range net.Vertices {
		v := &net.Vertices[i]
		if len(v.Kinks) == 0 {
			continue
		}
		if size == nil {
			size = make([]float64, len(net.Vertices))
			for j := range size {
				size[j] = Norm(s.X[j])
			}
		}
		for r, z := range s.Z[i] {
			if !net.Watched[i][r] {
				continue
			}
			scale := 0.0
			for k := range v.In {
				scale += v.In[k].RowNorms[r] * size[v.In[k].Source]
			}
			for _, kink := range v.Kinks {
				if z == 0 && net.Still(i, r, func(v, unit int) int { return sign(s.Z[v][unit]) }) {
					continue
				}
				if math.Abs(z-kink) <= boundaryTol*max(scale, math.Abs(kink)) {
					return Boundary{sample, v.Name, r, z}, true
				}
			}
		}
	}
	return Boundary{}, false
}

// Still reports whether a unit's pre-activation is 0 not only here but around here, for all
// nearby parameters and inputs: everything that leads to it comes from units that are
// off, or still themselves. side is the sign of a unit's pre-activation.
func (net *Network) Still(v, unit int, side func(v, unit int) int) bool {
	for k := range net.Vertices[v].In {
		e := &net.Vertices[v].In[k]
		from := &net.Vertices[e.Source]
		for c := range e.Cols {
			if !e.exists(unit, c) {
				continue
			}
			if from.IsSource() || !from.PiecewiseLinear {
				return false
			}
			switch s := side(e.Source, c); {
			case s == 0:
				if !net.Still(e.Source, c, side) {
					return false
				}
			case from.Slopes.At(float64(s)) != 0:
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

// overflow returns an OverflowError if a value of a sample, after Forward, lies outside float64.
func (net *Network) overflow(s *State, sample int) error {
	for i := range net.Vertices {
		for _, vs := range [][]float64{s.Z[i], s.X[i]} {
			for r, z := range vs {
				if math.IsInf(z, 0) || math.IsNaN(z) {
					return &OverflowError{fmt.Sprintf("%s[%d] at sample %d", net.Vertices[i].Name, r, sample), "rescale the weights or the samples"}
				}
			}
		}
	}
	return nil
}

// Smooth returns the samples that lie on no kink. If some do it returns a
// BoundaryError, unless drop is set and some are left. A value beyond float64 is an
// OverflowError.
func (net *Network) Smooth(rows [][]float64, drop bool) (kept [][]float64, dropped int, err error) {
	s := net.NewState()
	kept = make([][]float64, 0, len(rows))
	e := &BoundaryError{Of: len(rows)}
	for i, x := range rows {
		net.Forward(s, x)
		if err := net.overflow(s, i); err != nil {
			return nil, 0, err
		}
		b, bad := net.Boundary(s, i)
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

// Pattern returns which side of its kink each unit of a piecewise linear vertex
// with two slopes is on, as a string to compare.
func (net *Network) Pattern(s *State) string {
	var p []byte
	for i := range net.Vertices {
		if v := &net.Vertices[i]; v.PiecewiseLinear && !v.Slopes.Straight() {
			for _, z := range s.Z[i] {
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
