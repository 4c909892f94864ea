package scalar

import "math"

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

// tanhSlope is 1 − tanh²x = 1/cosh²x, without cancellation or overflow on the way.
func tanhSlope(x float64) float64 {
	e := math.Exp(-math.Abs(x))
	s := 2 * e / (1 + e*e)
	return s * s
}

func softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

func squash(x float64) float64 {
	if math.Abs(x) <= 1 {
		return x * x / (1 + x*x)
	}
	return 1 / (1 + 1/(x*x))
}

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

// times is x·y with 0 for ±∞·0: the limit where y vanishes faster than x grows.
func times(x, y float64) float64 {
	if y == 0 {
		return 0
	}
	return x * y
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

// normalJet: φ′ = −xφ.
func normalJet(c []float64, x float64) {
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
}

// convolve returns Σ_{i≤n} a_i b_{n−i}.
func convolve(a, b []float64, n int) float64 {
	var s float64
	for i := 0; i <= n; i++ {
		s += a[i] * b[n-i]
	}
	return s
}

// integrate turns the jet of h′ into that of h, with the given value.
func integrate(c []float64, value float64) {
	for j := len(c) - 1; j > 0; j-- {
		c[j] = c[j-1] / float64(j)
	}
	if len(c) > 0 {
		c[0] = value
	}
}

// timesX turns the jet of g at x into that of t ↦ t·g(t).
func timesX(c []float64, x float64) {
	for j := len(c) - 1; j >= 0; j-- {
		c[j] *= x
		if j > 0 {
			c[j] += c[j-1]
		}
	}
}
