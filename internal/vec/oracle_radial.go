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
	for j := 0; j < n; j += Lanes {
		var s [Lanes]float64
		var most [Lanes]T // 0 for a sample of zeros
		for i := range d {
			for k, v := range x[i*ld+j:][:Lanes] {
				s[k] += float64(v) * float64(v)
				most[k] = max(most[k], v, -v)
			}
		}
		var f [Lanes]T
		for k := range f {
			f[k] = oracleProfile(p, math.Sqrt(s[k]), most[k] == 0, l, l1, j+k)
			if f[k] != f[k] {
				odd++
				f[k] = 1
			}
		}
		for i := range d {
			u := y[i*ld+j:][:Lanes]
			for k, v := range x[i*ld+j:][:Lanes] {
				u[k] = f[k] * v
			}
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
	for j := 0; j < n; j += Lanes {
		var p [Lanes]T
		for i := range d {
			u := g[i*ld+j:][:Lanes]
			for k, v := range x[i*ld+j:][:Lanes] {
				p[k] += v * u[k]
			}
		}
		a, b := l[j:][:Lanes], l1[j:][:Lanes]
		for k := range p {
			p[k] *= b[k]
		}
		for i := range d {
			u, w := g[i*ld+j:][:Lanes], y[i*ld+j:][:Lanes]
			for k, v := range x[i*ld+j:][:Lanes] {
				w[k] = a[k]*u[k] + p[k]*v
			}
		}
	}
}
