package rewrite

import (
	"fmt"
	"math"
	"strconv"

	"github.com/quivernet/quivernet/layers"
)

// formula is a scalar function of q = |v|², written with elementwise operations: the λ of
// a radial activation v ↦ λ(|v|²)·v that somebody composed of norms, quotients and products.
type formula struct {
	op   string // "q", "const", the name of an operation
	a, b *formula
	c    float64
}

var variable = &formula{op: "q"}

func constant(c float64) *formula { return &formula{op: "const", c: c} }

// String writes the formula, every constant to the last bit.
func (f *formula) String() string {
	switch {
	case f.op == "q":
		return "q"
	case f.op == "const":
		return strconv.FormatFloat(f.c, 'g', -1, 64)
	case f.b == nil:
		return fmt.Sprintf("%s(%s)", f.op, f.a)
	}
	return fmt.Sprintf("(%s%s%s)", f.a, f.op, f.b)
}

// jet stores the Taylor coefficients of the formula at q in c.
func (f *formula) jet(c []float64, q float64) {
	n := len(c)
	switch f.op {
	case "q", "const":
		clear(c)
		c[0] = f.c
		if f.op == "q" {
			c[0] = q
			if n > 1 {
				c[1] = 1
			}
		}
		return
	}
	a := make([]float64, n)
	f.a.jet(a, q)
	if f.b == nil {
		compose(c, a, unary[f.op])
		return
	}
	b := make([]float64, n)
	f.b.jet(b, q)
	clear(c)
	switch f.op {
	case "+", "-":
		for i := range c {
			if c[i] = a[i] + b[i]; f.op == "-" {
				c[i] = a[i] - b[i]
			}
		}
	case "⊙":
		for i := range c {
			for j := range i + 1 {
				c[i] += a[j] * b[i-j]
			}
		}
	case "÷":
		for i := range c {
			s := a[i]
			for j := 1; j <= i; j++ {
				s -= b[j] * c[i-j]
			}
			c[i] = s / b[0]
		}
	case "^":
		compose(c, a, layers.Power(b[0]).Jet)
	default:
		c[0] = compare(f.op, a[0], b[0])
	}
}

// at returns the value of the formula.
func (f *formula) at(q float64) float64 {
	var c [1]float64
	f.jet(c[:], q)
	return c[0]
}

func compare(op string, a, b float64) float64 {
	var is bool
	switch op {
	case "<":
		is = a < b
	case ">":
		is = a > b
	case "<=":
		is = a <= b
	case ">=":
		is = a >= b
	case "==":
		is = a == b
	case "!=":
		is = a != b
	}
	if is {
		return 1
	}
	return 0
}

// compose stores the jet of h∘a in c, by Horner's rule in a − a₀.
func compose(c, a []float64, h func(c []float64, x float64)) {
	n := len(c)
	t := make([]float64, n)
	h(t, a[0])
	clear(c)
	next := make([]float64, n)
	for k := n - 1; k >= 0; k-- {
		clear(next)
		for i := range next {
			for j := 1; j <= i; j++ {
				next[i] += a[j] * c[i-j]
			}
		}
		next[0] += t[k]
		copy(c, next)
	}
}

// unary gives the Taylor coefficients of Gorgonia's elementwise functions.
var unary = map[string]func(c []float64, x float64){
	"tanh": layers.Tanh.Jet, "sigmoid": layers.Sigmoid.Jet, "softplus": layers.Softplus.Jet, "exp": layers.Exp.Jet,
	"sin": layers.Sin.Jet, "square": layers.Square.Jet, "cube": layers.Power(3).Jet, "abs": layers.Abs.Jet,
	"sqrt": layers.Power(0.5).Jet, "inv": layers.Power(-1).Jet, "invSqrt": layers.Power(-0.5).Jet,
	"neg": func(c []float64, x float64) {
		clear(c)
		if c[0] = -x; len(c) > 1 {
			c[1] = -1
		}
	},
	"cos":   func(c []float64, x float64) { layers.Sin.Jet(c, x+math.Pi/2); c[0] = math.Cos(x) },
	"ln":    func(c []float64, x float64) { logarithm(c, x, math.Log(x)) },
	"log1p": func(c []float64, x float64) { logarithm(c, 1+x, math.Log1p(x)) },
	"log2": func(c []float64, x float64) {
		logarithm(c, x, math.Log(x))
		for i := range c {
			c[i] /= math.Ln2
		}
		c[0] = math.Log2(x)
	},
	"expm1": func(c []float64, x float64) { layers.Exp.Jet(c, x); c[0] = math.Expm1(x) },
}

func logarithm(c []float64, x, value float64) {
	p := 1.0
	for k := range c {
		if k == 0 {
			c[0] = value
			continue
		}
		p /= x
		c[k] = p / float64(k)
		if k%2 == 0 {
			c[k] = -c[k]
		}
	}
}
