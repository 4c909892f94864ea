//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"

	"github.com/quivernet/quivernet/internal/blas"
)

// call is the block of arguments of one product. It lives as long as the library and is never
// moved, so that the addresses of its own fields are written once and a call allocates nothing.
type call struct {
	transA, transB      [8]byte
	m, n, k             int64
	lda, ldb, ldc       int64
	double, doubleAlpha float64
	single, singleAlpha float32

	// The operands once more, as pointers. An address in args alone is a number to the compiler: it would let
	// a caller keep the slice on its stack, and that stack moves when SyscallN makes it grow,
	// after the address was taken. A pointer stored here forces the slice to the heap, and keeps it
	// alive while C works on it.
	a, b, c unsafe.Pointer

	args [15]uintptr
}

// The places of the operands and scalars in args: transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc
// and, by value, the lengths of the two strings, which Fortran compilers add.
const (
	argAlpha, argA, argB, argBeta, argC = 5, 6, 8, 10, 11
)

func newCall() *call {
	q := &call{doubleAlpha: 1, singleAlpha: 1}
	for i, p := range []unsafe.Pointer{
		unsafe.Pointer(&q.transA), unsafe.Pointer(&q.transB), unsafe.Pointer(&q.m), unsafe.Pointer(&q.n), unsafe.Pointer(&q.k),
		argA: nil, 7: unsafe.Pointer(&q.lda), 9: unsafe.Pointer(&q.ldb), 12: unsafe.Pointer(&q.ldc),
	} {
		q.args[i] = uintptr(p)
	}
	q.args[13], q.args[14] = 1, 1
	return q
}

// run computes row-major C = op(A)·op(B) + beta·C. Read by columns, as Fortran does, a row-major
// matrix is its transpose: the library computes Cᵀ = op(B)ᵀ·op(A)ᵀ, with the operands in the other order.
func run[T blas.Float](q *call, fn uintptr, transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, c []T, ldc int) {
	reads(transA, m, k, a, lda)
	reads(transB, k, n, b, ldb)
	writes(m, n, c, ldc)
	q.transA[0], q.transB[0] = letter(transB), letter(transA)
	q.m, q.n, q.k = int64(n), int64(m), int64(k)
	q.lda, q.ldb, q.ldc = int64(ldb), int64(lda), int64(ldc)
	q.a, q.b, q.c = unsafe.Pointer(unsafe.SliceData(b)), unsafe.Pointer(unsafe.SliceData(a)), unsafe.Pointer(unsafe.SliceData(c))
	q.args[argA], q.args[argB], q.args[argC] = uintptr(q.a), uintptr(q.b), uintptr(q.c)
	var zero T
	if unsafe.Sizeof(zero) == 8 {
		q.args[argAlpha], q.args[argBeta] = uintptr(unsafe.Pointer(&q.doubleAlpha)), uintptr(unsafe.Pointer(&q.double))
	} else {
		q.args[argAlpha], q.args[argBeta] = uintptr(unsafe.Pointer(&q.singleAlpha)), uintptr(unsafe.Pointer(&q.single))
	}
	purego.SyscallN(fn, q.args[:]...)
	runtime.KeepAlive(q)
	q.a, q.b, q.c = nil, nil, nil
}

func letter(trans bool) byte {
	if trans {
		return 'T'
	}
	return 'N'
}
