package blas

import (
	"math"
	"unsafe"
)

// works are numbers m·n·k from which a library is faster, for the products of either precision.
type works struct{ gemm64, gemm32, dots64, dots32 int }

// never is larger than any product.
const never = math.MaxInt

// gemm is the number for Gemm in a precision of so many bytes.
func (w *works) gemm(size uintptr) int {
	if size == 8 {
		return w.gemm64
	}
	return w.gemm32
}

// dots is the number for Dots.
func (w *works) dots(size uintptr) int {
	if size == 8 {
		return w.dots64
	}
	return w.dots32
}

// gemmByLibrary does a product of Gemm in the registered library, if there is one, if it is faster for
// this size, and if it knows these strides.
func gemmByLibrary[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, acc bool, c []T, ldc int) bool {
	if m*n*k < crossover[level].gemm(unsafe.Sizeof(a[0])) {
		return false
	}
	switch {
	case acs == 1 && ars >= k:
		return byLibrary(m, n, k, false, a, ars, false, b, ldb, n, acc, c, ldc)
	case ars == 1 && acs >= m:
		return byLibrary(m, n, k, true, a, acs, false, b, ldb, n, acc, c, ldc)
	}
	return false
}

// gemmTByLibrary does the same for GemmT.
func gemmTByLibrary[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) bool {
	return m*n*k >= crossover[level].gemm(unsafe.Sizeof(a[0])) && lda >= k && byLibrary(m, n, k, false, a, lda, true, b, ldb, k, acc, c, ldc)
}

// dotsByLibrary does the same for Dots.
func dotsByLibrary[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) bool {
	return m*n*k >= crossover[level].dots(unsafe.Sizeof(a[0])) && lda >= k && byLibrary(m, n, k, false, a, lda, true, b, ldb, k, acc, c, ldc)
}

func byLibrary[T Float](m, n, k int, transA bool, a []T, lda int, transB bool, b []T, ldb, width int, acc bool, c []T, ldc int) bool {
	l := Registered()
	if l == nil || ldb < width || ldc < n {
		return false
	}
	var beta T
	if acc {
		beta = 1
	}
	switch a := any(a).(type) {
	case []float64:
		l.Dgemm(transA, transB, m, n, k, a, lda, any(b).([]float64), ldb, float64(beta), any(c).([]float64), ldc)
	case []float32:
		l.Sgemm(transA, transB, m, n, k, a, lda, any(b).([]float32), ldb, float32(beta), any(c).([]float32), ldc)
	}
	return true
}
