package composed

import (
	"math"

	"github.com/quivernet/quivernet/layers"
)

// scalar is a function of one variable with its derivatives; a layers.Func is one.
type scalar interface {
	Value(x float64) float64
	Slope(x float64) float64
	Jet(c []float64, x float64)
}

// Functions are Gorgonia's elementwise functions.
var Functions = map[string]scalar{
	"tanh": layers.Tanh, "sigmoid": Sigmoid, "softplus": Softplus, "exp": layers.Exp, "sin": layers.Sin,
	"square": layers.Square, "cube": layers.Power(3), "abs": layers.Abs,
	"sqrt": layers.Power(0.5), "inv": layers.Power(-1), "invSqrt": layers.Power(-0.5),
	"neg": &elementary{func(x float64) float64 { return -x }, func(float64) float64 { return -1 }, func(c []float64, x float64) {
		clear(c)
		if len(c) > 1 {
			c[1] = -1
		}
	}},
	"cos":   &elementary{math.Cos, func(x float64) float64 { return -math.Sin(x) }, func(c []float64, x float64) { layers.Sin.Jet(c, x+math.Pi/2) }},
	"expm1": &elementary{math.Expm1, math.Exp, layers.Exp.Jet},
	"ln":    &elementary{math.Log, func(x float64) float64 { return 1 / x }, func(c []float64, x float64) { logarithm(c, x) }},
	"log1p": &elementary{math.Log1p, func(x float64) float64 { return 1 / (1 + x) }, func(c []float64, x float64) { logarithm(c, 1+x) }},
	"log2": &elementary{math.Log2, func(x float64) float64 { return 1 / (x * math.Ln2) }, func(c []float64, x float64) {
		logarithm(c, x)
		for i := range c {
			c[i] /= math.Ln2
		}
	}},
}

// elementary is a function that the catalogue of layers does not have. rest gives the
// Taylor coefficients but the first.
type elementary struct {
	value, slope func(x float64) float64
	rest         func(c []float64, x float64)
}

func (e *elementary) Value(x float64) float64 { return e.value(x) }
func (e *elementary) Slope(x float64) float64 { return e.slope(x) }
func (e *elementary) Jet(c []float64, x float64) {
	e.rest(c, x)
	if len(c) > 0 {
		c[0] = e.value(x)
	}
}

// logarithm stores (−1)^{k−1}/(k·xᵏ) for k ≥ 1.
func logarithm(c []float64, x float64) {
	p := -1.0
	for k := 1; k < len(c); k++ {
		p /= -x
		c[k] = p / float64(k)
	}
}
