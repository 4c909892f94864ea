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
		p := 0
		for ; p+4 <= k; p += 4 {
			// Four terms at a time, so that y is read and written less often; their order is the same.
			x := a[i*ars+p*acs:]
			s0, s1, s2, s3 := x[0], x[acs], x[2*acs], x[3*acs]
			b0, b1, b2, b3 := b[p*ldb:][:n], b[(p+1)*ldb:][:n], b[(p+2)*ldb:][:n], b[(p+3)*ldb:][:n]
			for j, v := range y {
				v += T(s0 * b0[j])
				v += T(s1 * b1[j])
				v += T(s2 * b2[j])
				v += T(s3 * b3[j])
				y[j] = v
			}
		}
		for ; p < k; p++ {
			s := a[i*ars+p*acs]
			for j, x := range b[p*ldb:][:n] {
				y[j] += T(s * x)
			}
		}
	}
}

// plainRows is GemmT and Dots: a sum for two rows of A and two of B at a time keeps four additions under way. A
// missing row is a copy of the last one.
func plainRows[T Float](m, n, k int, a []T, lda int, b []T, ldb int, acc bool, c []T, ldc int) {
	for i := 0; i < m; i += 2 {
		h := min(i+1, m-1)
		x, u := a[i*lda:][:k], a[h*lda:][:k]
		for j := 0; j < n; j += 2 {
			l := min(j+1, n-1)
			y, v := b[j*ldb:][:k], b[l*ldb:][:k]
			var xy, xv, uy, uv T
			if acc {
				xy, xv, uy, uv = c[i*ldc+j], c[i*ldc+l], c[h*ldc+j], c[h*ldc+l]
			}
			for p, s := range x {
				xy += T(s * y[p])
				xv += T(s * v[p])
				uy += T(u[p] * y[p])
				uv += T(u[p] * v[p])
			}
			c[i*ldc+j], c[i*ldc+l], c[h*ldc+j], c[h*ldc+l] = xy, xv, uy, uv
		}
	}
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
