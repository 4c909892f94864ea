package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestTranspose compares with the definition, inside blocks of NaN.
func TestTranspose(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		t.Run("float64", testTranspose[float64])
		t.Run("float32", testTranspose[float32])
	})
}

func testTranspose[T Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, r := range []int{0, 1, 3, 8, 15, 16, 17, 33, 64, 700} {
		for _, c := range []int{0, 1, 2, 7, 8, 16, 31, 33, 64, 100, 900} {
			what := fmt.Sprintf("%d×%d", r, c)
			a, d := newMatrix[T](rng, r, c, c+rng.IntN(3)), newMatrix[T](rng, c, r, r+rng.IntN(3))
			Transpose(r, c, a.data, a.ld, d.data, d.ld)
			d.intact(t, what)
			d.sameBits(t, what, func(i, j int) T { return a.at(j, i) })
			wide, e := newMatrix[float64](rng, r, c, c+1), newMatrix[float32](rng, c, r, r+1)
			NarrowTranspose(r, c, wide.data, wide.ld, e.data, e.ld)
			e.intact(t, what)
			e.sameBits(t, what, func(i, j int) float32 { return float32(wide.at(j, i)) })
		}
	}
}

// TestConvert compares with Go's own conversion, special values at every place.
func TestConvert(t *testing.T) {
	special := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), 1e300, -1e300, 1e-300, 1e-44, -1.4e-45, 7e-46, 1 + 0x1p-24, 1 + 0x1p-23 + 0x1p-24,
		math.MaxFloat32, math.MaxFloat64, math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat32}
	rng := rand.New(rand.NewPCG(3, 4))
	eachLevel(t, func(t *testing.T) {
		for n := range 100 {
			src, dst := newMatrix[float64](rng, 1, n, n+1), newMatrix[float32](rng, 1, n, n+1)
			for i := range src.data {
				if rng.IntN(2) == 0 {
					src.data[i] = special[rng.IntN(len(special))]
				}
			}
			Narrow(dst.data, src.data)
			dst.intact(t, "Narrow")
			dst.sameBits(t, "Narrow", func(_, j int) float32 { return float32(src.data[j]) })
			back := newMatrix[float64](rng, 1, n, n+1)
			Widen(back.data, dst.data)
			back.intact(t, "Widen")
			back.sameBits(t, "Widen", func(_, j int) float64 { return float64(dst.data[j]) })
		}
		// Longer than a piece.
		long := make([]float64, 1<<17+5)
		for i := range long {
			long[i] = float64(i) + 1.0/3
		}
		short, back := make([]float32, len(long)), make([]float64, len(long))
		Narrow(short, long)
		Widen(back, short)
		for i, v := range long {
			if short[i] != float32(v) || back[i] != float64(short[i]) {
				t.Fatalf("%d: %v is narrowed to %v and widened to %v", i, v, short[i], back[i])
			}
		}
		wide := []float64{0}
		narrow := []float32{0}
		Narrow(narrow, []float64{math.NaN()})
		Widen(wide, narrow)
		assert.True(t, math.IsNaN(wide[0]))
	})
}
