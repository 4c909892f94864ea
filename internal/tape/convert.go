package tape

import (
	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/internal/op"
)

// convert rounds double precision to the precision of a program.
func convert[T op.Float](dst []T, src []float64) {
	switch d := any(dst).(type) {
	case []float64:
		copy(d, src)
	case []float32:
		blas.Narrow(d, src)
	}
}

// convertTransposed stores the r×c block src, rounded, as c×r in dst; in double precision for c ≤ 4
// alone, where it beats vec.Pack.
func convertTransposed[T op.Float](r, c int, src []float64, stride int, dst []T, ld int) {
	if c <= 4 { // too narrow for blocks
		for j := range c {
			row := dst[j*ld : j*ld+r]
			for i := range row {
				row[i] = T(src[i*stride+j])
			}
		}
		return
	}
	if r == 0 {
		return
	}
	if d, ok := any(dst).([]float32); ok {
		blas.NarrowTranspose(r, c, src, stride, d, ld)
	}
}

// Widen stores what a program computed in double precision.
func Widen[T op.Float](dst []float64, src []T) {
	switch s := any(src).(type) {
	case []float64:
		copy(dst, s)
	case []float32:
		blas.Widen(dst, s)
	}
}
