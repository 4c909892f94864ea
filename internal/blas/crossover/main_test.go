package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestFrom: the crossover is the first octave from which the library wins for good.
func TestFrom(t *testing.T) {
	for _, c := range []struct {
		ratios []float64
		want   int64
	}{
		{[]float64{2, 2, 2}, 0},
		{[]float64{2, 0.5, 2}, 0},
		{[]float64{2, 0.5, 0.5}, 2},
		{[]float64{2, 0.96, 0.94}, 4},
		{[]float64{2, -1, 0.5, -1}, 4},
		{[]float64{0.5, -1, 0.5, -1}, 1},
		{[]float64{-1, -1}, 0},
	} {
		assert.Equal(t, c.want, from(c.ratios), "%v", c.ratios)
	}
}

// TestSource: a set of kernels that was not measured is taken to be like the one below it.
func TestSource(t *testing.T) {
	r := []result{{Library: "L1", From: map[string]int64{"gemm64": 64, "dots32": 8}}, {Library: "L2", From: map[string]int64{"gemm32": 128}}}
	text := source(r)
	assert.Contains(t, text, "// Kernels avx2 against L2.\n")
	assert.Contains(t, text, "cpu.Go:     {gemm64: 64, gemm32: never, dots64: never, dots32: 8},\n")
	assert.Contains(t, text, "cpu.AVX2:   {gemm64: never, gemm32: 128, dots64: never, dots32: never},\n")
	assert.Contains(t, text, "cpu.AVX512: {gemm64: never, gemm32: 128, dots64: never, dots32: never},\n")
}
