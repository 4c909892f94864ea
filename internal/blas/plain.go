package blas

import "unsafe"

// The kernels in plain Go: they run everywhere and are the oracle of the others. The
// conversions T(x*y) forbid the compiler to fuse a product with a sum in one loop and not in another, which would
// break the law of the package.

func plainGemm[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, acc bool, bias *T, c []T, ldc int) {
	for i := range m {
		y := c[i*ldc:][:n]
		switch {
		case bias != nil:
			s := unsafe.Slice(bias, m)[i]
			for j := range y {
				y[j] = s
			}
		case !acc:
			clear(y)
		}
		for p := range k {
			s := a[i*ars+p*acs]
			for j, x := range b[p*ldb:][:n] {
				y[j] += T(s * x)
			}
		}
	}
}

func plainGemmT[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	for i := range m {
		x := a[i*lda:][:k]
		y := c[i*ldc:][:n]
		for j := range y {
			var s T
			if acc {
				s = y[j]
			}
			for p, v := range b[j*ldb:][:k] {
				s += T(x[p] * v)
			}
			y[j] = s
		}
	}
}

// lanes is the number of partial sums of plainDots; more than one let the processor
// overlap the additions.
const lanes = 4

func plainDots[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	for i := range m {
		y := c[i*ldc:][:n]
		for j := range y {
			s := plainDot(a[i*lda:][:k], b[j*ldb:][:k])
			if acc {
				s = y[j] + s
			}
			y[j] = s
		}
	}
}

func plainDot[T Float](x, y []T) T {
	var s [lanes]T
	for len(x) >= lanes && len(y) >= lanes {
		s[0] += T(x[0] * y[0])
		s[1] += T(x[1] * y[1])
		s[2] += T(x[2] * y[2])
		s[3] += T(x[3] * y[3])
		x, y = x[lanes:], y[lanes:]
	}
	for i, v := range x {
		s[i%lanes] += T(v * y[i])
	}
	return (s[0] + s[1]) + (s[2] + s[3])
}

func plainTranspose[T Float](r, c int, a []T, lda int, dst []T, ldd int) {
	// Square tiles, so that the lines of both sides stay in the cache.
	const tile = 16
	for i := 0; i < r; i += tile {
		for j := 0; j < c; j += tile {
			for p := i; p < min(i+tile, r); p++ {
				for q, v := range a[p*lda+j : p*lda+min(j+tile, c)] {
					dst[(j+q)*ldd+p] = v
				}
			}
		}
	}
}

func plainConvert[S, D Float](dst []D, src []S) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = D(v)
	}
}
