package symmetry_test

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// straight is the least that a compression of a chain has to do, written down as a
// straight line of LAPACK calls on the same matrices: for each hidden layer the product
// of its matrix with the basis before it, a QR decomposition of that beside the bias, and the basis.
func straight(w *quiver.Rep, dims []int) float64 {
	var basis blas64.General // d×r of the layer before
	var last float64
	for l := 1; l+1 < len(dims); l++ {
		m := w.Arrow(fmt.Sprintf("%s->h%d", before(l), l)).RawMatrix()
		b := w.Arrow(fmt.Sprintf("one->h%d", l)).RawMatrix()
		c := m.Cols
		if l > 1 {
			c = basis.Cols
		}
		a := blas64.General{Rows: m.Rows, Cols: c + 1, Stride: c + 1, Data: make([]float64, m.Rows*(c+1))}
		rest := blas64.General{Rows: m.Rows, Cols: c, Stride: c + 1, Data: a.Data[1:]}
		for i := range m.Rows {
			a.Data[i*(c+1)] = b.Data[i*b.Stride]
			if l == 1 {
				copy(rest.Data[i*(c+1):i*(c+1)+c], m.Data[i*m.Stride:])
			}
		}
		if l > 1 {
			blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, m, basis, 0, rest)
		}
		k := min(a.Rows, a.Cols)
		tau := make([]float64, k)
		work := make([]float64, 1)
		lapack64.Geqrf(a, tau, work, -1)
		work = make([]float64, int(work[0]))
		lapack64.Geqrf(a, tau, work, len(work))
		last += a.Data[0]
		q := blas64.General{Rows: a.Rows, Cols: k, Stride: a.Stride, Data: a.Data}
		work = work[:1]
		lapack64.Orgqr(q, tau, work, -1)
		work = make([]float64, int(work[0]))
		lapack64.Orgqr(q, tau, work, len(work))
		basis = q
	}
	m := w.Arrow(fmt.Sprintf("h%d->y", len(dims)-2)).RawMatrix()
	out := blas64.General{Rows: m.Rows, Cols: basis.Cols, Stride: basis.Cols, Data: make([]float64, m.Rows*basis.Cols)}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, m, basis, 0, out)
	return last + out.Data[0]
}

func before(l int) string {
	if l == 1 {
		return "x"
	}
	return fmt.Sprintf("h%d", l-1)
}

// BenchmarkCompressAgainstLAPACK compares Compress, certificate included, with a straight
// line of LAPACK calls. Compare lines of one run only:
//
//	go test ./symmetry -run '^$' -bench AgainstLAPACK -count 5 | benchstat -col /by -
func BenchmarkCompressAgainstLAPACK(b *testing.B) {
	for _, dims := range [][]int{{2, 16, 64, 128, 16, 2}, {16, 512, 512, 4}, {64, 1024, 1024, 10}, {256, 2048, 10}, {64, 4096, 4096, 10}, {1024, 4096, 10}} {
		w := random(mlp(b, tanh, dims...), 1)
		name := fmt.Sprint(dims)
		b.Run(name+"/by=lapack", func(b *testing.B) {
			for b.Loop() {
				straight(w, dims)
			}
		})
		b.Run(name+"/by=compress", func(b *testing.B) {
			for b.Loop() {
				if _, err := symmetry.Compress(w); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
