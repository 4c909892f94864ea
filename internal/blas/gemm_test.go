package blas

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/quivernet/quivernet/internal/cpu"
	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/mat"
)

// gemmSizes are small sizes around every tile and tail, and some that need blocking.
func gemmSizes(rng *rand.Rand) [][3]int {
	s := [][3]int{{0, 3, 2}, {3, 0, 2}, {3, 2, 0}, {0, 0, 0}, {1, 1, 1}, {1, 50, 300}}
	if level > cpu.Go {
		s = append(s, [][3]int{{65, 130, 300}, {33, 37, 1025}, {260, 33, 520}, {8, 1100, 70}}...)
	}
	for m := 1; m <= 26; m++ {
		s = append(s, [3]int{m, 1 + rng.IntN(70), 1 + rng.IntN(9)})
	}
	for n := 1; n <= 70; n++ {
		s = append(s, [3]int{1 + rng.IntN(14), n, 1 + rng.IntN(20)})
	}
	return s
}

// TestGemm compares every entry, bit for bit, with the sum that the documentation writes down, for
// both layouts of A, odd strides, and NaN all around.
func TestGemm(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		t.Run("float64", testGemm[float64])
		t.Run("float32", testGemm[float32])
	})
}

func testGemm[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range gemmSizes(rng) {
		m, n, k := s[0], s[1], s[2]
		a, at := newMatrix[T](rng, m, k, k+rng.IntN(3)), newMatrix[T](rng, k, m, m+rng.IntN(3))
		sparse := newMatrix[T](rng, m, max(0, k*3-2), k*3+5)
		b, c := newMatrix[T](rng, k, n, n+rng.IntN(20)), newMatrix[T](rng, m, n, n+rng.IntN(20))
		for _, acc := range []bool{false, true} {
			for _, f := range []struct {
				name     string
				a        matrix[T]
				ars, acs int
			}{{"A", a, a.ld, 1}, {"Aᵀ", at, 1, at.ld}, {"strided", sparse, sparse.ld, 3}} {
				got := c.clone()
				Gemm(m, n, k, f.a.data, f.ars, f.acs, b.data, b.ld, acc, got.data, got.ld)
				what := fmt.Sprintf("%s %d×%d·%d acc=%v", f.name, m, n, k, acc)
				got.intact(t, what)
				got.sameBits(t, what, func(i, j int) T {
					var s T
					if acc {
						s = c.at(i, j)
					}
					for p := range k {
						s = step(f.a.data[i*f.ars+p*f.acs], b.at(p, j), s)
					}
					return s
				})
			}
		}
	}
}

// TestAffine: a bias is what the rows of C hold before.
func TestAffine(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		t.Run("float64", testAffine[float64])
		t.Run("float32", testAffine[float32])
	})
}

func testAffine[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 16))
	defer Register(nil)
	for _, s := range gemmSizes(rng) {
		m, n, k := s[0], s[1], s[2]
		a, b, c := newMatrix[T](rng, m, k, k+1), newMatrix[T](rng, k, n, n+1), newMatrix[T](rng, m, n, n+3)
		bias := newMatrix[T](rng, 1, m, m)
		want := c.clone()
		for i := range m {
			for j := range n {
				want.data[i*want.ld+j] = bias.data[i]
			}
		}
		Gemm(m, n, k, a.data, a.ld, 1, b.data, b.ld, true, want.data, want.ld)
		Affine(m, n, k, a.data, a.ld, 1, b.data, b.ld, bias.data[:m:m], c.data, c.ld)
		what := fmt.Sprintf("%d×%d·%d", m, n, k)
		c.intact(t, what)
		c.sameBits(t, what, want.at)
	}
	// In a library.
	const m, n, k = 40, 30, 50
	defer func(w works) { crossover[level] = w }(crossover[level])
	crossover[level] = works{1, 1, 1, 1}
	l := &counting{}
	Register(l)
	a, b, bias, c := random[T](rng, m*k), random[T](rng, k*n), random[T](rng, m), make([]T, m*n)
	Affine(m, n, k, a, k, 1, b, n, bias, c, n)
	assert.Equal(t, 1, l.calls)
	for i := range m {
		one := []T{bias[i]}
		obvious(false, false, 1, 1, k, a[i*k:], k, b[5:], n, 1, one, 1)
		assert.InDelta(t, one[0], c[i*n+5], 1e-4)
	}
}

// TestGemmT: the product of rows has the bits of Gemm with B transposed.
func TestGemmT(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		t.Run("float64", testGemmT[float64])
		t.Run("float32", testGemmT[float32])
	})
}

func testGemmT[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, s := range gemmSizes(rng) {
		m, n, k := s[0], s[1], s[2]
		a, bt, c := newMatrix[T](rng, m, k, k+3), newMatrix[T](rng, n, k, k+1), newMatrix[T](rng, m, n, n+2)
		b := newMatrix[T](rng, k, n, n)
		for p := range k {
			for j := range n {
				b.data[p*n+j] = bt.at(j, p)
			}
		}
		for _, acc := range []bool{false, true} {
			got, want := c.clone(), c.clone()
			GemmT(m, n, k, a.data, a.ld, bt.data, bt.ld, acc, got.data, got.ld)
			Gemm(m, n, k, a.data, a.ld, 1, b.data, b.ld, acc, want.data, want.ld)
			what := fmt.Sprintf("%d×%d·%d acc=%v", m, n, k, acc)
			got.intact(t, what)
			got.sameBits(t, what, want.at)
		}
	}
}

// TestGemmAgainstGonum is a second, independent oracle, within a tolerance.
func TestGemmAgainstGonum(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 10))
		const m, n, k = 61, 130, 300
		a, b, c := newMatrix[float64](rng, m, k, k), newMatrix[float64](rng, k, n, n), newMatrix[float64](rng, m, n, n)
		Gemm(m, n, k, a.data, k, 1, b.data, n, false, c.data, n)
		var want mat.Dense
		want.Mul(mat.NewDense(m, k, a.data), mat.NewDense(k, n, b.data))
		assert.InDeltaSlice(t, want.RawMatrix().Data, c.data, 1e-12)
	})
}
