package scalar

import "math"

// The exponential function, its continuation by a line, and the sine.

// Exp is eˣ.
var Exp = add(&Function{Name: "exp", Text: "exp", value: math.Exp, slope: math.Exp, jet: expJet,
	Pointwise: Symmetry{Kind: Permuting}, Radial: Symmetry{Kind: Rotations},
	elementary: true, formulas: []*Formula{nil, X.exp(), X.exp()},
	monotone: true, radius: math.Inf(1), reach: 4,
})

func expJet(c []float64, x float64) {
	for j := range c {
		if j == 0 {
			c[0] = math.Exp(x)
			continue
		}
		c[j] = c[j-1] / float64(j)
	}
}

// ELU is x for x > 0 and eˣ−1 below.
var ELU = add(&Function{Name: "elu", Text: "elu",
	value: func(x float64) float64 {
		if x > 0 {
			return x
		}
		return math.Expm1(x)
	},
	slope: func(x float64) float64 {
		if x > 0 {
			return 1
		}
		return math.Exp(x)
	},
	jet: func(c []float64, x float64) {
		if x > 0 {
			fill(c, x, 1)
			return
		}
		expJet(c, x)
		if len(c) > 0 {
			c[0] = math.Expm1(x)
		}
	},
	at:        []float64{0},
	Pointwise: Symmetry{Kind: Permuting}, Radial: Symmetry{Kind: Linear},
	formulas: eluFormulas(), monotone: true,
	piece: func(x float64) (a, b float64, ok bool) { return 0, 1, x > 0 },
	Entry: &EntryKernel{Name: "ELU", Units: 2},
})

// eluFormulas are x·1[x>0] + exp(x·1[x≤0]) − 1 and its derivative.
func eluFormulas() []*Formula {
	up := X.above(0)
	low := X.times(up.affine(-1, 1)).exp()
	return []*Formula{X.times(up).plus(low.affine(1, -1)), up.plus(low.times(up.affine(-1, 1)))}
}

// Sin is the sine.
var Sin = add(&Function{Name: "sin", Text: "sin", value: math.Sin, slope: math.Cos,
	jet: func(c []float64, x float64) {
		d := [4]float64{math.Sin(x), math.Cos(x), -math.Sin(x), -math.Cos(x)}
		f := 1.0
		for j := range c {
			c[j] = d[j%4] / f
			f *= float64(j + 1)
		}
	},
	Pointwise: Symmetry{Kind: Signed, Parity: -1}, Radial: Symmetry{Kind: Rotations},
	elementary: true, formulas: []*Formula{nil, X.with(CosOf)},
	radius: math.Inf(1), reach: 4, supremum: sinSuprema,
})
