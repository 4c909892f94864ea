package layers

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

func softplus(x float64) float64 {
	return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

func squash(x float64) float64 {
	if math.Abs(x) <= 1 {
		return x * x / (1 + x*x)
	}
	return 1 / (1 + 1/(x*x))
}

func normalCDF(x float64) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) }
func normalPDF(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }

// tanhJet: t′ = 1 − t².
func tanhJet(c []float64, x float64) {
	for j := range c {
		switch j {
		case 0:
			c[0] = math.Tanh(x)
		case 1:
			ch := math.Cosh(x)
			c[1] = 1 / (ch * ch)
		default:
			c[j] = -convolve(c, c, j-1) / float64(j)
		}
	}
}

// sigmoidJet: s′ = s − s², written as s′ = ¼ − u² with u = s − ½, which keeps the
// symmetry about 0.
func sigmoidJet(c []float64, x float64) {
	for j := range c {
		switch j {
		case 0:
			c[0] = sigmoid(x) - 0.5
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

// sinSuprema returns the suprema of |sin|, |cos| and |sin r/r| over [lo, hi].
func sinSuprema(lo, hi float64) (h, slope, ratio float64) {
	has := func(phase float64) bool { // phase + kπ in [lo, hi]
		return math.Ceil((lo-phase)/math.Pi) <= math.Floor((hi-phase)/math.Pi)
	}
	h = max(math.Abs(math.Sin(lo)), math.Abs(math.Sin(hi)))
	if has(math.Pi / 2) {
		h = 1
	}
	slope = max(math.Abs(math.Cos(lo)), math.Abs(math.Cos(hi)))
	if has(0) {
		slope = 1
	}
	if lo <= 0 {
		return h, slope, 1
	}
	// Between two zeros |sin r|/r rises to a single maximum, where tan r = r, which
	// lies below the zero of cos: the first bump in reach is the highest.
	ratio = max(math.Abs(math.Sin(lo))/lo, math.Abs(math.Sin(hi))/hi)
	for k := math.Floor(lo / math.Pi); k <= math.Floor(lo/math.Pi)+1; k++ {
		if k < 1 {
			continue
		}
		r := (k + 0.5) * math.Pi
		for range 50 { // r = (k+½)π − 1/r contracts
			r = (k+0.5)*math.Pi - math.Atan(1/r)
		}
		if lo <= r && r <= hi {
			ratio = max(ratio, math.Abs(math.Sin(r))/r)
		}
	}
	return h, slope, ratio
}
