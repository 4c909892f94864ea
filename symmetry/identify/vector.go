package identify

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// norm returns the Euclidean norm; it neither overflows nor underflows on the way.
func norm(x []float64) float64 { return floats.Norm(x, 2) }

// dot returns Σ a_i·b_i, added up in order: the same bits on every machine.
func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// axpy adds a·x to dst.
func axpy(dst []float64, a float64, x []float64) {
	for i, v := range x {
		dst[i] += a * v
	}
}

// distance returns max|a−b|/max|a|; 0/0 = 0.
func distance(a, b []float64) float64 {
	d, size := gap(a, b), 0.0
	for _, x := range a {
		size = max(size, math.Abs(x))
	}
	if d == 0 {
		return 0
	}
	return d / size
}

// gap returns max|a−b|.
func gap(a, b []float64) float64 {
	d := 0.0
	for i, x := range a {
		d = max(d, math.Abs(x-b[i]))
	}
	return d
}
