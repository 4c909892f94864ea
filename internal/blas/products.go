package blas

// The products of row-major matrices without gaps: a sample is a row.

// NT adds a·bᵀ to c, where a is n×k, b is m×k and c is n×m.
func NT[T Float](c, a, b []T, n, m, k int) { GemmT(n, m, k, a, k, b, k, true, c, m) }

// NN adds a·b to c, where a is n×m, b is m×k and c is n×k.
func NN[T Float](c, a, b []T, n, m, k int) { Gemm(n, k, m, a, m, 1, b, k, true, c, k) }

// TN adds aᵀ·b to c, where a is n×m, b is n×k and c is m×k. The sum runs over the
// rows, first to last.
func TN[T Float](c, a, b []T, n, m, k int) { Gemm(m, k, n, a, 1, m, b, k, true, c, k) }
