package scalar

// What the recurrences on Taylor coefficients need.

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
