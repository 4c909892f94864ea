package blas

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/quivernet/quivernet/internal/cpu"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLaw is the promise of the package: an entry of a large product has the same bits in a product of its row and
// its column alone.
func TestLaw(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		t.Run("float64", testLaw[float64])
		t.Run("float32", testLaw[float32])
	})
}

func testLaw[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, s := range [][3]int{{70, 133, 700}, {13, 300, 5}, {3, 128, 4}} {
		m, n, k := s[0], s[1], s[2]
		a, b := newMatrix[T](rng, m, k, k), newMatrix[T](rng, k, n, n)
		c, swapped := newMatrix[T](rng, m, n, n), newMatrix[T](rng, m, n, n)
		Gemm(m, n, k, a.data, k, 1, b.data, n, false, c.data, n)
		differ := 0
		for i := range m {
			for j := range n {
				one := make([]T, 1)
				Gemm(1, 1, k, a.data[i*k:], k, 1, b.data[j:], n, false, one, 1)
				require.Equal(t, one[0], c.at(i, j))
			}
		}
		// The control: the same sums from the last term to the first have other bits.
		for p := k - 1; p >= 0; p-- {
			Gemm(m, n, 1, a.data[p:], k, 1, b.data[p*n:], n, p < k-1, swapped.data, n)
		}
		for i, v := range c.data {
			if v != swapped.data[i] {
				differ++
			}
		}
		assert.Greater(t, differ, m*n/10)
	}
}

// TestAllocations: nothing is allocated in steady state.
func TestAllocations(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		t.Run("float64", testAllocations[float64])
		t.Run("float32", testAllocations[float32])
	})
}

func testAllocations[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	large := 300 // in blocks
	if level == cpu.Go {
		large = 40
	}
	for _, d := range []int{4, large} {
		a, b, c := random[T](rng, d*d), random[T](rng, d*d), random[T](rng, d*d)
		assert.Zero(t, testing.AllocsPerRun(10, func() {
			Gemm(d, d, d, a, d, 1, b, d, true, c, d)
			Gemm(d, d, d, a, 1, d, b, d, false, c, d)
			GemmT(d, d, d, a, d, b, d, false, c, d)
			Dots(d, d, d, a, d, b, d, false, c, d)
			Transpose(d, d, a, d, c, d)
		}))
	}
}

// TestConcurrent: products that run at the same time do not share their copies of B.
func TestConcurrent(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(13, 14))
		const m, n, callers = 260, 70, 4
		k := 300 // in blocks
		if level == cpu.Go {
			k = 20
		}
		a, b := random[float32](rng, m*k), random[float32](rng, k*n)
		want := make([]float32, m*n)
		Gemm(m, n, k, a, k, 1, b, n, false, want, n)
		var got [callers][]float32
		var wg sync.WaitGroup
		for i := range got {
			got[i] = make([]float32, m*n)
			wg.Go(func() {
				for range 5 {
					Gemm(m, n, k, a, k, 1, b, n, false, got[i], n)
				}
			})
		}
		wg.Wait()
		for i := range got {
			assert.Equal(t, want, got[i])
		}
	})
}

// TestLong: products so long that they are cut. The numbers are small integers, so that the sums are exact.
func TestLong(t *testing.T) {
	const m, n, k = 101, 1700, 400
	a, b, c := make([]float64, m*k), make([]float64, n*k), make([]float64, m*n)
	for i := range a {
		a[i] = float64(i / k)
	}
	for i := range b {
		b[i] = 1
	}
	eachLevel(t, func(t *testing.T) {
		for _, f := range []func(){
			func() { Gemm(m, n, k, a, k, 1, b, n, false, c, n) },
			func() { GemmT(m, n, k, a, k, b, k, false, c, n) },
			func() { Dots(m, n, k, a, k, b, k, false, c, n) },
		} {
			if level == cpu.Go {
				continue // does not cut
			}
			clear(c)
			f()
			for i, v := range c {
				if v != float64(i/n)*k {
					t.Fatalf("entry (%d,%d) is %v", i/n, i%n, v)
				}
			}
		}
	})
}
