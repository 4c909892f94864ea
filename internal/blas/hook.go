package blas

import "sync/atomic"

// Library is a fast BLAS that package blas/auto has found. Matrices are row-major; a
// product is C = A·B + beta·C with A m×k or, transposed, stored k×m, B k×n or stored n×k, C m×n; ld
// is the distance of rows. Calls may come from several goroutines at once. The
// slices are on the heap: see package blas/auto.
type Library interface {
	// Name says which library it is, with version, kernel and threads.
	Name() string
	Dgemm(transA, transB bool, m, n, k int, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int)
	Sgemm(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int)
}

type holder struct{ Library }

var registered atomic.Pointer[holder]

// Register makes a library the one that large products use from now on; nil takes it away.
func Register(l Library) {
	if l == nil {
		registered.Store(nil)
		return
	}
	registered.Store(&holder{l})
}

// Registered returns the library in use, or nil.
func Registered() Library {
	if h := registered.Load(); h != nil {
		return h.Library
	}
	return nil
}
