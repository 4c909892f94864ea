//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/blas"
)

// here is the best library of the machine, or the one whose path is in the environment, or it skips the test.
func here(t testing.TB) *library {
	t.Helper()
	o, l := best()
	if l == nil {
		t.Skipf("no fast BLAS on this machine: %s", o)
	}
	return l
}

var best = sync.OnceValues(func() (outcome, *library) {
	if path := os.Getenv(Variable); named(path) {
		return choose(system(), path, nil)
	}
	return choose(system(), "auto", system().candidates())
})

func TestRegistered(t *testing.T) {
	if found.taken == nil {
		t.Skip(Status())
	}
	require.NotNil(t, blas.Registered())
	assert.Equal(t, found.taken.name(), blas.Registered().Name())
	assert.Contains(t, Status(), found.taken.path)
}

// TestProducts draws real numbers, of which the self-test has none, and sizes of its own, zero included.
func TestProducts(t *testing.T) {
	l := here(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][3]int{{0, 3, 2}, {3, 0, 2}, {3, 2, 0}, {1, 1, 1}, {4, 1, 9}, {2, 31, 8}, {64, 64, 64}, {65, 33, 129}, {130, 257, 66}} {
		for mode := range 12 {
			ta, tb, beta := mode&1 == 1, mode&2 == 2, []float64{0, 1, -0.75}[mode/4]
			products(t, l.Dgemm, rng, s, ta, tb, beta, 1e-14)
			products(t, l.Sgemm, rng, s, ta, tb, float32(beta), 1e-5)
		}
	}
}

func products[T blas.Float](t *testing.T, gemm product[T], rng *rand.Rand, s [3]int, ta, tb bool, beta T, tol float64) {
	t.Helper()
	m, n, k := s[0], s[1], s[2]
	draw := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = T(rng.NormFloat64())
		}
		return x
	}
	lda, ldb, ldc := k+rng.IntN(3), n+rng.IntN(3), n+rng.IntN(3)
	ra, rb := m, k
	if ta {
		lda, ra = m+rng.IntN(3), k
	}
	if tb {
		ldb, rb = k+rng.IntN(3), n
	}
	a, b, c := draw(ra*lda), draw(rb*ldb), draw(m*ldc)
	want := append([]T(nil), c...)
	plain(ta, tb, m, n, k, a, lda, b, ldb, beta, want, ldc)
	gemm(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc)
	size, gap := 0.0, 0.0
	for i := range c {
		size, gap = max(size, math.Abs(float64(want[i]))), max(gap, math.Abs(float64(want[i]-c[i])))
	}
	assert.LessOrEqual(t, gap, tol*size, "%v %v %v beta %v", s, ta, tb, beta)
	if k > 0 && m*n > 0 {
		// A product with the wrong transposition, or none, is seen.
		a[0] += 1
		plain(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc)
		assert.NotEqual(t, want, c)
	}
}

func TestLargeIntegersAreComputedInGo(t *testing.T) {
	l := *here(t)
	l.limit = 4
	l.dgemm, l.sgemm = 0, 0 // a call would panic
	products(t, l.Dgemm, rand.New(rand.NewPCG(1, 2)), [3]int{5, 2, 3}, true, false, 1, 0)
	products(t, l.Sgemm, rand.New(rand.NewPCG(1, 2)), [3]int{2, 3, 5}, false, true, 1, 0)
	assert.Panics(t, func() { l.Dgemm(false, false, 1, 1, 1, []float64{1}, 1, []float64{1}, 1, 0, []float64{1}, 1) })
}

func TestSizeError(t *testing.T) {
	l := here(t)
	x := make([]float64, 12)
	for _, c := range []struct {
		name string
		f    func()
	}{
		{"A", func() { l.Dgemm(false, false, 4, 1, 4, x, 4, x, 1, 0, x, 1) }},
		{"A", func() { l.Dgemm(false, false, 3, 1, 4, x, 3, x, 1, 0, x, 1) }},
		{"A", func() { l.Dgemm(false, false, -1, 1, 4, x, 4, x, 1, 0, x, 1) }},
		{"A", func() { l.Dgemm(true, false, 13, 1, 1, x, 13, x, 1, 0, x, 1) }},
		{"A", func() { l.Dgemm(false, false, 3, 1, 4, x, math.MaxInt, x, 1, 0, x, 1) }},
		{"B", func() { l.Dgemm(false, true, 3, 4, 4, x, 4, x, 4, 0, x, 4) }},
		{"C", func() { l.Dgemm(false, false, 3, 4, 1, x, 1, x, 4, 0, x, 5) }},
		{"C", func() { l.Dgemm(false, false, 3, 4, 0, x, 1, x, 4, 0, x, 0) }},
	} {
		func() {
			defer func() {
				e, ok := recover().(*SizeError)
				if assert.True(t, ok) {
					assert.Equal(t, c.name, e.Operand)
					assert.Contains(t, e.Error(), c.name+" is ")
				}
			}()
			c.f()
		}()
	}
	assert.NotPanics(t, func() { l.Dgemm(false, false, 3, 4, 1, x, 1, x, 4, 0, make([]float64, 14), 5) })
}

func TestNoAllocation(t *testing.T) {
	l := here(t)
	a, b, c := make([]float64, 400), make([]float64, 400), make([]float64, 400)
	x, y, z := make([]float32, 400), make([]float32, 400), make([]float32, 400)
	assert.Zero(t, testing.AllocsPerRun(200, func() {
		l.Dgemm(false, true, 20, 20, 20, a, 20, b, 20, 0, c, 20)
		l.Sgemm(true, false, 20, 20, 20, x, 20, y, 20, 1, z, 20)
	}))
}

// TestManyAtOnce makes far more calls at a time than a library has buffers for.
func TestManyAtOnce(t *testing.T) {
	l := here(t)
	const n = 96
	rng := rand.New(rand.NewPCG(3, 4))
	a, b := make([]float64, n*n), make([]float64, n*n)
	for i := range a {
		a[i], b[i] = rng.NormFloat64(), rng.NormFloat64()
	}
	want := make([]float64, n*n)
	l.Dgemm(false, true, n, n, n, a, n, b, n, 0, want, n)
	var wg sync.WaitGroup
	for range 300 {
		wg.Go(func() {
			c := make([]float64, n*n)
			for range 3 {
				l.Dgemm(false, true, n, n, n, a, n, b, n, 0, c, n)
				if !slices.Equal(want, c) {
					t.Error("a product differs from the same alone")
				}
			}
		})
	}
	wg.Wait()
}

// The rows of one matrix may be written by several goroutines, as workers do; under the race
// detector this also tests that what C writes is announced row by row.
func TestDisjointColumnsAtOnce(t *testing.T) {
	l := here(t)
	const n = 40
	a := make([]float64, n*n)
	for i := range a {
		a[i] = float64(i % 7)
	}
	c, want := make([]float64, n*n), make([]float64, n*n)
	l.Dgemm(false, false, n, n, n, a, n, a, n, 0, want, n)
	var wg sync.WaitGroup
	for j := 0; j < n; j += n / 4 {
		wg.Go(func() { l.Dgemm(false, false, n, n/4, n, a, n, a[j:], n, 0, c[j:], n) })
	}
	wg.Wait()
	assert.Equal(t, want, c)
}
