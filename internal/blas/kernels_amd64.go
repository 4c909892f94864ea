//go:build amd64 && !purego

package blas

import (
	"unsafe"

	"github.com/quivernet/quivernet/internal/cpu"
)

// kernel calls the assembly for a whole product of non-empty blocks.
func kernel[T Float](m, n, k int, a *T, ars, acs int, b *T, ldb int, acc bool, c *T, ldc int) {
	switch x := unsafe.Pointer(a); {
	case unsafe.Sizeof(*a) == 8 && level == cpu.AVX512:
		gemmF64AVX512(m, n, k, (*float64)(x), ars, acs, (*float64)(unsafe.Pointer(b)), ldb, (*float64)(unsafe.Pointer(c)), ldc, acc)
	case unsafe.Sizeof(*a) == 8:
		gemmF64AVX2(m, n, k, (*float64)(x), ars, acs, (*float64)(unsafe.Pointer(b)), ldb, (*float64)(unsafe.Pointer(c)), ldc, acc)
	case level == cpu.AVX512:
		gemmF32AVX512(m, n, k, (*float32)(x), ars, acs, (*float32)(unsafe.Pointer(b)), ldb, (*float32)(unsafe.Pointer(c)), ldc, acc)
	default:
		gemmF32AVX2(m, n, k, (*float32)(x), ars, acs, (*float32)(unsafe.Pointer(b)), ldb, (*float32)(unsafe.Pointer(c)), ldc, acc)
	}
}

func gemm[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, acc bool, c []T, ldc int) {
	if level == cpu.Go {
		plainGemm(m, n, k, a, ars, acs, b, ldb, acc, c, ldc)
		return
	}
	kernel(m, n, k, &a[0], ars, acs, &b[0], ldb, acc, &c[0], ldc)
}

func gemmT[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	if level == cpu.Go {
		plainGemmT(m, n, k, a, lda, b, ldb, acc, c, ldc)
		return
	}
	packed(m, n, k, a, lda, 1, b, ldb, true, acc, c, ldc)
}

func dots[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	plainDots(m, n, k, a, lda, b, ldb, acc, c, ldc)
}

func transpose[T Float](r, c int, a []T, lda int, dst []T, ldd int) {
	plainTranspose(r, c, a, lda, dst, ldd)
}

func widen(dst []float64, src []float32)  { plainConvert(dst, src) }
func narrow(dst []float32, src []float64) { plainConvert(dst, src) }
