package scalar

import "math"

// The functions of 1/(1+x²).

// Arctan is the inverse tangent.
var Arctan = add(&Function{Name: "arctan", Text: "arctan", value: math.Atan,
	slope: func(x float64) float64 { return 1 / (1 + x*x) },
	jet: func(c []float64, x float64) {
		lorentzJet(c, x)
		integrate(c, math.Atan(x))
	},
	at:        []float64{0},
	Pointwise: Symmetry{Kind: Signed, Parity: -1}, Radial: Symmetry{Kind: Rotations},
	elementary: true, formulas: []*Formula{nil, lorentzian(1), X.times(lorentzian(2)).affine(-2, 0)},
	monotone: true, radius: 1,
	Entry: &EntryKernel{Name: "Arctan", Units: 2}, Ratio: &RatioKernel{Name: "Arctan", At: arctanRatio},
})

// arctanRatio returns λ = atan(r)/r and λ′/r. With w = (1−λ)/r², 1/(1+r²) = λ + r²λ₁ gives λ₁ = w − 1/(1+r²).
func arctanRatio(r, _ float64, _ *[2]float64) (l, l1 float64) {
	z := r * r
	if r > 0.5 {
		l = math.Atan(r) / r
		return l, (1/(1+z) - l) / z
	}
	var w float64
	for k := 28; k >= 1; k-- { // 1/3 − z/5 + z²/7 …
		w = 1/float64(2*k+1) - z*w
	}
	return 1 - z*w, w - 1/(1+z)
}

// Squash is x²/(1+x²), the capsule networks' function.
var Squash = add(&Function{Name: "squash", Text: "squash", value: squash,
	slope: func(x float64) float64 {
		d := 1 + x*x
		if math.IsInf(d, 1) {
			return 0
		}
		return 2 * x / d / d
	},
	jet: func(c []float64, x float64) {
		lorentzJet(c, x)
		for j := range c {
			c[j] = -c[j]
		}
		if len(c) > 0 {
			c[0] = squash(x)
		}
	},
	at:        []float64{0, -1 / math.Sqrt(3), 1 / math.Sqrt(3)},
	Pointwise: Symmetry{Kind: Signed, Parity: 1}, Radial: Symmetry{Kind: Rotations},
	formulas: []*Formula{X.power(2).over(X.power(2).affine(1, 1)), X.times(lorentzian(2)).affine(2, 0)},
	radius:   1, ratioAt: []float64{1},
	Ratio: &RatioKernel{Name: "Squash", At: func(r, _ float64, _ *[2]float64) (l, l1 float64) {
		u := 1 / (1 + r*r)
		return r * u, (1 - r*r) * u * (u * (1 / r))
	}},
})

func squash(x float64) float64 {
	if math.Abs(x) <= 1 {
		return x * x / (1 + x*x)
	}
	return 1 / (1 + 1/(x*x))
}

// lorentzJet: u = 1/(1+x²), from u·(1+x²) = 1.
func lorentzJet(c []float64, x float64) {
	d := 1 + x*x
	for j := range c {
		switch {
		case j == 0:
			c[0] = 1 / d
		case c[0] == 0: // x² overflows
			c[j] = 0
		default:
			s := 2 * x * c[j-1]
			if j > 1 {
				s += c[j-2]
			}
			c[j] = -s / d
		}
	}
}
