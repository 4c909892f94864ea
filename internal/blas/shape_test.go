package blas

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestShapes: each wrong operand is named, nothing is written, and the exact length is enough.
func TestShapes(t *testing.T) {
	x := make([]float64, 100)
	nan := []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	for _, c := range []struct {
		name, operand string
		need          int
		f             func()
	}{
		{"a", "a", 12, func() { Gemm(3, 3, 4, x[:11], 4, 1, x, 3, false, nan[:9], 3) }},
		{"aᵀ", "a", 12, func() { Gemm(3, 3, 4, x[:11], 1, 3, x, 3, false, nan[:9], 3) }},
		{"b", "b", 15, func() { Gemm(3, 3, 4, x, 4, 1, x[:14], 4, false, nan[:9], 3) }},
		{"c", "c", 11, func() { Gemm(3, 3, 4, x, 4, 1, x, 3, false, nan[:10], 4) }},
		{"c with k = 0", "c", 11, func() { Gemm(3, 3, 0, x, 4, 1, x, 3, false, nan[:10], 4) }},
		{"rows of c overlap", "c", 0, func() { Gemm(3, 3, 4, x, 4, 1, x, 3, false, nan[:9], 2) }},
		{"negative stride", "b", 0, func() { Gemm(3, 3, 4, x, 4, 1, x, -1, false, nan[:9], 3) }},
		{"huge stride", "a", 0, func() { Gemm(3, 3, 4, x, math.MaxInt, 1, x, 3, false, nan[:9], 3) }},
		{"huge column stride", "a", 0, func() { Gemm(3, 3, 4, x, 4, math.MaxInt, x, 3, false, nan[:9], 3) }},
		{"negative size", "", 0, func() { Gemm(3, -3, 4, x, 4, 1, x, 3, false, nan[:9], 3) }},
		{"huge size", "", 0, func() { Gemm(math.MaxInt, 3, 4, x, 4, 1, x, 3, false, nan[:9], 3) }},
		{"affine b", "b", 12, func() { Affine(3, 3, 4, x, 4, 1, x[:11], 3, x[:3], nan[:9], 3) }},
		{"affine bias", "bias", 3, func() { Affine(3, 3, 4, x, 4, 1, x, 3, x[:4], nan[:9], 3) }},
		{"dots a", "a", 12, func() { Dots(3, 3, 4, x[:11], 4, x, 4, false, nan[:9], 3) }},
		{"dots b", "b", 12, func() { Dots(3, 3, 4, x, 4, x[:11], 4, false, nan[:9], 3) }},
		{"dots c", "c", 9, func() { Dots(3, 3, 4, x, 4, x, 4, false, nan[:8], 3) }},
		{"dots size", "", 0, func() { Dots(3, 3, -4, x, 4, x, 4, false, nan[:9], 3) }},
		{"gemmT b", "b", 12, func() { GemmT(3, 3, 4, x, 4, x[:11], 4, false, nan[:9], 3) }},
		{"transpose a", "a", 6, func() { Transpose(2, 3, x[:5], 3, nan, 2) }},
		{"transpose dst", "dst", 6, func() { Transpose(2, 3, x, 3, nan[:5], 2) }},
		{"transpose overlap", "dst", 0, func() { Transpose(2, 3, x, 3, nan, 1) }},
		{"widen", "dst", 3, func() { Widen(nan[:2], make([]float32, 3)) }},
		{"narrow", "dst", 11, func() { Narrow(make([]float32, 2), nan) }},
		{"narrow transpose", "a", 6, func() { NarrowTranspose(2, 3, x[:5], 3, make([]float32, 6), 2) }},
	} {
		if strings.HasPrefix(c.name, "huge") && !roomy {
			continue // no int is huge
		}
		err := func() (err *ShapeError) {
			defer func() { err, _ = recover().(*ShapeError) }()
			c.f()
			return nil
		}()
		require.NotNil(t, err, c.name)
		assert.Equal(t, c.operand, err.Operand, c.name)
		assert.Equal(t, c.need, err.Need, c.name)
		assert.Contains(t, err.Error(), "blas: "+err.Op)
		assert.Contains(t, err.Error(), c.operand)
	}
	assert.Equal(t, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, nan)
	eachLevel(t, func(t *testing.T) {
		Gemm(3, 3, 4, x[:12], 4, 1, x[20:32], 3, false, x[40:49], 3)
		Gemm[float64](0, 3, 4, nil, 4, 1, x, 3, false, nil, 3)
		Gemm[float64](3, 0, 4, nil, 4, 1, nil, 0, false, nil, 0)
		Dots[float32](0, 0, 0, nil, 0, nil, 0, false, nil, 0)
		c := []float64{1, 2, 3, 4, 5, 6, 7, 8}
		Gemm(2, 3, 0, nil, 0, 1, nil, 3, true, c, 4)
		assert.Equal(t, []float64{1, 2, 3, 4, 5, 6, 7, 8}, c)
		Gemm(2, 3, 0, nil, 0, 1, nil, 3, false, c, 4)
		assert.Equal(t, []float64{0, 0, 0, 4, 0, 0, 0, 8}, c)
	})
}
