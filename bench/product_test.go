package main

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/quivernet/quivernet/internal/blas"

	gonumblas "gonum.org/v1/gonum/blas"
)

// slow is a library for products that counts its calls.
type slow struct {
	calls int
	gonum.Implementation
}

func (s *slow) Name() string { return "slow" }

func flagOf(t bool) gonumblas.Transpose {
	if t {
		return gonumblas.Trans
	}
	return gonumblas.NoTrans
}

func (s *slow) Dgemm(tA, tB bool, m, n, k int, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	s.calls++
	s.Implementation.Dgemm(flagOf(tA), flagOf(tB), m, n, k, 1, a, lda, b, ldb, beta, c, ldc)
}

func (s *slow) Sgemm(tA, tB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	s.calls++
	s.Implementation.Sgemm(flagOf(tA), flagOf(tB), m, n, k, 1, a, lda, b, ldb, beta, c, ldc)
}

// The product of the yardstick and of Gorgonia is the same in the kernels and in a library, which large ones use.
func TestProduct(t *testing.T) {
	before := blas.Registered()
	t.Cleanup(func() { blas.Register(before) })
	lib := &slow{}
	testProduct[float64](t, lib, 1e-12)
	testProduct[float32](t, lib, 1e-3)
}

func testProduct[T blas.Float](t *testing.T, lib *slow, tol float64) {
	rng := rand.New(rand.NewPCG(1, 1))
	random := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = T(rng.NormFloat64())
		}
		return x
	}
	for _, size := range [][3]int{{1, 1, 1}, {3, 5, 40}, {33, 65, 17}, {128, 130, 64}} {
		m, n, k := size[0], size[1], size[2]
		for _, tr := range [][2]bool{{false, false}, {true, false}, {false, true}} {
			for _, acc := range []bool{false, true} {
				a, b, c := random(m*k), random(k*n), random(m*n)
				lda, ldb := k, n
				if tr[0] {
					lda = m
				}
				if tr[1] {
					ldb = k
				}
				var got [2][]T
				for i, l := range []blas.Library{nil, lib} {
					blas.Register(l)
					calls := lib.calls
					got[i] = append([]T(nil), c...)
					product(tr[0], tr[1], m, n, k, a, lda, b, ldb, acc, got[i], n)
					assert.Equal(t, l != nil && m*n*k >= libraryFrom, lib.calls > calls)
				}
				for i := range got[0] {
					assert.InDelta(t, got[0][i], got[1][i], tol)
				}
				at := func(x []T, transposed bool, i, j, ld int) T {
					if transposed {
						i, j = j, i
					}
					return x[i*ld+j]
				}
				var want T // entry (m−1, n−1)
				for p := range k {
					want += at(a, tr[0], m-1, p, lda) * at(b, tr[1], p, n-1, ldb)
				}
				if acc {
					want += c[m*n-1]
				}
				assert.InDelta(t, want, got[0][m*n-1], tol)
			}
		}
	}
}
