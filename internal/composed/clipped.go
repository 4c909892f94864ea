package composed

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/layers"
)

// Clipped is a function as Gorgonia computes it: above a point it is replaced by its asymptote, 1 or x.
// The difference is up to 1e-7, far more than rounding, so a vertex that stands for such a
// node must do the same.
type Clipped struct {
	layers.Func
	above float64
	line  bool                    // the asymptote is x, else 1
	slope func(x float64) float64 // as Gorgonia differentiates it, by other functions than the value
}

// Gorgonia's logistic functions.
var (
	Sigmoid  = &Clipped{layers.Sigmoid, 19, false, func(x float64) float64 { return logistic(x) * logistic(-x) }}
	Softplus = &Clipped{layers.Softplus, 16, true, logistic}
	SiLU     = &Clipped{layers.SiLU, 19, true, func(x float64) float64 { return logistic(x) * (1 + x*logistic(-x)) }} // of x∘sigmoid(x)
)

// logistic is Gorgonia's sigmoid, 1 above 19; for 1 − sigmoid(x) it takes sigmoid(−x).
func logistic(x float64) float64 {
	if x > 19 {
		return 1
	}
	return layers.Sigmoid.Value(x)
}

// String says from where on the asymptote stands.
func (f *Clipped) String() string { return fmt.Sprintf("%s-below-%g", f.Func, f.above) }

// Value is the function, or its asymptote above the point.
func (f *Clipped) Value(x float64) float64 {
	switch {
	case !(x > f.above):
		return f.Func.Value(x)
	case f.line:
		return x
	}
	return 1
}

// Slope is the derivative as Gorgonia computes it.
func (f *Clipped) Slope(x float64) float64 { return f.slope(x) }

// Jet stores Taylor coefficients, the first two those of Value and Slope.
func (f *Clipped) Jet(c []float64, x float64) {
	f.Func.Jet(c, x)
	if len(c) > 0 {
		c[0] = f.Value(x)
	}
	if len(c) > 1 {
		c[1] = f.Slope(x)
	}
}

// Extrema adds the jump, small as it is.
func (f *Clipped) Extrema() (at, jump []float64) {
	at, jump = f.Func.Extrema()
	return at, append(slices.Clone(jump), f.above)
}
