package blas

// Dots computes C = A·Bᵀ, or C += A·Bᵀ where acc, with both factors stored by rows:
//
//	C[i][j] = Σ_s a[i*lda+s]·b[j*ldb+s], s < k
//
// A is m×k, B is n×k, C is m×n with rows c[i*ldc:]. C must not overlap A or B.
//
// It is the form for a long k and small m and n: the sum runs over vector lanes, whose partial
// sums are added in a fixed tree at the end. Lane l adds the terms of s ≡ l, first to last, so the order depends on k alone.
// A wrong size, stride or length panics with a *ShapeError.
func Dots[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	if !nonEmptyRows(m, n, k, len(a), lda, len(b), ldb, len(c), ldc) && !rows("Dots", m, n, k, a, lda, b, ldb, acc, c, ldc) {
		return
	}
	if registered.Load() != nil && dotsByLibrary(m, n, k, a, lda, b, ldb, acc, c, ldc) {
		return
	}
	dots(m, n, k, a, lda, b, ldb, acc, c, ldc)
}

// GemmT computes C = A·Bᵀ, or C += A·Bᵀ where acc, with operands as in Dots and sums in the order of Gemm. It is the
// form for large m and n: B is transposed on the way into the cache.
func GemmT[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	if !nonEmptyRows(m, n, k, len(a), lda, len(b), ldb, len(c), ldc) && !rows("GemmT", m, n, k, a, lda, b, ldb, acc, c, ldc) {
		return
	}
	if registered.Load() != nil && gemmTByLibrary(m, n, k, a, lda, b, ldb, acc, c, ldc) {
		return
	}
	gemmT(m, n, k, a, lda, b, ldb, acc, c, ldc)
}

// nonEmptyRows says that the operands of a product of rows fit and that it is not empty. It is small enough to be
// inlined; what it does not like, rows looks at.
func nonEmptyRows(m, n, k, a, lda, b, ldb, c, ldc int) bool {
	return roomy && uint64(m|n|k|lda|ldb|ldc) < limit && m > 0 && n > 0 && k > 0 && ldc >= n &&
		(m-1)*lda+k <= a && (n-1)*ldb+k <= b && (m-1)*ldc+n <= c
}

// rows checks the operands of a product of rows, does the empty ones, and says whether
// there is anything left to do.
func rows[T Float](op string, m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) bool {
	sizes(op, m, n, k)
	if m == 0 || n == 0 {
		return false
	}
	block(op, m, n, k, "c", m, n, ldc, len(c), true)
	if k > 0 {
		block(op, m, n, k, "a", m, k, lda, len(a), false)
		block(op, m, n, k, "b", n, k, ldb, len(b), false)
		return true
	}
	if !acc {
		zero(m, n, c, ldc)
	}
	return false
}
