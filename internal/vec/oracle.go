package vec

import "math"

// The functions of blocks.go in plain Go.

func oracleSumSquares[T Float](s []float64, x []T, d, n, ld int) {
	s = s[:n]
	clear(s)
	for i := range d {
		for j, v := range x[i*ld:][:n] {
			s[j] += float64(v) * float64(v)
		}
	}
}

// oracleNorms returns whether a sum of squares left the range in which it is accurate.
func oracleNorms[T Float](r, x []T, d, n, ld int) (odd int) {
	for j := 0; j < n; j += Lanes {
		var s [Lanes]float64
		for i := range d {
			for k, v := range x[i*ld+j:][:Lanes] {
				s[k] += float64(v) * float64(v)
			}
		}
		for k, v := range s {
			if wide[T]() && !(v > 1e-280 && v < 1e280) {
				odd = 1
			}
			r[j+k] = T(math.Sqrt(v))
		}
	}
	return odd
}

func oracleRowDots[T Float](p, x, y []T, d, n, ld int) {
	p = p[:n]
	clear(p)
	for i := range d {
		u := y[i*ld:][:n]
		for j, v := range x[i*ld:][:n] {
			p[j] += v * u[j]
		}
	}
}

func oracleScaleRows[T Float](y, x, l []T, d, n, ld int) {
	for i := range d {
		u := y[i*ld:][:n]
		for j, v := range x[i*ld:][:n] {
			u[j] = l[j] * v
		}
	}
}

func oracleCombine[T Float](y, g, v, a, b []T, d, n, ld int) {
	for i := range d {
		u, w := y[i*ld:][:n], v[i*ld:][:n]
		for j, x := range g[i*ld:][:n] {
			u[j] = a[j]*x + b[j]*w[j]
		}
	}
}

func oracleFillRows[T Float](y, b []T, d, n, ld int) {
	for i := range d {
		fill(y[i*ld:][:n], b[i])
	}
}

// fill sets all of u to v, by copying what is filled already.
func fill[T Float](u []T, v T) {
	if len(u) == 0 {
		return
	}
	u[0] = v
	for k := 1; k < len(u); k *= 2 {
		copy(u[k:], u[:k])
	}
}

func oracleAddBias[T Float](y, b []T, d, n, ld int) {
	for i := range d {
		u := y[i*ld:][:n]
		for j := range u {
			u[j] += b[i]
		}
	}
}

func oracleRowSums[T Float](out, x []T, d, n, ld int) {
	for i := range d {
		var s [Lanes]T
		for j, v := range x[i*ld:][:n] {
			s[j%Lanes] += v
		}
		out[i] = halve(&s)
	}
}

// halve adds the upper half to the lower one until one number is left.
func halve[T Float](s *[Lanes]T) T {
	for h := Lanes / 2; h > 0; h /= 2 {
		for j := range h {
			s[j] += s[j+h]
		}
	}
	return s[0]
}

// wide reports whether T is float64.
func wide[T Float]() bool { return T(1)+T(0x1p-40) != 1 }

// oracleTranspose stores rows r0…r1−1, columns c0…c1−1 of x in the columns of y.
func oracleTranspose[T Float](y, x []T, r0, r1, c0, c1, ldy, ldx int) {
	if r0 == r1 {
		return
	}
	for i := c0; i < c1; i++ {
		u := y[i*ldy+r0:][:r1-r0]
		k := r0*ldx + i
		for j := range u {
			u[j] = x[k]
			k += ldx
		}
	}
}
