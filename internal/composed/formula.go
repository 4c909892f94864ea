package composed

import (
	"fmt"
	"math"
	"strconv"

	"github.com/quivernet/quivernet/layers"
)

// Formula is a scalar function of q = |v|², written with elementwise operations: the λ of
// a radial activation v ↦ λ(|v|²)·v that somebody composed of norms, quotients and products.
type Formula struct {
	Op   string // "q", "const", the name of an operation
	A, B *Formula
	C    float64
}

// Variable is the formula q.
var Variable = &Formula{Op: "q"}

// Constant is a formula that does not depend on q.
func Constant(c float64) *Formula { return &Formula{Op: "const", C: c} }

// String writes the formula, every constant to the last bit.
func (f *Formula) String() string {
	switch {
	case f.Op == "q":
		return "q"
	case f.Op == "const":
		return strconv.FormatFloat(f.C, 'g', -1, 64)
	case f.B == nil:
		return fmt.Sprintf("%s(%s)", f.Op, f.A)
	}
	return fmt.Sprintf("(%s%s%s)", f.A, f.Op, f.B)
}

// jet stores the Taylor coefficients of the formula at q in c.
func (f *Formula) jet(c []float64, q float64) {
	n := len(c)
	switch f.Op {
	case "q", "const":
		clear(c)
		c[0] = f.C
		if f.Op == "q" {
			c[0] = q
			if n > 1 {
				c[1] = 1
			}
		}
		return
	}
	a := make([]float64, n)
	f.A.jet(a, q)
	if f.B == nil {
		compose(c, a, Functions[f.Op].Jet)
		return
	}
	b := make([]float64, n)
	f.B.jet(b, q)
	clear(c)
	switch f.Op {
	case "+", "-":
		for i := range c {
			if c[i] = a[i] + b[i]; f.Op == "-" {
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
		c[0] = compare(f.Op, a[0], b[0])
	}
}

// dual returns value and derivative, without allocating.
func (f *Formula) dual(q float64) (v, d float64) {
	switch f.Op {
	case "q":
		return q, 1
	case "const":
		return f.C, 0
	}
	a, da := f.A.dual(q)
	if f.B == nil {
		h := Functions[f.Op]
		return h.Value(a), h.Slope(a) * da
	}
	b, db := f.B.dual(q)
	switch f.Op {
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
	return compare(f.Op, a, b), 0
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
