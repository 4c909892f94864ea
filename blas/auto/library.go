//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/blas"
)

// library is a BLAS in use. It implements blas.Library.
type library struct {
	facts
	dgemm, sgemm uintptr
	limit        int // the largest integer that it understands

	// calls holds one block for each call that may run at a time: one a processor, for more would each take a
	// thread and a buffer. An older OpenBLAS ends the program when its buffers are used up; a
	// build without threads may have no locks around them, and gets one call at a time.
	calls chan *call
}

var _ blas.Library = (*library)(nil)

// Name is the library with its version, kernels and threads.
func (l *library) Name() string { return l.name() }

// Dgemm computes C = A·B + beta·C as blas.Library says. It panics with a *SizeError for slices too short.
func (l *library) Dgemm(transA, transB bool, m, n, k int, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	multiply(l, l.dgemm, transA, transB, m, n, k, a, lda, b, ldb, beta, c, ldc)
}

// Sgemm is Dgemm in single precision.
func (l *library) Sgemm(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	multiply(l, l.sgemm, transA, transB, m, n, k, a, lda, b, ldb, beta, c, ldc)
}

// multiply calls f, the product of the library in precision T.
func multiply[T blas.Float](l *library, f uintptr, transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	if settled(transA, transB, m, n, k, a, lda, b, ldb, beta, c, ldc) {
		return
	}
	if max(m, n, k, lda, ldb, ldc) > l.limit {
		plain(transA, transB, m, n, k, a, lda, b, ldb, beta, c, ldc)
		return
	}
	q := <-l.calls
	defer func() { l.calls <- q }()
	switch beta := any(beta).(type) {
	case float64:
		q.double = beta
	case float32:
		q.single = beta
	}
	run(q, f, transA, transB, m, n, k, a, lda, b, ldb, c, ldc)
}

// SizeError is the value of the panic for an operand that its slice cannot hold: C code would
// read or write beyond it.
type SizeError struct {
	Operand        string // A, B or C
	Rows, Cols, LD int
	Len            int
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("blas/auto: %s is %d×%d with rows %d apart, and its slice has %d numbers", e.Operand, e.Rows, e.Cols, e.LD, e.Len)
}

// settled checks the operands, and computes the products without a sum, which are left to no library.
func settled[T blas.Float](transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) bool {
	rows, cols := m, k
	if transA {
		rows, cols = k, m
	}
	fits("A", rows, cols, lda, len(a))
	rows, cols = k, n
	if transB {
		rows, cols = n, k
	}
	fits("B", rows, cols, ldb, len(b))
	fits("C", m, n, ldc, len(c))
	if m == 0 || n == 0 {
		return true
	}
	if k == 0 {
		scale(m, n, beta, c, ldc)
		return true
	}
	return false
}

func fits(operand string, rows, cols, ld, n int) {
	ok := rows >= 0 && cols >= 0
	if ok && rows > 0 && cols > 0 {
		// The division cannot overflow, as a product of rows and ld can.
		ok = ld >= cols && n >= cols && (n-cols)/ld >= rows-1
	}
	if !ok {
		panic(&SizeError{operand, rows, cols, ld, n})
	}
}

// scale is C = beta·C; with beta = 0 it also removes NaN.
func scale[T blas.Float](m, n int, beta T, c []T, ldc int) {
	for i := range m {
		row := c[i*ldc : i*ldc+n]
		switch beta {
		case 0:
			clear(row)
		case 1:
		default:
			for j := range row {
				row[j] *= beta
			}
		}
	}
}

// plain is the product in Go, the oracle of every library.
func plain[T blas.Float](transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	ar, ac := lda, 1
	if transA {
		ar, ac = 1, lda
	}
	scale(m, n, beta, c, ldc)
	for i := range m {
		row := c[i*ldc : i*ldc+n]
		for l := range k {
			x := a[i*ar+l*ac]
			if !transB {
				for j, y := range b[l*ldb : l*ldb+n] {
					row[j] += x * y
				}
				continue
			}
			for j := range row {
				row[j] += x * b[l+j*ldb]
			}
		}
	}
}
