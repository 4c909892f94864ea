package blas

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quivernet/quivernet/internal/cpu"
	"github.com/stretchr/testify/require"
)

// eachLevel runs a test on every set of kernels that this processor has.
func eachLevel(t *testing.T, f func(t *testing.T)) {
	best := level
	t.Cleanup(func() { level = best })
	for l := cpu.Go; l <= best; l++ {
		level = l
		t.Run(l.String(), f)
	}
}

// matrix is an r×c block inside an array of NaN: before it, between its rows and behind it.
// data begins at its first and ends at its last element.
type matrix[T Float] struct {
	r, c, ld int
	data     []T
	all      []T
}

const guard = 40

func newMatrix[T Float](rng *rand.Rand, r, c, ld int) matrix[T] {
	n := 0
	if r > 0 && c > 0 {
		n = int(span(r, c, ld))
	}
	all := make([]T, n+2*guard)
	for i := range all {
		all[i] = T(math.NaN())
	}
	m := matrix[T]{r, c, ld, all[guard : guard+n : guard+n], all}
	for i := range r {
		for j := range c {
			m.data[i*ld+j] = T(rng.NormFloat64())
		}
	}
	return m
}

func (m matrix[T]) at(i, j int) T { return m.data[i*m.ld+j] }

func (m matrix[T]) clone() matrix[T] {
	all := append([]T(nil), m.all...)
	return matrix[T]{m.r, m.c, m.ld, all[guard : guard+len(m.data) : guard+len(m.data)], all}
}

// intact fails unless everything around the block is still NaN and everything in it is a number.
func (m matrix[T]) intact(t *testing.T, what string) {
	t.Helper()
	for i, v := range m.all {
		p := i - guard
		in := p >= 0 && p < len(m.data) && p%m.ld < m.c
		if in != (v == v) {
			require.Fail(t, fmt.Sprintf("%s: %d×%d, stride %d: element %d is %v", what, m.r, m.c, m.ld, p, v))
		}
	}
}

// step is one term of a sum as the kernels of this level add it.
func step[T Float](x, y, s T) T {
	if level == cpu.Go {
		return s + T(x*y)
	}
	switch any(s).(type) {
	case float64:
		return T(math.FMA(float64(x), float64(y), float64(s)))
	}
	return T(fma32(float32(x), float32(y), float32(s)))
}

// fma32 is x·y+s rounded once. The product is exact in float64; the sum is rounded to odd there, so
// that rounding it again to float32 does no harm (Boldo and Melquiond, IEEE TC 57(4), 2008).
func fma32(x, y, s float32) float32 {
	p, q := float64(x)*float64(y), float64(s)
	sum := p + q
	v := sum - p
	rest := (p - (sum - v)) + (q - v)
	if rest != 0 && math.Float64bits(sum)&1 == 0 {
		if (rest > 0) == (sum > 0) {
			sum = math.Float64frombits(math.Float64bits(sum) + 1)
		} else {
			sum = math.Float64frombits(math.Float64bits(sum) - 1)
		}
	}
	return float32(sum)
}

// some calls f for every entry of a small block and for 600 of a large one.
func (m matrix[T]) some(f func(i, j int)) {
	if m.r*m.c <= 600 {
		for i := range m.r {
			for j := range m.c {
				f(i, j)
			}
		}
		return
	}
	rng := rand.New(rand.NewPCG(uint64(m.r), uint64(m.c)))
	for range 600 {
		f(rng.IntN(m.r), rng.IntN(m.c))
	}
	f(m.r-1, m.c-1)
}

// sameBits fails unless the block equals want, signs of zero included.
func (m matrix[T]) sameBits(t *testing.T, what string, want func(i, j int) T) {
	t.Helper()
	m.some(func(i, j int) {
		g, w := m.at(i, j), want(i, j)
		if g != w || math.Signbit(float64(g)) != math.Signbit(float64(w)) {
			require.Fail(t, fmt.Sprintf("%s: entry (%d,%d) of %d×%d is %v, want %v", what, i, j, m.r, m.c, g, w))
		}
	})
}
