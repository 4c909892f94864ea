package graph

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestDifferentiate: smooth functions are decided and right, also beside a kink; a kink or a
// jump at the point itself is not decided; a wrong derivative shows.
func TestDifferentiate(t *testing.T) {
	smooth := func(t float64) []float64 {
		return []float64{math.Sin(1 + t), math.Exp(2 * t), 1e6 + math.Tanh(t), t * math.Abs(t), 3}
	}
	want := []float64{math.Cos(1), 2, 1, 0, 0}
	d := differentiate(smooth)
	gap, decided := d.compare(want)
	assert.Equal(t, 4, decided, "1e6 + tanh t leaves too few digits")
	assert.LessOrEqual(t, gap, 1e-9)
	for i, x := range want {
		if d.decided[i] {
			wrong := append([]float64(nil), want...)
			wrong[i] = x + 1e-3*(1+math.Abs(x))
			gap, _ := d.compare(wrong)
			assert.Greater(t, gap, 1e-5, "component %d", i)
		}
	}
	for _, at := range []float64{1e-1, 3e-2, 1.5e-2, 2e-2 / 3, 1e-3, 1e-5, 1e-6} { // distance of a kink
		kink := func(t float64) []float64 { return []float64{t + 5*math.Max(0, t-at)} }
		gap, decided := differentiate(kink).compare([]float64{1})
		assert.Equal(t, 1, decided, "kink at %v", at)
		assert.LessOrEqual(t, gap, 1e-9, "kink at %v", at)
	}
	for _, f := range []func(float64) float64{math.Abs, func(t float64) float64 { return math.Max(0, t) }, func(t float64) float64 { return math.Floor(t) }, math.Cbrt} {
		_, decided := differentiate(func(t float64) []float64 { return []float64{f(t)} }).compare([]float64{0})
		assert.Zero(t, decided)
	}
	_, decided = differentiate(func(float64) []float64 { return []float64{math.NaN()} }).compare([]float64{0})
	assert.Zero(t, decided)
	gap, decided = differentiate(func(t float64) []float64 { return []float64{t} }).compare([]float64{math.NaN()})
	assert.Equal(t, 1, decided)
	assert.True(t, !(gap <= 1), "NaN is no derivative")
}
