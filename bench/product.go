package main

import (
	"github.com/quivernet/quivernet/internal/blas"

	_ "github.com/quivernet/quivernet/blas/auto" // finds a library for products where the machine has one
)

// libraryFrom is how many multiplications make a product worth a call of the library.
const libraryFrom = 1 << 20

// product computes C = A·B, or C += A·B where acc, on the kernels of this module or, where it is large and one was found, in the
// library for products: what the handwritten step and Gorgonia run on. A is m×k and B k×n, or with
// transA, transB their transposes are stored.
func product[T blas.Float](transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	if l := blas.Registered(); l != nil && m*n*k >= libraryFrom {
		inLibrary(l, transA, transB, m, n, k, a, lda, b, ldb, acc, c, ldc)
		return
	}
	ars, acs := lda, 1
	if transA {
		ars, acs = 1, lda
	}
	switch {
	case !transB:
		blas.Gemm(m, n, k, a, ars, acs, b, ldb, acc, c, ldc)
	case transA: // the training of these networks has no such product
		panic("bench: a product of two transposes")
	case m*n >= manyEntries:
		blas.GemmT(m, n, k, a, lda, b, ldb, acc, c, ldc)
	default:
		blas.Dots(m, n, k, a, lda, b, ldb, acc, c, ldc)
	}
}

// manyEntries is how many entries of C make A·Bᵀ faster with a transposed copy of B than by dot products.
const manyEntries = 1024

func inLibrary[T blas.Float](l blas.Library, transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	beta := 0.0
	if acc {
		beta = 1
	}
	switch a := any(a).(type) {
	case []float64:
		l.Dgemm(transA, transB, m, n, k, a, lda, any(b).([]float64), ldb, beta, any(c).([]float64), ldc)
	case []float32:
		l.Sgemm(transA, transB, m, n, k, a, lda, any(b).([]float32), ldb, float32(beta), any(c).([]float32), ldc)
	}
}
