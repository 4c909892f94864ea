package cpu

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		wish       string
		have, want Level
	}{
		{"", AVX512, AVX512}, {"go", AVX512, Go}, {"avx2", AVX512, AVX2}, {"avx512", AVX2, AVX2}, {"avx2", Go, Go}, {"nonsense", AVX2, AVX2},
	} {
		assert.Equal(t, c.want, choose(c.wish, c.have), "%+v", c)
	}
	assert.Contains(t, Report(), Best.String())
}
