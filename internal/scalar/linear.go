package scalar

import "math"

// The functions that are linear in pieces.

// ReLU is max(0, x).
var ReLU = add(rectifier())

func rectifier() *Function {
	f := linear("relu", func(x float64) (a, b float64) {
		if x > 0 {
			return 0, 1
		}
		return 0, 0
	}, []float64{0}, nil, X.above(0))
	f.Pointwise, f.Radial = Symmetry{Kind: Positive, Degree: 1}, Symmetry{Kind: Linear}
	f.Entry = &EntryKernel{Name: "ReLU", Rectifies: true}
	f.Ratio = &RatioKernel{Name: "ReLU", Shifts: true, At: func(r, shift float64, _ *[2]float64) (l, l1 float64) {
		if !(r-shift > 0) {
			return 0, 0
		}
		return lineRatio(r, shift, 1)
	}}
	return f
}

// LeakyReLU returns x for x > 0 and slope·x below. It panics with *ConstantError unless slope is finite.
func LeakyReLU(slope float64) *Function {
	MustFinite("leakyrelu", slope)
	f := linear("leakyrelu", func(x float64) (a, b float64) {
		if x > 0 {
			return 0, 1
		}
		return 0, slope
	}, []float64{0}, nil, X.above(0).affine(1-slope, slope))
	f.Text, f.Constants, f.Params = "leakyrelu("+Number(slope)+")", []float64{slope}, [2]float64{slope}
	switch slope {
	case 1:
		f.Pointwise = Symmetry{Kind: Linear}
	case -1:
		f.Pointwise = Symmetry{Kind: Monomial, Degree: 1, Parity: 1}
	default:
		f.Pointwise = Symmetry{Kind: Positive, Degree: 1}
	}
	f.Radial = Symmetry{Kind: Linear}
	f.Entry, f.Ratio = leakyEntry, leakyRatio
	return f
}

var _ = family("leakyrelu", 1, func(c []float64) *Function { return LeakyReLU(c[0]) }, []float64{0.1}, []float64{-3}, []float64{1}, []float64{-1}, []float64{0})

var leakyEntry = &EntryKernel{Name: "Leaky",
	ValueAt: func(x, c float64) float64 {
		if x > 0 || x != x {
			return x
		}
		return c * x
	},
	SlopeAt: func(x, c float64) float64 {
		if x > 0 {
			return 1
		}
		return c
	}}

var leakyRatio = &RatioKernel{Name: "LeakyReLU", Shifts: true, At: func(r, shift float64, c *[2]float64) (l, l1 float64) {
	if !(r-shift > 0) {
		return lineRatio(r, shift, c[0])
	}
	return lineRatio(r, shift, 1)
}}

// StepReLU is x for x ≥ 1 and 0 below.
var StepReLU = add(stepReLU())

func stepReLU() *Function {
	f := linear("steprelu", func(x float64) (a, b float64) {
		if x >= 1 {
			return 0, 1
		}
		return 0, 0
	}, []float64{1}, []float64{1}, X.atLeast(1))
	f.Pointwise, f.Radial = Symmetry{Kind: Permuting}, Symmetry{Kind: Rotations}
	f.Ratio = &RatioKernel{Name: "StepReLU", Shifts: true, Unshifted: true, At: func(r, shift float64, _ *[2]float64) (l, l1 float64) {
		if !(r-shift >= 1) {
			return 0, 0
		}
		return lineRatio(r, shift, 1)
	}}
	return f
}

// lineRatio is λ and λ′/r of b·(r−shift).
func lineRatio(r, shift, b float64) (l, l1 float64) {
	q := 1 / r
	return b * ((r - shift) / r), b * shift * q * q * q
}

// Abs is |x|.
var Abs = add(absolute())

func absolute() *Function {
	f := linear("abs", func(x float64) (a, b float64) {
		if x < 0 {
			return 0, -1
		}
		return 0, 1
	}, []float64{0}, nil, X.atLeast(0).affine(2, -1))
	f.Pointwise, f.Radial = Symmetry{Kind: Monomial, Degree: 1, Parity: 1}, Symmetry{Kind: Linear}
	f.Entry = &EntryKernel{Name: "Abs", Value: math.Abs, Slope: func(x float64) float64 {
		if x < 0 {
			return -1
		}
		return 1
	}}
	return f
}

// Unit is the constant 1.
var Unit = add(constant())

func constant() *Function {
	f := linear("unit", func(float64) (a, b float64) { return 1, 0 }, nil, nil, nil)
	f.formulas = []*Formula{X.affine(0, 1)}
	f.Pointwise, f.Radial = Symmetry{Kind: Constant}, Symmetry{Kind: Conformal}
	f.Ratio = &RatioKernel{Name: "Unit", At: func(r, _ float64, _ *[2]float64) (l, l1 float64) {
		q := 1 / r
		return q, -q * q * q
	}}
	return f
}

// linear makes a function that is a + b·x around each x; slope is b as a formula, of a function without a.
func linear(name string, ab func(x float64) (a, b float64), at, jump []float64, slope *Formula) *Function {
	f := &Function{Name: name, Text: name, at: at, jump: jump, monotone: true,
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
	if slope != nil {
		f.formulas = []*Formula{X.times(slope), slope}
	}
	return f
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
