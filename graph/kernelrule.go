package graph

import (
	"fmt"
	"strings"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// kernelRule returns the rule for an activation that has vector kernels, nil for another
// one.
func kernelRule[T op.Float](act quiver.Activation) actRule[T] {
	f, ok := act.(interface{ Func() layers.Func })
	if !ok {
		return nil
	}
	switch a := act.(type) {
	case quiver.RadialJet:
		if p := profileOf(f.Func(), a); p != nil {
			return &radialRule[T]{act: a, profile: p}
		}
	case quiver.PointJet:
		if m, slope, ok := mapOf(f.Func()); ok {
			return &mapRule[T]{act: a, m: m, slope: slope}
		}
	}
	return nil
}

// profileOf returns the kernel of the radial activation of a function, nil where there is none.
func profileOf(f layers.Func, act quiver.RadialJet) *vec.Profile {
	h, shift := layers.Unshift(f)
	p := &vec.Profile{Shift: shift, Origin: act.RadialJet(0, 0), Origin1: act.RadialJet(1, 0)}
	switch h {
	case layers.ReLU:
		p.Kind = vec.ReLU
	case layers.StepReLU:
		p.Kind = vec.StepReLU
	case layers.Sigmoid:
		p.Kind = vec.Sigmoid
	case layers.Softplus:
		p.Kind = vec.Softplus
	default:
		if slope, ok := leaky(h); ok {
			p.Kind, p.Slope = vec.LeakyReLU, slope
			return p
		}
		if shift != 0 {
			return nil
		}
		var d int
		switch h {
		case layers.Tanh:
			p.Kind = vec.Tanh
		case layers.Squash:
			p.Kind = vec.Squash
		case layers.SiLU:
			p.Kind = vec.SiLU
		case layers.Unit:
			p.Kind = vec.Unit
		case layers.Square:
			p.Kind = vec.Square
		default:
			if n, err := fmt.Sscanf(h.String(), "rms(%d,%g)", &d, &p.Eps); n != 2 || err != nil || d <= 0 || p.Eps == 0 {
				return nil
			}
			p.Kind, p.Scale = vec.RMS, 1/float64(d)
		}
	}
	return p
}

// leaky returns the slope of a LeakyReLU.
func leaky(h layers.Func) (slope float64, ok bool) {
	if !strings.HasPrefix(h.String(), "leakyrelu(") {
		return 0, false
	}
	return h.Slope(-1), true
}

// mapOf returns the kernel of the pointwise activation of a function.
func mapOf(h layers.Func) (m vec.Map, slope float64, ok bool) {
	switch h {
	case layers.ReLU:
		return vec.MapReLU, 0, true
	case layers.Abs:
		return vec.MapAbs, 0, true
	case layers.Square:
		return vec.MapSquare, 0, true
	case layers.Tanh:
		return vec.MapTanh, 0, true
	case layers.Sigmoid:
		return vec.MapSigmoid, 0, true
	case layers.Softplus:
		return vec.MapSoftplus, 0, true
	case layers.SiLU:
		return vec.MapSiLU, 0, true
	case layers.ELU:
		return vec.MapELU, 0, true
	}
	slope, ok = leaky(h)
	return vec.MapLeaky, slope, ok
}

// mapRule computes a pointwise activation with vector kernels; tanh and the sigmoid
// take their derivative from the value.
type mapRule[T op.Float] struct {
	act   quiver.PointJet
	m     vec.Map
	slope float64
}

func (r *mapRule[T]) String() string            { return r.act.String() }
func (r *mapRule[T]) keepsZ() bool              { return !r.m.FromValue() && r.m != vec.MapReLU }
func (r *mapRule[T]) keeps() int                { return 0 }
func (r *mapRule[T]) side(*tape[T], int) int    { return 0 }
func (r *mapRule[T]) cost(d int) (int, int)     { return 4 * d, 2 * d }
func (r *mapRule[T]) backCost(d int) (int, int) { return 2 * d, 3 * d }

func (r *mapRule[T]) forward(m *memory[T], s *forward[T]) {
	t := s.t
	z, x := m.slot[s.z], m.slot[s.x]
	for i := range s.d {
		a, b := i*t.ld, i*t.ld+t.lanes
		vec.Pointwise(r.m, r.slope, x[a:b], z[a:b])
	}
}

func (r *mapRule[T]) backward(m *memory[T], s *backward[T]) {
	t := s.t
	z, x, g, d := m.slot[s.v.z], m.slot[s.v.x], m.slot[s.g], m.slot[s.d]
	for i := range s.v.d {
		a, b := i*t.ld, i*t.ld+t.lanes
		vec.PointwiseVJP(r.m, r.slope, d[a:b], g[a:b], z[a:b], x[a:b])
	}
}
