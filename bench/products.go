package main

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/gorgonia"

	_ "github.com/quivernet/quivernet/blas/auto" // finds a library for products where the machine has one
	own "github.com/quivernet/quivernet/internal/blas"
)

// products is gonum's BLAS with the matrix products of this library, so that Gorgonia can be compared on equal
// terms. It is set in a process that runs Gorgonia alone.
type products struct{ gonum.Implementation }

// shareProducts makes Gorgonia use the products of this library.
func shareProducts() { gorgonia.Use(products{}) }

func (p products) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	if !multiply(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
		p.Implementation.Dgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

func (p products) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if !multiply(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) {
		p.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	}
}

// multiply does the products that training needs and says whether it did.
func multiply[T own.Float](tA, tB blas.Transpose, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) bool {
	transA, transB := tA != blas.NoTrans, tB != blas.NoTrans
	if alpha != 1 || beta != 0 && beta != 1 || m == 0 || n == 0 || k == 0 || transA && transB {
		return false
	}
	switch {
	case transA:
		own.Gemm(m, n, k, a, 1, lda, b, ldb, beta == 1, c, ldc)
	case !transB:
		own.Gemm(m, n, k, a, lda, 1, b, ldb, beta == 1, c, ldc)
	default:
		rowsTimesRows(m, n, k, a, lda, b, ldb, beta == 1, c, ldc)
	}
	return true
}

// rowsTimesRows is C = A·Bᵀ in the form that is faster for its size.
func rowsTimesRows[T own.Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	if m < 48 {
		own.Dots(m, n, k, a, lda, b, ldb, acc, c, ldc)
	} else {
		own.GemmT(m, n, k, a, lda, b, ldb, acc, c, ldc)
	}
}
