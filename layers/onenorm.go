package layers

import "math"

// OneNorm is the factor λ(v) = 1/(1+‖v‖₁), whose only linear symmetries are the
// signed permutations. Its Lipschitz constant grows with the dimension, so it states no
// bound. Parse knows Rescaling("onenorm", OneNorm{}).
type OneNorm struct{}

// Value returns 1/(1+‖v‖₁).
func (OneNorm) Value(v []float64) float64 {
	s := 1.0
	for _, x := range v {
		s += math.Abs(x)
	}
	return 1 / s
}

// Gradient stores −sign(v)/(1+‖v‖₁)², with sign(0) = 0.
func (l OneNorm) Gradient(dst, v []float64) {
	mustLengths(len(v), dst)
	t := l.Value(v)
	for i, x := range v {
		dst[i] = -sign(x) * t * t
	}
}

// HessianVector stores 2(s·u)s/(1+‖v‖₁)³ with s = sign(v): the kinks have no curvature
// of their own.
func (l OneNorm) HessianVector(dst, v, u []float64) {
	mustLengths(len(v), dst, u)
	t := l.Value(v)
	var su float64
	for i, x := range v {
		su += sign(x) * u[i]
	}
	for i, x := range v {
		dst[i] = 2 * t * t * t * su * sign(x)
	}
}

// mustLengths panics with *DimensionError unless all vectors have length n.
func mustLengths(n int, vs ...[]float64) {
	for _, v := range vs {
		if len(v) != n {
			panic(&DimensionError{"onenorm", len(v), n})
		}
	}
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}
