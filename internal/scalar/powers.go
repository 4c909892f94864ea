package scalar

import "math"

// Square is x².
var Square = add(Power(2))

// Power returns xᵏ. For k that is not a whole number it is meant for x ≥ 0 (NaN below); for k < 0 it is infinite at 0. It
// panics with *ConstantError unless k is finite.
func Power(k float64) *Function {
	MustFinite("power", k)
	f := &Function{Name: "power", Constants: []float64{k}, Text: "power(" + Number(k) + ")", units: 256 + 16*math.Abs(k), monotone: true, at: []float64{0},
		value: func(x float64) float64 { return math.Pow(x, k) },
		slope: func(x float64) float64 {
			if k == 0 {
				return 0
			}
			return k * math.Pow(x, k-1)
		},
		jet: func(c []float64, x float64) {
			binomial := 1.0
			for j := range c {
				c[j] = 0
				if binomial != 0 {
					c[j] = binomial * math.Pow(x, k-float64(j))
				}
				binomial *= (k - float64(j)) / float64(j+1)
			}
		},
		lambda: func(j int, r float64) float64 { // λ = r^{k−1}
			c := 1.0
			for i := range j {
				c *= k - 1 - float64(2*i)
			}
			if c == 0 {
				return 0
			}
			return c * math.Pow(r, k-1-float64(2*j))
		},
		formulas:  []*Formula{X.power(k), X.power(k-1).affine(k, 0)},
		Pointwise: powerSymmetry(k), Radial: Symmetry{Kind: Conformal, Degree: k},
	}
	if k == 1 {
		f.Radial = Symmetry{Kind: Linear}
	}
	if k >= 0 && k == math.Trunc(k) {
		f.radius = math.Inf(1)
	}
	if k < 0 {
		f.jump = []float64{0}
	}
	if k == 2 {
		f.Text = "square"
		f.Entry, f.Ratio = squareEntry, squareRatio
	}
	return f
}

var _ = family("power", 1, func(c []float64) *Function { return Power(c[0]) }, []float64{3}, []float64{4}, []float64{0.5}, []float64{2.5}, []float64{-1}, []float64{1}, []float64{0})

// powerSymmetry is that of v ↦ (v_1ᵏ, …).
func powerSymmetry(k float64) Symmetry {
	parity := 1
	if math.Mod(k, 2) != 0 {
		parity = -1
	}
	switch {
	case k == 0:
		return Symmetry{Kind: Constant}
	case k == 1:
		return Symmetry{Kind: Linear}
	case k == math.Trunc(k):
		return Symmetry{Kind: Monomial, Degree: k, Parity: parity}
	}
	return Symmetry{Kind: Positive, Degree: k}
}

var squareEntry = &EntryKernel{Name: "Square",
	Value: func(x float64) float64 { return x * x },
	Slope: func(x float64) float64 { return 2 * x }}

var squareRatio = &RatioKernel{Name: "Square", At: func(r, _ float64, _ *[2]float64) (l, l1 float64) { return r, 1 / r }}
