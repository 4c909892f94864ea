package matching

import (
	"math"

	"github.com/quivernet/quivernet/symmetry/group"
)

// unitCost is f(λ) = αλ² − 2βλ + γb² − 2δb with b = 1/b(λ), λ > 0.
type unitCost struct{ alpha, beta, gamma, delta float64 }

func (f unitCost) at(l, b float64) float64 { return (f.alpha*l-2*f.beta)*l + (f.gamma*b-2*f.delta)*b }

// scaleGrid holds the scales at which costs are looked at: 1 alone for a group without
// scales, else equal steps of log λ around it, up to a factor of 33.
type scaleGrid struct {
	degree  float64
	t, l, b []float64 // log λ, λ, λ^{−p}
}

const matchRange = 3.5 // of log λ, on both sides

func newScaleGrid(g group.Group) *scaleGrid {
	s := &scaleGrid{degree: g.Degree}
	steps := 0
	if g.HasScales() {
		steps = 7
	}
	for i := -steps; i <= steps; i++ {
		t := matchRange / 7 * float64(i)
		s.t, s.l, s.b = append(s.t, t), append(s.l, math.Exp(t)), append(s.b, math.Exp(-s.degree*t))
	}
	return s
}

// least returns the least cost and its λ: the best point of the grid, improved by Newton
// steps in log λ.
func (s *scaleGrid) least(f unitCost) (value, lambda float64) {
	k := len(s.t) / 2
	value = f.at(s.l[k], s.b[k])
	for i := range s.t {
		if x := f.at(s.l[i], s.b[i]); x < value {
			k, value = i, x
		}
	}
	t, lambda, b := s.t[k], s.l[k], s.b[k]
	for range 12 {
		if len(s.t) == 1 {
			break
		}
		p := s.degree
		slope := 2*(f.alpha*lambda-f.beta)*lambda - 2*p*(f.gamma*b-f.delta)*b
		bend := 2*(2*f.alpha*lambda-f.beta)*lambda + 2*p*p*(2*f.gamma*b-f.delta)*b
		if !(bend > 0) {
			break
		}
		next := t - slope/bend
		l, c := math.Exp(next), 0.0
		if c = 1 / l; p != 1 {
			c = math.Exp(-p * next)
		}
		x := f.at(l, c)
		if !(x < value) || math.Abs(next) > matchRange {
			break
		}
		t, value, lambda, b = next, x, l, c
	}
	return value, lambda
}
