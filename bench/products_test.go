package main

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// Gorgonia gets the products that gonum would give it, whatever it asks for.
func TestProducts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	random := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		return x
	}
	var want gonum.Implementation
	for _, size := range [][3]int{{1, 1, 1}, {3, 5, 40}, {33, 65, 17}, {60, 20, 9}} {
		m, n, k := size[0], size[1], size[2]
		for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans} {
			for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans} {
				for _, scalars := range [][2]float64{{1, 0}, {1, 1}, {1, 0.5}, {2, 0}, {0, 1}} {
					lda, ldb := k, n
					if tA == blas.Trans {
						lda = m
					}
					if tB == blas.Trans {
						ldb = k
					}
					a, b, c := random(m*k), random(k*n), random(m*n)
					d := append([]float64(nil), c...)
					want.Dgemm(tA, tB, m, n, k, scalars[0], a, lda, b, ldb, scalars[1], c, n)
					products{}.Dgemm(tA, tB, m, n, k, scalars[0], a, lda, b, ldb, scalars[1], d, n)
					assert.InDeltaSlice(t, c, d, 1e-12)

					e, f := single(c), single(d)
					want.Sgemm(tA, tB, m, n, k, float32(scalars[0]), single(a), lda, single(b), ldb, float32(scalars[1]), e, n)
					products{}.Sgemm(tA, tB, m, n, k, float32(scalars[0]), single(a), lda, single(b), ldb, float32(scalars[1]), f, n)
					assert.InDeltaSlice(t, e, f, 1e-3)
				}
			}
		}
	}
}

func single(x []float64) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = float32(v)
	}
	return y
}
