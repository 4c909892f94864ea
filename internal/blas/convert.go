package blas

// Widen stores src in dst, exactly. Both have the same length, or it panics with a *ShapeError.
func Widen(dst []float64, src []float32) {
	same("Widen", len(dst), len(src))
	widen(dst, src)
}

// Narrow stores src in dst, each number rounded to the nearest float32, ties to even; what is too large becomes an
// infinity. Both have the same length, or it panics with a *ShapeError.
func Narrow(dst []float32, src []float64) {
	same("Narrow", len(dst), len(src))
	narrow(dst, src)
}

// NarrowTranspose stores the transpose of a, rounded: dst[j*ldd+i] = float32(a[i*lda+j]) for i < r, j < c.
func NarrowTranspose(r, c int, a []float64, lda int, dst []float32, ldd int) {
	if transposable("NarrowTranspose", r, c, len(a), lda, len(dst), ldd) {
		narrowTranspose(r, c, a, lda, dst, ldd)
	}
}

func same(op string, dst, src int) {
	if dst != src {
		panic(&ShapeError{Op: op, M: 1, N: src, Operand: "dst", Stride: src, Len: dst, Need: src})
	}
}

// narrowTranspose goes through a tile of float32.
func narrowTranspose(r, c int, a []float64, lda int, dst []float32, ldd int) {
	const rows, cols = 16, 64
	var tile [rows * cols]float32
	for i := 0; i < r; i += rows {
		rs := min(rows, r-i)
		for j := 0; j < c; j += cols {
			cs := min(cols, c-j)
			for p := range rs {
				narrow(tile[p*cols:][:cs], a[(i+p)*lda+j:][:cs])
			}
			transpose(rs, cs, tile[:], cols, dst[j*ldd+i:], ldd)
		}
	}
}
