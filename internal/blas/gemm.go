package blas

// Gemm computes C = A·B, or C += A·B where acc.
//
// A is m×k with element (i,p) at a[i*ars+p*acs]: a row-major matrix has acs = 1, a transposed one ars =
// 1. B is k×n with rows b[p*ldb:], C is m×n with rows c[i*ldc:]. C must not overlap A or B.
//
// Entry (i,j) is s₀ = C[i][j] or 0, sₚ₊₁ = sₚ + A[i][p]·B[p][j] for p = 0, 1, …, k−1, in this order, each step
// rounded once (AVX2, AVX-512) or twice (plain Go). A wrong size, stride or length panics with a *ShapeError.
func Gemm[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, acc bool, c []T, ldc int) {
	if !fit(m, n, k, len(a), ars, acs, len(b), ldb, len(c), ldc) && !checkGemm("Gemm", m, n, k, a, ars, acs, b, ldb, c, ldc) {
		if !acc {
			zero(m, n, c, ldc)
		}
		return
	}
	if registered.Load() != nil && gemmByLibrary(m, n, k, a, ars, acs, b, ldb, acc, c, ldc) {
		return
	}
	gemm(m, n, k, a, ars, acs, b, ldb, acc, nil, c, ldc)
}

// fit says that the operands of Gemm fit and that it is not empty. It is small enough to be inlined; what it
// does not like, checkGemm looks at, and everything where int has 32 bits.
func fit(m, n, k, a, ars, acs, b, ldb, c, ldc int) bool {
	return roomy && uint64(m|n|k|ars|acs|ldb|ldc) < limit && m > 0 && n > 0 && k > 0 && ldc >= n &&
		(m-1)*ars+(k-1)*acs < a && (k-1)*ldb+n <= b && (m-1)*ldc+n <= c
}

// checkGemm panics with the operand that does not fit, and says whether there is anything to multiply.
func checkGemm[T Float](op string, m, n, k int, a []T, ars, acs int, b []T, ldb int, c []T, ldc int) bool {
	sizes(op, m, n, k)
	if m == 0 || n == 0 {
		return false
	}
	block(op, m, n, k, "c", m, n, ldc, len(c), true)
	if k == 0 {
		return false
	}
	block(op, m, n, k, "a", 1, 1, acs, len(a), false)
	block(op, m, n, k, "a", m, int(span(k, 1, acs)), ars, len(a), false)
	block(op, m, n, k, "b", k, n, ldb, len(b), false)
	return true
}

// zero clears the m×n block c.
func zero[T Float](m, n int, c []T, ldc int) {
	if n == 0 {
		return
	}
	for i := range m {
		clear(c[i*ldc:][:n])
	}
}
