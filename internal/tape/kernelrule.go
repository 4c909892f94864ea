package tape

import (
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// kernelRule returns the rule for an activation of package layers that has vector kernels,
// nil for another one.
func kernelRule[T op.Float](act quiver.Activation) actRule[T] {
	parts, ok := layers.Inside(act)
	if !ok {
		return nil
	}
	switch a := act.(type) {
	case quiver.RadialJet:
		if p := profileOf(parts); p != nil {
			p.Origin, p.Origin1 = a.RadialJet(0, 0), a.RadialJet(1, 0)
			return &radialRule[T]{act: a, profile: p}
		}
	case quiver.PointJet:
		if m, c, ok := vec.MapOf(parts.Func); ok {
			return &mapRule[T]{act: a, m: m, c: c}
		}
	}
	return nil
}

// profileOf returns the kernel of a radial activation, nil where there is none.
func profileOf(a layers.Parts) *vec.Profile {
	switch a.Kind {
	case "radial", "rmsnorm":
		return vec.ProfileOf(a.Func)
	case "deadzone":
		inner, ok := layers.Inside(a.Inner)
		if !ok {
			return nil
		}
		p := profileOf(inner)
		if p != nil {
			p.Dead = max(p.Dead, a.Radius)
		}
		return p
	}
	return nil
}

// mapRule computes a pointwise activation with vector kernels. Where a map keeps its slope, h′(z) takes the place of z in the
// forward pass.
type mapRule[T op.Float] struct {
	act quiver.PointJet
	m   vec.Map
	c   float64 // the constant of the function
}

func (r *mapRule[T]) String() string            { return r.act.String() }
func (r *mapRule[T]) keepsZ() bool              { return !r.m.Rectifies() }
func (r *mapRule[T]) keeps() int                { return 0 }
func (r *mapRule[T]) side(*Tape[T], int) int    { return 0 }
func (r *mapRule[T]) cost(d int) (int, int)     { return 4 * d, 2 * d }
func (r *mapRule[T]) backCost(d int) (int, int) { return 2 * d, 3 * d }

func (r *mapRule[T]) forward(m *Memory[T], s *forward[T]) {
	t := s.t
	z, x := m.slot[s.z], m.slot[s.x]
	slopes := s.z != s.x && r.m.KeepsSlope()
	for i := range s.d {
		a, b := i*t.ld, i*t.ld+t.lanes
		if slopes {
			vec.PointwiseSlope(r.m, x[a:b], z[a:b], z[a:b])
		} else {
			vec.Pointwise(r.m, r.c, x[a:b], z[a:b])
		}
	}
}

func (r *mapRule[T]) backward(m *Memory[T], s *backward[T]) {
	t := s.t
	z, g, d := m.slot[s.v.z], m.slot[s.g], m.slot[s.d] // z, or the slope in its place
	for i := range s.v.d {
		a, b := i*t.ld, i*t.ld+t.lanes
		vec.PointwiseVJP(r.m, r.c, d[a:b], g[a:b], z[a:b], z[a:b])
	}
}
