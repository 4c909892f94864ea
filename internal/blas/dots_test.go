package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDots compares with gonum within a tolerance, and row by row bit for bit.
func TestDots(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		t.Run("float64", func(t *testing.T) { testDots[float64](t, 1e-13) })
		t.Run("float32", func(t *testing.T) { testDots[float32](t, 1e-5) })
	})
}

func testDots[T Float](t *testing.T, tol float64) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, s := range append(gemmSizes(rng), [3]int{5, 9000, 11}, [3]int{6, 700, 101}) {
		m, k, n := s[0], s[1], s[2]
		a, b, c := newMatrix[T](rng, m, k, k+rng.IntN(3)), newMatrix[T](rng, n, k, k+1), newMatrix[T](rng, m, n, n+2)
		for _, acc := range []bool{false, true} {
			got := c.clone()
			Dots(m, n, k, a.data, a.ld, b.data, b.ld, acc, got.data, got.ld)
			what := fmt.Sprintf("%d×%d·%d acc=%v", m, n, k, acc)
			got.intact(t, what)
			if k == 0 {
				continue
			}
			got.sameBits(t, what, func(i, j int) T {
				one := []T{c.at(i, j)}
				Dots(1, 1, k, a.data[i*a.ld:], a.ld, b.data[j*b.ld:], b.ld, acc, one, 1)
				return one[0]
			})
			got.some(func(i, j int) {
				w, size := 0.0, 1.0
				if acc {
					w = float64(c.at(i, j))
				}
				for p := range k {
					x := float64(a.at(i, p)) * float64(b.at(j, p))
					w += x
					size += math.Abs(x)
				}
				if math.Abs(w-float64(got.at(i, j))) > tol*size {
					require.Fail(t, fmt.Sprintf("%s: entry (%d,%d) is %v, want %v", what, i, j, got.at(i, j), w))
				}
			})
		}
	}
}
