package op

import "math"

// widen copies a row into double precision.
func widen[T Float](dst []float64, x []T) []float64 {
	dst = dst[:len(x)]
	for i, v := range x {
		dst[i] = float64(v)
	}
	return dst
}

// narrow copies a double-precision row back.
func narrow[T Float](dst []T, x []float64) {
	for i := range dst {
		dst[i] = T(x[i])
	}
}

// overflowed fills y with NaN where z is not finite, and reports whether it did: what a sum that overflowed would be is
// not known, and no activation must turn it into a number like others.
func overflowed(y, z []float64) bool {
	var s float64
	for _, x := range z {
		s += 0 * x
	}
	if s == 0 {
		return false
	}
	for i := range y {
		y[i] = math.NaN()
	}
	return true
}

// norm returns |v| without overflow or underflow on the way.
func norm(v []float64) float64 {
	var s float64
	for _, x := range v {
		s += x * x
	}
	if s > 1e-280 && s < 1e280 {
		return math.Sqrt(s)
	}
	var h float64
	for _, x := range v {
		h = math.Hypot(h, x)
	}
	return h
}
