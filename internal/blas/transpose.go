package blas

// Transpose stores the transpose of a in dst: dst[j*ldd+i] = a[i*lda+j] for i < r, j < c. The two must not overlap. A wrong
// size, stride or length panics with a *ShapeError, whose M is r and N is c.
func Transpose[T Float](r, c int, a []T, lda int, dst []T, ldd int) {
	if transposable("Transpose", r, c, len(a), lda, len(dst), ldd) {
		transpose(r, c, a, lda, dst, ldd)
	}
}

func transposable(op string, r, c, a, lda, dst, ldd int) bool {
	sizes(op, r, c, 0)
	if r == 0 || c == 0 {
		return false
	}
	block(op, r, c, 0, "a", r, c, lda, a, false)
	block(op, r, c, 0, "dst", c, r, ldd, dst, true)
	return true
}
