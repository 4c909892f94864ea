package blas

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/mat"
)

func random[T Float](rng *rand.Rand, n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(rng.NormFloat64())
	}
	return x
}

// TestProducts compares all three products with gonum's, sizes around the
// crossover and zero included.
func TestProducts(t *testing.T) { eachLevel(t, testProducts) }

func testProducts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 3, 20} {
		for _, m := range []int{0, 1, 11, 17} {
			for _, k := range []int{0, 1, 11, 12, 13, 40} {
				product[float64](t, rng, n, m, k, 1e-13)
				product[float32](t, rng, n, m, k, 1e-4)
			}
		}
	}
}

func product[T Float](t *testing.T, rng *rand.Rand, n, m, k int, tol float64) {
	t.Helper()
	wide := func(x []T, r, c int) mat.Matrix {
		d := mat.NewDense(r, c, nil)
		for i := range r {
			for j := range c {
				d.Set(i, j, float64(x[i*c+j]))
			}
		}
		return d
	}
	check := func(name string, got, c0 []T, r, c int, a, b mat.Matrix) {
		var want mat.Dense
		want.Mul(a, b)
		for i := range got {
			w := float64(c0[i]) + want.At(i/c, i%c)
			assert.InDelta(t, w, float64(got[i]), tol, "%s %d×%d·%d", name, n, m, k)
		}
		_ = r
	}
	if n*m*k == 0 {
		c := random[T](rng, n*m)
		want := append([]T{}, c...)
		NT(c, random[T](rng, n*k), random[T](rng, m*k), n, m, k)
		assert.Equal(t, want, c)
		return
	}
	a, b := random[T](rng, n*k), random[T](rng, m*k)
	c := random[T](rng, n*m)
	c0 := append([]T(nil), c...)
	NT(c, a, b, n, m, k)
	check("NT", c, c0, n, m, wide(a, n, k), wide(b, m, k).T())

	a, b = random[T](rng, n*m), random[T](rng, m*k)
	c = random[T](rng, n*k)
	c0 = append([]T(nil), c...)
	NN(c, a, b, n, m, k)
	check("NN", c, c0, n, k, wide(a, n, m), wide(b, m, k))

	b = random[T](rng, n*k)
	c = random[T](rng, m*k)
	c0 = append([]T(nil), c...)
	TN(c, a, b, n, m, k)
	check("TN", c, c0, m, k, wide(a, n, m).T(), wide(b, n, k))
}

// TestRowsStandAlone is the promise of the package: a row has the same bits alone.
func TestRowsStandAlone(t *testing.T) { eachLevel(t, testRowsStandAlone) }

func testRowsStandAlone(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, k := range []int{1, 5, 12, 64, 257} {
		const n, m = 130, 33
		a, b := random[float64](rng, n*k), random[float64](rng, m*k)
		all := make([]float64, n*m)
		NT(all, a, b, n, m, k)
		for i := range n {
			row := make([]float64, m)
			NT(row, a[i*k:(i+1)*k], b, 1, m, k)
			assert.Equal(t, all[i*m:(i+1)*m], row)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	a, b, c := random[float32](rng, 400), random[float32](rng, 400), random[float32](rng, 400)
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		NT(c, a, b, 20, 20, 20)
		NN(c, a, b, 20, 20, 20)
		TN(c, a, b, 20, 20, 20)
	}))
}
