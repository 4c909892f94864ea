package blas

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// counting is a library in plain Go that counts its calls.
type counting struct{ calls int }

func (l *counting) Name() string { return "counting" }

func (l *counting) Dgemm(transA, transB bool, m, n, k int, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	l.calls++
	obvious(transA, transB, m, n, k, a, lda, b, ldb, beta, c, ldc)
}

func (l *counting) Sgemm(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	l.calls++
	obvious(transA, transB, m, n, k, a, lda, b, ldb, beta, c, ldc)
}

func obvious[T Float](transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int) {
	at := func(x []T, trans bool, ld, i, j int) T {
		if trans {
			i, j = j, i
		}
		return x[i*ld+j]
	}
	for i := range m {
		for j := range n {
			var s T
			for p := range k {
				s += at(a, transA, lda, i, p) * at(b, transB, ldb, p, j)
			}
			if beta != 0 {
				s += beta * c[i*ldc+j]
			}
			c[i*ldc+j] = s
		}
	}
}

// TestLibrary: a product goes to the library exactly from the crossover on, and only if the strides are the library's, and
// means the same there.
func TestLibrary(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		t.Run("float64", func(t *testing.T) { testLibrary[float64](t, 1e-12) })
		t.Run("float32", func(t *testing.T) { testLibrary[float32](t, 1e-4) })
	})
}

func testLibrary[T Float](t *testing.T, tol float64) {
	const m, n, k = 40, 30, 50
	old := crossover[level]
	defer func() {
		crossover[level] = old
		Register(nil)
	}()
	rng := rand.New(rand.NewPCG(1, 2))
	a, at, b, bt := newMatrix[T](rng, m, k, k+1), newMatrix[T](rng, k, m, m+2), newMatrix[T](rng, k, n, n+3), newMatrix[T](rng, n, k, k)
	sparse := newMatrix[T](rng, m, 2*k-1, 2*k)
	for _, acc := range []bool{false, true} {
		for _, f := range []struct {
			name  string
			calls int
			f     func(c matrix[T])
		}{
			{"Gemm", 1, func(c matrix[T]) { Gemm(m, n, k, a.data, a.ld, 1, b.data, b.ld, acc, c.data, c.ld) }},
			{"Gemm Aᵀ", 1, func(c matrix[T]) { Gemm(m, n, k, at.data, 1, at.ld, b.data, b.ld, acc, c.data, c.ld) }},
			{"Gemm strided", 0, func(c matrix[T]) { Gemm(m, n, k, sparse.data, sparse.ld, 2, b.data, b.ld, acc, c.data, c.ld) }},
			{"GemmT", 1, func(c matrix[T]) { GemmT(m, n, k, a.data, a.ld, bt.data, bt.ld, acc, c.data, c.ld) }},
			{"Dots", 1, func(c matrix[T]) { Dots(m, n, k, a.data, a.ld, bt.data, bt.ld, acc, c.data, c.ld) }},
		} {
			c := newMatrix[T](rng, m, n, n+1)
			want := c.clone()
			Register(nil)
			f.f(want)
			for _, d := range []int{0, 1} {
				l := &counting{}
				Register(l)
				w := m*n*k + d
				crossover[level] = works{w, w, w, w}
				got := c.clone()
				f.f(got)
				assert.Equal(t, f.calls*(1-d), l.calls, f.name)
				got.intact(t, f.name)
				for i := range want.data {
					if want.data[i] == want.data[i] {
						assert.InDelta(t, want.data[i], got.data[i], tol, f.name)
					}
				}
			}
		}
	}
}
