package group

import "math"

// Inhomogeneity returns how far a function is from being homogeneous of degree 1 at a scale,
// the root mean square of f(λX) − λ·f(X) over X ~ N(0,1), by quadrature. It is 0 for ReLU and
// small for GELU: a scale that is no symmetry may nearly be one (arXiv 2205.14258, after the
// authors' notebook). It is NaN or infinite where f is.
func Inhomogeneity(f func(t float64) float64, lambda float64) float64 {
	if f == nil {
		panic(errNilFunc)
	}
	const edge, steps = 12.0, 4800 // composite Simpson rule, kinks at 0 on a node
	sum := 0.0
	for i := range steps + 1 {
		x := -edge + 2*edge*float64(i)/steps
		weight := float64(2 + 2*(i%2))
		if i == 0 || i == steps {
			weight = 1
		}
		d := f(lambda*x) - lambda*f(x)
		sum += weight * d * d * math.Exp(-x*x/2)
	}
	return math.Sqrt(sum * (2 * edge / steps) / 3 / math.Sqrt(2*math.Pi))
}
