package verify

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

// TestDifferenceNoise: a slope of 1 beside a number c has an error of at least 2⁻⁴⁸·c/h, and is decided while that is below a millionth of it.
func TestDifferenceNoise(t *testing.T) {
	for c, want := range map[float64]bool{1e6: true, 4e6: false} { // with the largest step, 0.01: 3.6e-7 and 1.4e-6
		d := differentiate(func(t float64) []float64 { return []float64{c + t} })
		assert.Equal(t, want, d.decided[0], "beside %v", c)
	}
	// A bend by 5.1e-12 within 5e-6 of 0: the step 0.01 sees no more of it than rounding beside 1023 may be, and nor does 0.01/7.3; 0.01/997
	// sees more. So the next step decides, whose last part stands within the bend. Beside 32736 the bend is noise for all of them.
	const width = 5e-6
	bend := func(t float64) float64 { return 1.4 * 1023 * 0x1p-48 * math.Max(-1, math.Min(t/width, 1)) }
	d := differentiate(func(t float64) []float64 { return []float64{1023 + t + bend(t), 32736 + t + bend(t)} })
	assert.Equal(t, []bool{true, true}, d.decided)
	assert.InEpsilon(t, (1.5*bend(1)+1023*0x1p-48)/1e-3, d.err[0], 0.15)
	assert.InEpsilon(t, (1.5*bend(1)+32736*0x1p-48)/1e-2, d.err[1], 0.15)
}
