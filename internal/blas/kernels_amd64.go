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
	if m >= 256 && k*n >= 1<<14 {
		// B outgrows the first-level cache, and a copy of it pays.
		packed(m, n, k, a, ars, acs, b, ldb, false, acc, c, ldc)
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
	x, y, z := unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&c[0])
	switch {
	case level == cpu.Go:
		plainDots(m, n, k, a, lda, b, ldb, acc, c, ldc)
	case unsafe.Sizeof(a[0]) == 8 && level == cpu.AVX512:
		dotsF64AVX512(m, n, k, (*float64)(x), lda, (*float64)(y), ldb, (*float64)(z), ldc, acc)
	case unsafe.Sizeof(a[0]) == 8:
		dotsF64AVX2(m, n, k, (*float64)(x), lda, (*float64)(y), ldb, (*float64)(z), ldc, acc)
	case level == cpu.AVX512:
		dotsF32AVX512(m, n, k, (*float32)(x), lda, (*float32)(y), ldb, (*float32)(z), ldc, acc)
	default:
		dotsF32AVX2(m, n, k, (*float32)(x), lda, (*float32)(y), ldb, (*float32)(z), ldc, acc)
	}
}

// transpose leaves the whole tiles to the assembly and does the rest itself.
func transpose[T Float](r, c int, a []T, lda int, dst []T, ldd int) {
	if level == cpu.Go {
		plainTranspose(r, c, a, lda, dst, ldd)
		return
	}
	tile := 32 / int(unsafe.Sizeof(a[0]))
	rs, cs := r&^(tile-1), c&^(tile-1)
	if rs > 0 && cs > 0 {
		x, y := unsafe.Pointer(&a[0]), unsafe.Pointer(&dst[0])
		if unsafe.Sizeof(a[0]) == 8 {
			transposeF64AVX2(rs, cs, (*float64)(x), lda, (*float64)(y), ldd)
		} else {
			transposeF32AVX2(rs, cs, (*float32)(x), lda, (*float32)(y), ldd)
		}
	} else {
		rs, cs = 0, 0
	}
	if cs < c && rs > 0 {
		plainTranspose(rs, c-cs, a[cs:], lda, dst[cs*ldd:], ldd)
	}
	if rs < r {
		plainTranspose(r-rs, c, a[rs*lda:], lda, dst[rs:], ldd)
	}
}

// whole is the number of conversions that are left to the assembly.
func whole(n int) int { return n &^ 31 }

func widen(dst []float64, src []float32) {
	n := whole(len(src))
	switch {
	case n == 0 || level == cpu.Go:
		n = 0
	case level == cpu.AVX512:
		convertF64AVX512(n, &src[0], &dst[0])
	default:
		convertF64AVX2(n, &src[0], &dst[0])
	}
	plainConvert(dst[n:], src[n:])
}

func narrow(dst []float32, src []float64) {
	n := whole(len(src))
	switch {
	case n == 0 || level == cpu.Go:
		n = 0
	case level == cpu.AVX512:
		convertF32AVX512(n, &src[0], &dst[0])
	default:
		convertF32AVX2(n, &src[0], &dst[0])
	}
	plainConvert(dst[n:], src[n:])
}
