//go:build amd64 && !purego

package blas

import (
	"unsafe"

	"github.com/quivernet/quivernet/internal/cpu"
)

// gemm is Gemm, or Affine where bias is not nil, for blocks that are not empty. It calls the assembly itself, because a
// further call costs as much as a small product.
func gemm[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, acc bool, bias *T, c []T, ldc int) {
	x, y, z := unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&c[0])
	switch {
	case level == cpu.Go:
		plainGemm(m, n, k, a, ars, acs, b, ldb, acc, bias, c, ldc)
	case outgrown(m, n*k):
		packed(m, n, k, a, ars, acs, b, ldb, false, acc, bias, c, ldc)
	case unsafe.Sizeof(a[0]) == 8 && level == cpu.AVX512:
		gemmF64AVX512(m, n, k, (*float64)(x), ars, acs, (*float64)(y), ldb, (*float64)(z), ldc, acc, (*float64)(unsafe.Pointer(bias)))
	case unsafe.Sizeof(a[0]) == 8:
		gemmF64AVX2(m, n, k, (*float64)(x), ars, acs, (*float64)(y), ldb, (*float64)(z), ldc, acc, (*float64)(unsafe.Pointer(bias)))
	case level == cpu.AVX512:
		gemmF32AVX512(m, n, k, (*float32)(x), ars, acs, (*float32)(y), ldb, (*float32)(z), ldc, acc, (*float32)(unsafe.Pointer(bias)))
	default:
		gemmF32AVX2(m, n, k, (*float32)(x), ars, acs, (*float32)(y), ldb, (*float32)(z), ldc, acc, (*float32)(unsafe.Pointer(bias)))
	}
}

// long is a number of products that takes about a millisecond. No call of assembly does more, because nothing, and
// no garbage collection, can interrupt one.
const long = 1 << 26

// outgrown says that the product is long, or that B leaves the first-level cache, or the second, and is
// used by so many rows of A that a copy of it pays. No block of packed is so large.
func outgrown(m, elements int) bool {
	return m >= 256 && elements >= 2*depth*breadth/4 || m >= 128 && elements >= 1<<16 || m*elements > long
}

func gemmT[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	if level == cpu.Go {
		plainRows(m, n, k, a, lda, b, ldb, acc, c, ldc)
		return
	}
	if m == 1 {
		// The transposed product, c = B·aᵀ, reads B where it lies. Its sums are the same.
		gemm(n, 1, k, b, ldb, 1, a, 1, acc, nil, c, 1)
		return
	}
	packed(m, n, k, a, lda, 1, b, ldb, true, acc, nil, c, ldc)
}

// band is the bytes of B that dots goes through for each few rows of A.
const band = 256 << 10

func dots[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	x, y, z := unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&c[0])
	switch {
	case level == cpu.Go:
		plainRows(m, n, k, a, lda, b, ldb, acc, c, ldc)
	case m > 4 && m*n*k > long:
		high := max(4, long/(n*k)&^3)
		for i := 0; i < m; i += high {
			dots(min(high, m-i), n, k, a[i*lda:], lda, b, ldb, acc, c[i*ldc:], ldc)
		}
	case n > 8 && n*k > band/4:
		// B in bands, so that what the rows of A share stays in the second-level cache.
		wide := max(8, band/(k*int(unsafe.Sizeof(a[0])))&^3)
		for j := 0; j < n; j += wide {
			dots(m, min(wide, n-j), k, a, lda, b[j*ldb:], ldb, acc, c[j:], ldc)
		}
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

// transpose halves a large block until it fits a cache, leaves the whole tiles of a small one to the assembly, and does
// the rest itself.
func transpose[T Float](r, c int, a []T, lda int, dst []T, ldd int) {
	switch {
	case level == cpu.Go:
		plainTranspose(r, c, a, lda, dst, ldd)
		return
	case r*c > 1<<16 && r > c:
		h := r / 2 &^ 7
		transpose(h, c, a, lda, dst, ldd)
		transpose(r-h, c, a[h*lda:], lda, dst[h:], ldd)
		return
	case r*c > 1<<16:
		h := c / 2 &^ 7
		transpose(r, h, a, lda, dst, ldd)
		transpose(r, c-h, a[h:], lda, dst[h*ldd:], ldd)
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

// pieces is the number of conversions of a call of assembly: few, because nothing can interrupt it.
const pieces = 1 << 16

func widen(dst []float64, src []float32) {
	for len(src) > pieces {
		widen(dst[:pieces], src[:pieces])
		dst, src = dst[pieces:], src[pieces:]
	}
	n := len(src) &^ 31
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
	for len(src) > pieces {
		narrow(dst[:pieces], src[:pieces])
		dst, src = dst[pieces:], src[pieces:]
	}
	n := len(src) &^ 31
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
