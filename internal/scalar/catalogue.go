package scalar

import "math"

// The functions without constants.
var (
	// ReLU is max(0, x). As a radial function it is the identity, since norms are
	// never negative: networks of Radial(ReLU) are linear. The radial non-linearity of
	// that kind is Shift(ReLU, s) with s > 0.
	ReLU = linear("relu", func(x float64) (a, b float64) {
		if x > 0 {
			return 0, 1
		}
		return 0, 0
	}, []float64{0}, nil)

	// StepReLU is x for x ≥ 1 and 0 below: the activation of the universal
	// approximation theorems of arXiv 2107.02550. It jumps at 1.
	StepReLU = linear("steprelu", func(x float64) (a, b float64) {
		if x >= 1 {
			return 0, 1
		}
		return 0, 0
	}, []float64{1}, []float64{1})

	// Abs is |x|; as a radial function it is the identity.
	Abs = linear("abs", func(x float64) (a, b float64) {
		if x < 0 {
			return 0, -1
		}
		return 0, 1
	}, []float64{0}, nil)

	// Unit is the constant 1; as a radial function it normalises: v/|v|.
	Unit = linear("unit", func(float64) (a, b float64) { return 1, 0 }, nil, nil)

	// Square is x².
	Square = Power(2)

	// Tanh is the hyperbolic tangent.
	Tanh = &Function{Name: "tanh", Text: "tanh", value: math.Tanh, slope: tanhSlope, jet: tanhJet, at: []float64{0}, radius: math.Pi / 2, monotone: true}

	// Sigmoid is 1/(1+e^{−x}).
	Sigmoid = &Function{Name: "sigmoid", Text: "sigmoid", value: sigmoid, slope: sigmoidSlope, jet: sigmoidJet, at: []float64{0}, radius: math.Pi, monotone: true}

	// Softplus is log(1+eˣ).
	Softplus = &Function{Name: "softplus", Text: "softplus", value: softplus, slope: sigmoid, jet: func(c []float64, x float64) {
		sigmoidJet(c, x)
		integrate(c, softplus(x))
	}, far: func(c []float64, x float64) { // λ = 1 + softplus(−r)/r
		sigmoidJet(c, -x)
		integrate(c, softplus(-x))
		for j := 1; j < len(c); j += 2 {
			c[j] = -c[j]
		}
	}, power: -1, radius: math.Pi, monotone: true}

	// Arctan is the inverse tangent.
	Arctan = &Function{Name: "arctan", Text: "arctan", value: math.Atan, slope: func(x float64) float64 { return 1 / (1 + x*x) }, jet: func(c []float64, x float64) {
		lorentzJet(c, x)
		integrate(c, math.Atan(x))
	}, at: []float64{0}, radius: 1, monotone: true}

	// Squash is x²/(1+x²), the capsule networks' function; as a radial activation it
	// has Lipschitz constant 3√3/8.
	Squash = &Function{Name: "squash", Text: "squash", value: squash, slope: func(x float64) float64 {
		d := 1 + x*x
		if math.IsInf(d, 1) {
			return 0
		}
		return 2 * x / d / d
	}, jet: func(c []float64, x float64) {
		lorentzJet(c, x)
		for j := range c {
			c[j] = -c[j]
		}
		if len(c) > 0 {
			c[0] = squash(x)
		}
	}, at: []float64{0, -1 / math.Sqrt(3), 1 / math.Sqrt(3)}, radius: 1, ratioAt: []float64{1}}

	// Exp is eˣ.
	Exp = &Function{Name: "exp", Text: "exp", value: math.Exp, slope: math.Exp, jet: func(c []float64, x float64) {
		for j := range c {
			if j == 0 {
				c[0] = math.Exp(x)
				continue
			}
			c[j] = c[j-1] / float64(j)
		}
	}, radius: math.Inf(1), reach: 4, monotone: true}

	// GELU is xΦ(x), Φ the normal distribution function (exact, by erf).
	GELU = &Function{Name: "gelu", Text: "gelu", value: func(x float64) float64 { return times(x, normalCDF(x)) }, slope: func(x float64) float64 {
		return normalCDF(x) + times(x, normalPDF(x))
	}, jet: func(c []float64, x float64) {
		normalJet(c, x)
		integrate(c, normalCDF(x))
		timesX(c, x)
	}, far: func(c []float64, x float64) { // λ = Φ
		normalJet(c, x)
		integrate(c, normalCDF(x))
	}, at: []float64{-0.7517915246935645, -math.Sqrt2, math.Sqrt2}, radius: math.Inf(1), monotone: true}

	// SiLU is x/(1+e^{−x}), also called swish.
	SiLU = &Function{Name: "silu", Text: "silu", value: func(x float64) float64 { return times(x, sigmoid(x)) }, slope: func(x float64) float64 {
		return sigmoid(x) + times(x, sigmoidSlope(x))
	}, jet: func(c []float64, x float64) {
		sigmoidJet(c, x)
		timesX(c, x)
	}, far: sigmoidJet, at: []float64{-1.2784645427610738, -2.399357280520065, 2.399357280520065}, radius: math.Pi, monotone: true}

	// ELU is x for x > 0 and eˣ−1 below; as a radial function it is the identity.
	ELU = &Function{Name: "elu", Text: "elu", value: func(x float64) float64 {
		if x > 0 {
			return x
		}
		return math.Expm1(x)
	}, slope: func(x float64) float64 {
		if x > 0 {
			return 1
		}
		return math.Exp(x)
	}, jet: func(c []float64, x float64) {
		if x > 0 {
			fill(c, x, 1)
			return
		}
		Exp.Jet(c, x)
		if len(c) > 0 {
			c[0] = math.Expm1(x)
		}
	}, at: []float64{0}, monotone: true, piece: func(x float64) (a, b float64, ok bool) { return 0, 1, x > 0 }}

	// Sin is the sine.
	Sin = &Function{Name: "sin", Text: "sin", value: math.Sin, slope: math.Cos, jet: func(c []float64, x float64) {
		d := [4]float64{math.Sin(x), math.Cos(x), -math.Sin(x), -math.Cos(x)}
		f := 1.0
		for j := range c {
			c[j] = d[j%4] / f
			f *= float64(j + 1)
		}
	}, radius: math.Inf(1), reach: 4, supremum: sinSuprema}
)

// LeakyReLU returns x for x > 0 and slope·x below; as a radial function it is the
// identity. It panics with *ConstantError unless slope is finite.
func LeakyReLU(slope float64) *Function {
	MustFinite("leakyrelu", slope)
	f := linear("leakyrelu", func(x float64) (a, b float64) {
		if x > 0 {
			return 0, 1
		}
		return 0, slope
	}, []float64{0}, nil)
	f.Text, f.Constants = "leakyrelu("+Number(slope)+")", []float64{slope}
	return f
}

// Power returns xᵏ. For k that is not a whole number it is meant for x ≥ 0
// (NaN below); for k < 0 it is infinite at 0. It panics with *ConstantError unless k is
// finite.
func Power(k float64) *Function {
	MustFinite("power", k)
	text := "power(" + Number(k) + ")"
	if k == 2 {
		text = "square"
	}
	f := &Function{Name: "power", Constants: []float64{k}, Text: text, units: 256 + 16*math.Abs(k), value: func(x float64) float64 { return math.Pow(x, k) }, slope: func(x float64) float64 {
		if k == 0 {
			return 0
		}
		return k * math.Pow(x, k-1)
	}, jet: func(c []float64, x float64) {
		binomial := 1.0
		for j := range c {
			c[j] = 0
			if binomial != 0 {
				c[j] = binomial * math.Pow(x, k-float64(j))
			}
			binomial *= (k - float64(j)) / float64(j+1)
		}
	}, at: []float64{0}, monotone: true}
	f.lambda = func(j int, r float64) float64 { // λ = r^{k−1}
		c := 1.0
		for i := range j {
			c *= k - 1 - float64(2*i)
		}
		if c == 0 {
			return 0
		}
		return c * math.Pow(r, k-1-float64(2*j))
	}
	if k >= 0 && k == math.Trunc(k) {
		f.radius = math.Inf(1)
	}
	if k < 0 {
		f.jump = []float64{0}
	}
	return f
}

// linear makes a function that is a + b·x around each x.
func linear(name string, ab func(x float64) (a, b float64), at, jump []float64) *Function {
	return &Function{Name: name, Text: name, at: at, jump: jump, monotone: true,
		value: func(x float64) float64 {
			if a, b := ab(x); b != 0 {
				return a + b*x
			} else if math.IsNaN(x) {
				return x
			} else {
				return a
			}
		},
		slope: func(x float64) float64 { _, b := ab(x); return b },
		jet: func(c []float64, x float64) {
			a, b := ab(x)
			if b != 0 || math.IsNaN(x) {
				a += b * x
			}
			fill(c, a, b)
		},
		piece: func(x float64) (a, b float64, ok bool) { a, b = ab(x); return a, b, true },
	}
}

// fill stores the jet of a linear function.
func fill(c []float64, value, slope float64) {
	clear(c)
	if len(c) > 0 {
		c[0] = value
	}
	if len(c) > 1 {
		c[1] = slope
	}
}
