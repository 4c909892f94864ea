package scalar

import "math"

// The functions of eˣ that saturate, and their integral.

// Tanh is the hyperbolic tangent.
var Tanh = add(&Function{Name: "tanh", Text: "tanh", value: math.Tanh, slope: tanhSlope, jet: tanhJet, at: []float64{0},
	Pointwise: Symmetry{Kind: Signed, Parity: -1}, Radial: Symmetry{Kind: Rotations},
	elementary: true, formulas: []*Formula{nil,
		own(0).power(2).affine(-1, 1),      // 1 − tanh²
		own(0).times(own(1)).affine(-2, 0), // −2 tanh (1 − tanh²)
	},
	monotone: true, radius: math.Pi / 2,
	Entry: &EntryKernel{Name: "Tanh", KeepsSlope: true, Units: 2}, Ratio: &RatioKernel{Name: "Tanh", At: tanhRatio},
})

// tanhSlope is 1 − tanh²x = 1/cosh²x, without cancellation or overflow on the way.
func tanhSlope(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	s := 2 * e / (1 + e*e)
	return s * s
}

// tanhJet: t′ = 1 − t².
func tanhJet(c []float64, x float64) {
	for j := range c {
		switch j {
		case 0:
			c[0] = math.Tanh(x)
		case 1:
			c[1] = tanhSlope(x)
		default:
			c[j] = -convolve(c, c, j-1) / float64(j)
		}
	}
}

// tanhRatio returns λ = tanh(r)/r and λ′/r. With w = (1−λ)/r², of which the Taylor series is known,
// 1 − tanh² = λ + r²λ₁ gives λ₁ = w − λ².
func tanhRatio(r, _ float64, _ *[2]float64) (l, l1 float64) {
	z := r * r
	if r > 0.7 {
		l = math.Tanh(r) / r
		return l, (tanhSlope(r) - l) / z
	}
	var w float64
	for i := len(tanhTaylor) - 1; i >= 0; i-- {
		w = w*z + tanhTaylor[i]
	}
	return 1 - z*w, w - (1-z*w)*(1-z*w)
}

// tanhTaylor are the coefficients of (1 − tanh(r)/r)/r² in powers of r².
var tanhTaylor = func() (c [26]float64) {
	var a [28]float64 // tanh r = Σ a_k r^{2k+1}, from t′ = 1 − t²
	a[0] = 1
	for k := 1; k < len(a); k++ {
		for i := range k {
			a[k] -= a[i] * a[k-1-i]
		}
		a[k] /= float64(2*k + 1)
	}
	for i := range c {
		c[i] = -a[i+1]
	}
	return c
}()

// Sigmoid is 1/(1+e^{−x}).
var Sigmoid = add(&Function{Name: "sigmoid", Text: "sigmoid", value: sigmoid, slope: sigmoidSlope, jet: sigmoidJet, at: []float64{0},
	Pointwise: Symmetry{Kind: Permuting}, Radial: Symmetry{Kind: Rotations},
	formulas: []*Formula{
		X.affine(-1, 0).exp().affine(1, 1).power(-1), // 1/(1+exp(−x))
		own(0).minus(own(0).power(2)),
		own(1).times(own(0).affine(-2, 1)),
	},
	monotone: true, radius: math.Pi,
	Entry: &EntryKernel{Name: "Sigmoid", KeepsSlope: true, Units: 2},
	Ratio: &RatioKernel{Name: "Sigmoid", Shifts: true, Unshifted: true, At: func(r, shift float64, _ *[2]float64) (l, l1 float64) {
		x, q := r-shift, 1/r
		h := sigmoid(x)
		return h * q, (sigmoidSlope(x) - h*q) * q * q
	}},
})

func sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// sigmoidSlope is s(1−s), without cancellation for large |x|.
func sigmoidSlope(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	return e / ((1 + e) * (1 + e))
}

// sigmoidJet: s′ = s − s², written as s′ = ¼ − u² with u = s − ½ = ½·tanh(x/2), which keeps the
// symmetry about 0 and the digits there.
func sigmoidJet(c []float64, x float64) {
	for j := range c {
		switch j {
		case 0:
			c[0] = math.Tanh(x/2) / 2
		case 1:
			c[1] = sigmoidSlope(x)
		default:
			c[j] = -convolve(c, c, j-1) / float64(j)
		}
	}
	if len(c) > 0 {
		c[0] = sigmoid(x)
	}
}

// Softplus is log(1+eˣ).
var Softplus = add(&Function{Name: "softplus", Text: "softplus", value: softplus, slope: sigmoid, jet: softplusJet,
	Pointwise: Symmetry{Kind: Permuting}, Radial: Symmetry{Kind: Rotations},
	formulas: []*Formula{
		X.exp().affine(1, 1).with(LogOf),
		derivative(Sigmoid, 0),
		derivative(Sigmoid, 0).minus(derivative(Sigmoid, 0).power(2)),
	},
	monotone: true, radius: math.Pi,
	far: func(c []float64, x float64) { // λ = 1 + softplus(−r)/r
		softplusJet(c, -x)
		for j := 1; j < len(c); j += 2 {
			c[j] = -c[j]
		}
	}, power: -1,
	Entry: &EntryKernel{Name: "Softplus", Units: 2},
	Ratio: &RatioKernel{Name: "Softplus", Shifts: true, At: func(r, shift float64, _ *[2]float64) (l, l1 float64) {
		x, q := r-shift, 1/r
		small := math.Log1p(math.Exp(-math.Abs(x)))
		if x > 0 { // h′ − λ without the difference of nearly equal numbers
			return 1 + (small-shift)*q, ((shift-small)*q - sigmoid(-x)) * q * q
		}
		return small * q, (sigmoid(x) - small*q) * q * q
	}},
})

func softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

func softplusJet(c []float64, x float64) {
	sigmoidJet(c, x)
	integrate(c, softplus(x))
}
