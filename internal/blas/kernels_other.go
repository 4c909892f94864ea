//go:build !amd64 || purego

package blas

func gemm[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, acc bool, bias *T, c []T, ldc int) {
	plainGemm(m, n, k, a, ars, acs, b, ldb, acc, bias, c, ldc)
}

func gemmT[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	plainRows(m, n, k, a, lda, b, ldb, acc, c, ldc)
}

func dots[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	plainRows(m, n, k, a, lda, b, ldb, acc, c, ldc)
}

func transpose[T Float](r, c int, a []T, lda int, dst []T, ldd int) {
	plainTranspose(r, c, a, lda, dst, ldd)
}

func widen(dst []float64, src []float32)  { plainConvert(dst, src) }
func narrow(dst []float32, src []float64) { plainConvert(dst, src) }
