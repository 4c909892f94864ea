package rewrite

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/layers"
)

// clipped is a function as Gorgonia computes it: above a point it is replaced by its asymptote, 1 or x.
// The difference is up to 1e-7, far more than rounding, so a vertex that stands for such a
// node must do the same.
type clipped struct {
	layers.Func
	above float64
	line  bool // the asymptote is x, else 1
}

// Gorgonia's logistic functions.
var (
	sigmoid  = &clipped{layers.Sigmoid, 19, false}
	softplus = &clipped{layers.Softplus, 16, true}
	silu     = &clipped{layers.SiLU, 19, true} // x∘sigmoid(x)
)

func (f *clipped) String() string { return fmt.Sprintf("%s-below-%g", f.Func, f.above) }

func (f *clipped) Value(x float64) float64 {
	switch {
	case !(x > f.above):
		return f.Func.Value(x)
	case f.line:
		return x
	}
	return 1
}

func (f *clipped) Slope(x float64) float64 {
	switch {
	case !(x > f.above):
		return f.Func.Slope(x)
	case f.line:
		return 1
	}
	return 0
}

func (f *clipped) Jet(c []float64, x float64) {
	if !(x > f.above) {
		f.Func.Jet(c, x)
		return
	}
	clear(c)
	if len(c) > 0 {
		c[0] = f.Value(x)
	}
	if len(c) > 1 {
		c[1] = f.Slope(x)
	}
}

// Extrema adds the jump, small as it is.
func (f *clipped) Extrema() (at, jump []float64) {
	at, jump = f.Func.Extrema()
	return at, append(slices.Clone(jump), f.above)
}
