package vec

import (
	"fmt"
	"math/bits"
	"unsafe"

	"github.com/quivernet/quivernet/internal/cpu"
)

// level is the level of the kernels in use; tests lower it.
var level = cpu.Best

// ShapeError is the value of a panic: a slice is too short for its block, or the lanes are
// not whole.
type ShapeError struct {
	Op       string
	Len      int // of the shortest slice
	D, N, Ld int
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("vec: %s: a block of %d×%d with stride %d does not fit a slice of length %d; want a multiple of %d lanes, a stride of at least that, and (d−1)·stride + lanes numbers",
		e.Op, e.D, e.N, e.Ld, e.Len, Lanes)
}

// ValueError is the value of a panic: a number that names something names nothing.
type ValueError struct {
	Op, What string // What is kind, shifted kind, map or label
	Value    int
	Count    int // the values are 0…Count−1
}

func (e *ValueError) Error() string {
	if e.What == "shifted kind" {
		return fmt.Sprintf("vec: %s: kind %d takes no shift", e.Op, e.Value)
	}
	return fmt.Sprintf("vec: %s: there is no %s %d; want 0…%d", e.Op, e.What, e.Value, e.Count-1)
}

// one panics unless 0 ≤ value < count.
func one(op, what string, value, count int) {
	if uint(value) >= uint(count) {
		panic(&ValueError{op, what, value, count})
	}
}

// check panics unless all blocks, the shortest of which has length block, hold d×n numbers with
// stride ld, and all vectors n, the shortest of which has length vector.
func check(op string, block, vector, d, n, ld int) {
	if d < 0 || n < 0 || n%Lanes != 0 || ld < n || vector < n || d > 0 && n > 0 && (block < n || exceeds(d-1, ld, block-n)) {
		fail(op, min(block, vector), d, n, ld)
	}
}

// exceeds reports whether a·b > c for numbers that are not negative. A division would take as long as a small kernel.
func exceeds(a, b, c int) bool {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return hi != 0 || lo > uint64(c)
}

//go:noinline
func fail(op string, length, d, n, ld int) { panic(&ShapeError{op, length, d, n, ld}) }

// at returns the address of the first number.
func at[T any](x []T) *T { return unsafe.SliceData(x) }
