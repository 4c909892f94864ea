package scalar

import "math"

// The functions x·g(x) with a g that goes from 0 to 1.

// GELU is xΦ(x), Φ the normal distribution function (exact, by erf).
var GELU = add(&Function{Name: "gelu", Text: "gelu",
	value: func(x float64) float64 { return times(x, normalCDF(x)) },
	slope: func(x float64) float64 { return normalCDF(x) + times(x, normalPDF(x)) },
	jet: func(c []float64, x float64) {
		normalCDFJet(c, x)
		timesX(c, x)
	},
	at:        []float64{-0.7517915246935645, -math.Sqrt2, math.Sqrt2},
	Pointwise: Symmetry{Kind: Permuting}, Radial: Symmetry{Kind: Rotations},
	formulas: []*Formula{
		X.times(cdf),
		cdf.plus(X.times(pdf)),
		X.power(2).affine(-1, 2).times(pdf), // (2 − x²)φ
	},
	monotone: true, radius: math.Inf(1), far: normalCDFJet, // λ = Φ
	Entry: &EntryKernel{Name: "GELU", Units: 6},
	Ratio: &RatioKernel{Name: "GELU", At: func(r, _ float64, _ *[2]float64) (l, l1 float64) {
		return normalCDF(r), normalPDF(r) * (1 / r)
	}},
})

// Φ = ½ + ½ erf(x/√2) and φ = exp(−x²/2)/√(2π).
var (
	cdf = X.affine(1/math.Sqrt2, 0).with(ErfOf).affine(0.5, 0.5)
	pdf = X.power(2).affine(-0.5, 0).exp().affine(1/math.Sqrt(2*math.Pi), 0)
)

// normalCDF is Φ(x) = ½·erfc(−x/√2), corrected for the rounding of the argument, which the tail would magnify x² times.
func normalCDF(x float64) float64 {
	const hi, lo = 0x1.6a09e667f3bcdp-1, -0x1.bdd3413b26456p-55 // 1/√2
	s := -x * hi
	p := 0.5 * math.Erfc(s)
	if x > -1 || p == 0 {
		return p
	}
	rest := math.FMA(-x, hi, -s) - x*lo
	return p - rest*normalPDF(x)*math.Sqrt2
}

// normalPDF is e^{−x²/2}/√(2π), corrected for the rounding of x².
func normalPDF(x float64) float64 {
	z := x * x
	p := math.Exp(-z/2) / math.Sqrt(2*math.Pi)
	if p == 0 {
		return p
	}
	return p - p*math.FMA(x, x, -z)/2
}

// normalCDFJet: Φ′ = φ, φ′ = −xφ.
func normalCDFJet(c []float64, x float64) {
	for j := range c {
		if j == 0 {
			c[0] = normalPDF(x)
			continue
		}
		s := x * c[j-1]
		if j > 1 {
			s += c[j-2]
		}
		c[j] = -s / float64(j)
	}
	integrate(c, normalCDF(x))
}

// SiLU is x/(1+e^{−x}), also called swish.
var SiLU = add(&Function{Name: "silu", Text: "silu",
	value: func(x float64) float64 { return times(x, sigmoid(x)) },
	slope: func(x float64) float64 { return sigmoid(x) + times(x, sigmoidSlope(x)) },
	jet: func(c []float64, x float64) {
		sigmoidJet(c, x)
		timesX(c, x)
	},
	at:        []float64{-1.2784645427610738, -2.399357280520065, 2.399357280520065},
	Pointwise: Symmetry{Kind: Permuting}, Radial: Symmetry{Kind: Rotations},
	formulas: []*Formula{
		X.times(derivative(Sigmoid, 0)),
		derivative(Sigmoid, 0).plus(X.times(derivative(Sigmoid, 1))),
	},
	monotone: true, radius: math.Pi, far: sigmoidJet, // λ is the sigmoid
	Entry: &EntryKernel{Name: "SiLU", Units: 4},
	Ratio: &RatioKernel{Name: "SiLU", At: func(r, _ float64, _ *[2]float64) (l, l1 float64) {
		return sigmoid(r), sigmoidSlope(r) * (1 / r)
	}},
})

// times is x·y with 0 for ±∞·0: the limit where y vanishes faster than x grows.
func times(x, y float64) float64 {
	if y == 0 {
		return 0
	}
	return x * y
}
