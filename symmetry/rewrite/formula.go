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
		compose(c, a, unary[f.op].Jet)
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

// dual returns value and derivative, without allocating.
func (f *formula) dual(q float64) (v, d float64) {
	switch f.op {
	case "q":
		return q, 1
	case "const":
		return f.c, 0
	}
	a, da := f.a.dual(q)
	if f.b == nil {
		h := unary[f.op]
		return h.Value(a), h.Slope(a) * da
	}
	b, db := f.b.dual(q)
	switch f.op {
	case "+":
		return a + b, da + db
	case "-":
		return a - b, da - db
	case "⊙":
		return a * b, da*b + a*db
	case "÷":
		v = a / b
		return v, (da - v*db) / b
	case "^":
		return math.Pow(a, b), b * math.Pow(a, b-1) * da
	}
	return compare(f.op, a, b), 0
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
