//go:build linux

package blas

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// onEdge is memory for n numbers whose last one ends, or whose first one begins, at a page that cannot be read.
func onEdge[T Float](t *testing.T, rng *rand.Rand, n int, last bool) []T {
	t.Helper()
	page := syscall.Getpagesize()
	bytes := n * int(unsafe.Sizeof(T(0)))
	whole := (bytes + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, whole+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, syscall.Munmap(mem)) })
	require.NoError(t, syscall.Mprotect(mem[:page], syscall.PROT_NONE))
	require.NoError(t, syscall.Mprotect(mem[page+whole:], syscall.PROT_NONE))
	at := page
	if last {
		at += whole - bytes
	}
	x := unsafe.Slice((*T)(unsafe.Pointer(&mem[at])), n)
	for i := range x {
		x[i] = T(rng.NormFloat64())
	}
	return x
}

// TestPages: nothing is touched before the first and after the last element. A fault would end the test program.
func TestPages(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		t.Run("float64", testPages[float64])
		t.Run("float32", testPages[float32])
	})
}

func testPages[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][3]int{{1, 1, 1}, {3, 5, 7}, {9, 17, 33}, {13, 30, 19}, {12, 49, 66}, {8, 64, 16}, {300, 70, 260}} {
		m, n, k := s[0], s[1], s[2]
		for _, last := range []bool{false, true} {
			a, b, c := onEdge[T](t, rng, m*k, last), onEdge[T](t, rng, k*n, last), onEdge[T](t, rng, m*n, last)
			Gemm(m, n, k, a, k, 1, b, n, true, c, n)
			Gemm(m, n, k, a, 1, m, b, n, false, c, n)
			GemmT(m, n, k, a, k, b, k, true, c, n)
			Dots(m, n, k, a, k, b, k, true, c, n)
			Transpose(m, k, a, k, onEdge[T](t, rng, m*k, last), m)
			wide, narrow := onEdge[float64](t, rng, m*k, last), onEdge[float32](t, rng, m*k, last)
			Widen(wide, narrow)
			Narrow(narrow, wide)
			NarrowTranspose(m, k, wide, k, narrow, m)
		}
	}
}
