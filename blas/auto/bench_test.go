//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"fmt"
	"testing"

	gonum "gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
)

// BenchmarkCall is the cost of a call itself: a product of two numbers.
func BenchmarkCall(b *testing.B) {
	l := here(b)
	x, y, z := []float64{2}, []float64{3}, []float64{0}
	b.ReportAllocs()
	for b.Loop() {
		l.Dgemm(false, false, 1, 1, 1, x, 1, y, 1, 0, z, 1)
	}
}

// BenchmarkProduct is C = A·Bᵀ with square matrices, in gonum and in the library found, each in both precisions.
//
//	go test ./blas/auto -run '^$' -bench Product
func BenchmarkProduct(b *testing.B) {
	l := here(b)
	for _, n := range []int{16, 64, 128, 512} {
		x, y, z := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
		u, v, w := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
		for i := range x {
			x[i], y[i] = float64(i%17)-8, float64(i%13)-6
			u[i], v[i] = float32(x[i]), float32(y[i])
		}
		for _, c := range []struct {
			name string
			f    func()
		}{
			{"gonum/float64", func() {
				blas64.Gemm(gonum.NoTrans, gonum.Trans, 1, square(n, x), square(n, y), 0, square(n, z))
			}},
			{"library/float64", func() { l.Dgemm(false, true, n, n, n, x, n, y, n, 0, z, n) }},
			{"gonum/float32", func() {
				blas32.Gemm(gonum.NoTrans, gonum.Trans, 1, square32(n, u), square32(n, v), 0, square32(n, w))
			}},
			{"library/float32", func() { l.Sgemm(false, true, n, n, n, u, n, v, n, 0, w, n) }},
		} {
			b.Run(fmt.Sprintf("%d/%s", n, c.name), func(b *testing.B) {
				for b.Loop() {
					c.f()
				}
				b.ReportMetric(2*float64(n*n*n)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GF/s")
			})
		}
	}
}

func square(n int, x []float64) blas64.General {
	return blas64.General{Rows: n, Cols: n, Stride: n, Data: x}
}

func square32(n int, x []float32) blas32.General {
	return blas32.General{Rows: n, Cols: n, Stride: n, Data: x}
}
