package layers

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/internal/trials"
)

// reducedSine is sin(x) in 600-bit arithmetic, for x up to 1e120.
func reducedSine(x float64) num {
	turn := bscale(2, bpi())
	k, _ := bdiv(bf(x), turn).Int(nil)
	return taylor("sin", bsub(bf(x), bmul(new(big.Float).SetPrec(bits).SetInt(k), turn)), 0)[0]
}

// truth returns h(x) with 600 bits.
func truth(h Func, x float64) num {
	if math.Abs(x) < 1e-60 { // where 600 bits are too few, two terms of the series are enough
		if h == Squash {
			return bmul(bf(x), bf(x))
		}
		c := taylor(h.String(), bf(0), 1)
		return badd(c[0], bmul(c[1], bf(x)))
	}
	if h == Sin {
		return reducedSine(x)
	}
	return taylor(h.String(), bf(x), 0)[0]
}

// TestRangeHoldsTheTruth: the enclosure of a point, and of a short interval around it, contains
// the value that 600 bits give, for points where digits are lost: tails, denormal numbers, zeros of
// the sine, arguments of 10⁶.
func TestRangeHoldsTheTruth(t *testing.T) {
	rng := newRand(5)
	points, narrow := 0, 0
	for _, h := range []Func{Tanh, Sigmoid, Softplus, SiLU, Arctan, Squash, Exp, Sin, GELU} {
		special := []float64{0, 5e-324, -5e-324, 1e-320, -1e-310, 1e-200, -1e-160, 1e-9, 0.625, -0.625, -6.5, -6.9, -7, -8.5, -12}
		for k := range trials.Count(40, 3000) {
			x := 30 * (rng.Float64() - 0.5)
			switch {
			case k < len(special):
				x = special[k]
			case k%4 == 0:
				x = math.Copysign(math.Exp(-700*rng.Float64()), x)
			case k%4 == 1 && h == Sin:
				x = math.Round(1e9*rng.Float64()) * math.Pi
			}
			if h == GELU {
				x = math.Max(-13, math.Min(13, x))
			}
			want := truth(h, x)
			least, most := Range(h, x, x)
			points++
			require.True(t, bf(least).Cmp(want) <= 0 && want.Cmp(bf(most)) <= 0, "%s(%v) = %v outside [%v, %v]", h, x, want.Text('g', 25), least, most)
			if y := math.Abs(h.Value(x)); most-least <= 1e-12*y {
				narrow++
			}
			lo, hi := math.Nextafter(x, -1e9), math.Nextafter(x, 1e9)
			least, most = Range(h, lo, hi)
			require.True(t, bf(least).Cmp(want) <= 0 && want.Cmp(bf(most)) <= 0, "%s around %v", h, x)
			if h != Sin { // of which the range is taken to be symmetric
				require.LessOrEqual(t, most-least, 1e-9*(1+math.Abs(h.Value(x))), "%s around %v", h, x)
			}
		}
	}
	t.Logf("%d points, %d enclosures of 12 digits", points, narrow)
	assert.Greater(t, narrow, points/2)
}

// TestRangeOfLines: slopes that are not ±1 are rounded, and may underflow; zero stays zero.
func TestRangeOfLines(t *testing.T) {
	rng := newRand(6)
	for k := range trials.Count(2000, 100000) {
		slope, x := rng.NormFloat64(), -math.Exp(700*(2*rng.Float64()-1))
		if k%5 == 0 {
			x = -float64(k%40) * math.SmallestNonzeroFloat64
		}
		h := LeakyReLU(slope)
		want := bmul(bf(slope), bf(x))
		least, most := Range(h, x, x)
		require.True(t, bf(least).Cmp(want) <= 0 && want.Cmp(bf(most)) <= 0, "%v·%v", slope, x)
	}
	for _, h := range []Func{ReLU, Abs, StepReLU, LeakyReLU(0.3), Tanh, GELU, Square, Squash} {
		least, most := Range(h, 0, 0)
		assert.Zero(t, least, h.String())
		assert.Zero(t, most, h.String())
	}
	least, most := Range(ReLU, -1e308, 3)
	assert.Equal(t, [2]float64{0, 3}, [2]float64{least, most})
}

// TestSineOfAnySize: suprema over intervals far out, where numbers lie further apart than the
// zeros of the sine; they end, and hold.
func TestSineOfAnySize(t *testing.T) {
	for _, tc := range []struct{ lo, hi, h float64 }{
		{1e17, 1e17, 0.4645301048353727}, {-1e17, -1e17, 0.4645301048353727}, {1e300, 1e300, 0.8178819121159085},
		{1e16, 1e16 + 2, 0.8938378287657306}, // between (3183098861837906.72)π and (…07.35)π, no crest
		{1e16 + 2, 1e16 + 4, 1},              // up to (…07.99)π: the crest at (…07.5)π lies between
		{1e15, 1e15 + 1, 0.8582727931702358}, {1e17, 1e18, 1}, {-1e300, 1e300, 1}, {0, math.MaxFloat64, 1},
		{math.Inf(-1), math.Inf(1), 1}, {3, math.Inf(1), 1},
	} {
		least, most := Range(Sin, tc.lo, tc.hi)
		assert.InDelta(t, -tc.h, least, 1e-9, "%v", tc)
		assert.InDelta(t, tc.h, most, 1e-9, "%v", tc)
	}
	for _, a := range []func(lo, hi float64) (float64, float64){Radial(Sin).(interface {
		Lipschitz(lo, hi float64) (float64, float64)
	}).Lipschitz, Pointwise(Sin).(interface {
		Lipschitz(lo, hi float64) (float64, float64)
	}).Lipschitz} {
		for _, r := range []float64{1e16, 1e17, 1e200, 1e300, math.MaxFloat64, math.Inf(1)} {
			lip, sup := a(r, r)
			assert.False(t, math.IsNaN(lip) || math.IsNaN(sup), "%v", r)
			assert.LessOrEqual(t, lip, 1.0)
		}
		a(math.NaN(), math.NaN())
		a(math.NaN(), 1e17)
	}
	rng := newRand(8)
	for range trials.Count(300, 20000) { // no value within lies outside
		lo := math.Exp(80 * rng.Float64())
		hi := lo * (1 + math.Exp(-40*rng.Float64()))
		least, most := Range(Sin, lo, hi)
		for range 20 {
			x := math.Min(hi, lo+(hi-lo)*rng.Float64())
			y := math.Sin(x)
			require.True(t, least <= y && y <= most, "sin %v on [%v, %v]", x, lo, hi)
		}
	}
}

// TestEveryFunctionEnds: enclosures and constants of every function end for the largest and the
// smallest numbers, infinite ones and what is no number.
func TestEveryFunctionEnds(t *testing.T) {
	values := []float64{0, 5e-324, 1, 1e17, 1e300, math.MaxFloat64, math.Inf(1), math.NaN()}
	for _, v := range values {
		values = append(values, -v)
	}
	for _, h := range allFuncs() {
		for _, lo := range values {
			for _, hi := range values {
				Range(h, lo, hi)
				Line(h, lo, hi)
				scalar.Suprema(h, lo, hi, math.Inf(-1))
				scalar.RadialSuprema(h, lo, hi)
				scalar.RatioSupremum(h, lo, hi)
			}
		}
	}
}
