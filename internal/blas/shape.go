package blas

import (
	"fmt"
	"math/bits"
)

// ShapeError is the value of the panic of a product whose operand is too short or whose
// stride does not fit. It is an error of the program, found before anything is read or written.
type ShapeError struct {
	Op      string // the function
	M, N, K int    // the sizes of the product
	Operand string // a, b or c; empty if a size is negative or too large
	Stride  int    // the distance of the operand's rows
	Len     int    // its length
	Need    int    // the length it needs; 0 if its stride is wrong
}

func (e *ShapeError) Error() string {
	s := fmt.Sprintf("blas: %s with m=%d, n=%d, k=%d: ", e.Op, e.M, e.N, e.K)
	switch {
	case e.Operand == "":
		return s + "a size is negative or too large"
	case e.Need == 0:
		return s + fmt.Sprintf("%s cannot have stride %d", e.Operand, e.Stride)
	}
	return s + fmt.Sprintf("%s has length %d; with stride %d it needs %d", e.Operand, e.Len, e.Stride, e.Need)
}

// limit bounds sizes and strides; below it the place of an element cannot overflow.
const limit = 1 << 31

// roomy says that int is wide enough to compute such places.
const roomy = bits.UintSize == 64

// span is the length of r rows of c elements at distance ld, also where int has 32 bits.
func span(r, c, ld int) int64 { return int64(r-1)*int64(ld) + int64(c) }

// block panics unless a slice of the given length holds r rows of c elements at distance ld. Rows that are
// written must not overlap.
func block(op string, m, n, k int, operand string, r, c, ld, length int, written bool) {
	if uint64(ld) >= limit || written && r > 1 && ld < c {
		panic(&ShapeError{op, m, n, k, operand, ld, length, 0})
	}
	if need := span(r, c, ld); need > int64(length) {
		panic(&ShapeError{op, m, n, k, operand, ld, length, int(need)})
	}
}

// sizes panics if a size is negative or too large.
func sizes(op string, m, n, k int) {
	if uint64(m|n|k) >= limit {
		panic(&ShapeError{Op: op, M: m, N: n, K: k})
	}
}
