package pieces

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// Norm returns the Euclidean norm; it neither overflows nor underflows on the way.
func Norm(x []float64) float64 { return floats.Norm(x, 2) }

// Dot returns Σ a_i·b_i, added up in order: the same bits on every machine.
func Dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// Axpy adds a·x to dst.
func Axpy(dst []float64, a float64, x []float64) {
	for i, v := range x {
		dst[i] += a * v
	}
}

// Distance returns max|a−b|/max|a|; 0/0 = 0.
func Distance(a, b []float64) float64 {
	d, size := Gap(a, b), 0.0
	for _, x := range a {
		size = max(size, math.Abs(x))
	}
	if d == 0 {
		return 0
	}
	return d / size
}

// Gap returns max|a−b|.
func Gap(a, b []float64) float64 {
	d := 0.0
	for i, x := range a {
		d = max(d, math.Abs(x-b[i]))
	}
	return d
}
