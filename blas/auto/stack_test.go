//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/stretchr/testify/assert"
)

// on is the side of the small matrices that a caller keeps in a local array.
const on = 8

// onStack calls f with three local arrays from each of many depths of a fresh stack, so that some calls
// make the stack grow.
func onStack(depths int, f func(depth int)) {
	for d := range depths {
		done := make(chan struct{})
		go func() {
			defer close(done)
			sink(d, f)
		}()
		<-done
	}
}

// sink descends d frames of about a hundred bytes before it calls f.
//
//go:noinline
func sink(d int, f func(int)) byte {
	var frame [64]byte
	if d == 0 {
		f(d)
		return frame[0]
	}
	frame[d%len(frame)] = 1
	return frame[(d+1)%len(frame)] + sink(d-1, f)
}

// TestStackGrows guards the operands of a call: local arrays that stay at their place, and right products, at
// all depths of the stack.
func TestStackGrows(t *testing.T) {
	l := here(t)
	moved, wrong := 0, 0
	const depths = 600
	onStack(depths, func(int) {
		var a, b, c [on * on]float64
		for i := range a {
			a[i], b[i] = float64(i), float64(i%5)
		}
		before := uintptr(unsafe.Pointer(&c[0]))
		l.Dgemm(false, false, on, on, on, a[:], on, b[:], on, 0, c[:], on)
		if uintptr(unsafe.Pointer(&c[0])) != before {
			moved++
		}
		var want [on * on]float64
		plain(false, false, on, on, on, a[:], on, b[:], on, 0, want[:], on)
		if c != want {
			wrong++
		}
	})
	assert.Zero(t, moved, "operands that moved during a call")
	assert.Zero(t, wrong, "wrong products")
}

// TestStackGrowsUnderNumbers is the negative control: the same calls with addresses kept as
// numbers only. The C function behind them reads and writes nothing, or it would do so in memory that is no longer
// the caller's.
func TestStackGrowsUnderNumbers(t *testing.T) {
	l := here(t)
	moved := 0
	const depths = 600
	q := newCall()
	q.m, q.n, q.k = 0, 0, 0 // BLAS returns at once and touches no operand
	q.transA[0], q.transB[0], q.lda, q.ldb, q.ldc = 'N', 'N', on, on, on
	q.args[argAlpha] = uintptr(unsafe.Pointer(&q.doubleAlpha))
	q.args[argBeta] = uintptr(unsafe.Pointer(&q.double))
	onStack(depths, func(int) {
		var a, b, c [on * on]float64
		before := uintptr(unsafe.Pointer(&c[0]))
		naive(q, l.dgemm, a[:], b[:], c[:])
		if uintptr(unsafe.Pointer(&c[0])) != before {
			moved++
		}
	})
	t.Logf("%d of %d calls would have worked on memory that was no longer the operand", moved, depths)
	assert.Positive(t, moved)
}

//go:noinline
func naive(q *call, fn uintptr, a, b, c []float64) {
	q.args[argA] = uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	q.args[argB] = uintptr(unsafe.Pointer(unsafe.SliceData(a)))
	q.args[argC] = uintptr(unsafe.Pointer(unsafe.SliceData(c)))
	purego.SyscallN(fn, q.args[:]...)
}
