package blas

import (
	"github.com/quivernet/quivernet/internal/cpu"
	"gonum.org/v1/gonum/blas/gonum"
)

// NT adds a·bᵀ to c, where a is n×k, b is m×k and c is n×m.
func NT[T Float](c, a, b []T, n, m, k int) {
	if k == 0 || m == 0 {
		return
	}
	if level > cpu.Go {
		GemmT(n, m, k, a, k, b, k, true, c, m)
		return
	}
	for i := range n {
		x := a[i*k : (i+1)*k]
		y := c[i*m : (i+1)*m]
		for j := range y {
			y[j] += dot(x, b[j*k:(j+1)*k])
		}
	}
}

// NN adds a·b to c, where a is n×m, b is m×k and c is n×k.
func NN[T Float](c, a, b []T, n, m, k int) {
	if k == 0 {
		return
	}
	if level > cpu.Go {
		Gemm(n, k, m, a, m, 1, b, k, true, c, k)
		return
	}
	for i := range n {
		y := c[i*k : (i+1)*k]
		for j, s := range a[i*m : (i+1)*m] {
			axpy(s, b[j*k:(j+1)*k], y)
		}
	}
}

// TN adds aᵀ·b to c, where a is n×m, b is n×k and c is m×k. The sum runs over the
// rows, first to last.
func TN[T Float](c, a, b []T, n, m, k int) {
	if k == 0 {
		return
	}
	if level > cpu.Go {
		Gemm(m, k, n, a, 1, m, b, k, true, c, k)
		return
	}
	for i := range n {
		x := b[i*k : (i+1)*k]
		for j, s := range a[i*m : (i+1)*m] {
			axpy(s, x, c[j*k:(j+1)*k])
		}
	}
}

// short is the length below which a plain loop beats a call.
const short = 12

var lib gonum.Implementation

func dot[T Float](x, y []T) T {
	if len(x) >= short {
		switch x := any(x).(type) {
		case []float64:
			return T(lib.Ddot(len(x), x, 1, any(y).([]float64), 1))
		case []float32:
			return T(lib.Sdot(len(x), x, 1, any(y).([]float32), 1))
		}
	}
	var s T
	y = y[:len(x)]
	for i, v := range x {
		s += v * y[i]
	}
	return s
}

func axpy[T Float](s T, x, y []T) {
	if len(x) >= short {
		switch x := any(x).(type) {
		case []float64:
			lib.Daxpy(len(x), float64(s), x, 1, any(y).([]float64), 1)
			return
		case []float32:
			lib.Saxpy(len(x), float32(s), x, 1, any(y).([]float32), 1)
			return
		}
	}
	y = y[:len(x)]
	for i, v := range x {
		y[i] += s * v
	}
}
