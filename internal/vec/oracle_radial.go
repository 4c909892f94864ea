package vec

import "math"

// The functions of radial.go in plain Go.

// normal reports whether the norm r is in the range of the kernels.
func normal[T Float](r float64) bool {
	if wide[T]() {
		return r >= MinNorm64 && r <= MaxNorm64
	}
	return r >= MinNorm32 && r <= MaxNorm32
}

func oracleRadial[T Float](p *Profile, y, l, l1, x []T, d, n, ld int) (odd int) {
	for j := range n {
		var s float64
		zero := true
		for i := range d {
			v := float64(x[i*ld+j])
			s += v * v
			zero = zero && v == 0
		}
		f := oracleProfile(p, math.Sqrt(s), zero, l, l1, j)
		if f != f {
			odd++
			f = 1
		}
		for i := range d {
			y[i*ld+j] = f * x[i*ld+j]
		}
	}
	return odd
}

func oracleProfiles[T Float](p *Profile, l, l1, r []T, n int) (odd int) {
	for j, v := range r[:n] {
		if f := oracleProfile(p, float64(v), v == 0, l, l1, j); f != f {
			odd++
		}
	}
	return odd
}

// oracleProfile stores lane j and returns λ.
func oracleProfile[T Float](p *Profile, r float64, zero bool, l, l1 []T, j int) T {
	a, b := math.NaN(), math.NaN()
	switch {
	case p.Dead > 0 && r <= p.Dead:
		a, b = 0, 0
	case zero:
		a, b = p.Origin, p.Origin1
	case normal[T](r):
		a, b = p.lambda(r)
	}
	l[j] = T(a)
	if l1 != nil {
		l1[j] = T(b)
	}
	return T(a)
}

func oracleRadialVJP[T Float](y, g, x, l, l1 []T, d, n, ld int) {
	for j := range n {
		var p T
		for i := range d {
			p += x[i*ld+j] * g[i*ld+j]
		}
		p *= l1[j]
		for i := range d {
			y[i*ld+j] = l[j]*g[i*ld+j] + p*x[i*ld+j]
		}
	}
}
