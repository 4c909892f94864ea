package layers_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
)

// scalar are the functions of the catalogue, some with constants, and a user's.
var scalar = append(layers.Catalogue(),
	layers.LeakyReLU(0.1), layers.LeakyReLU(-2), layers.Power(3), layers.Power(0.5), layers.Power(-1),
	layers.Shift(layers.ReLU, 0.7), layers.Shift(layers.GELU, -1.3), layers.Shift(layers.Power(3), 1e3), bump{})

// bump is a user's function with a minimum of |h| that it need not list.
type bump struct{}

func (bump) String() string             { return "bump" }
func (bump) Value(x float64) float64    { return 1 + x*x/(1+x*x) }
func (bump) Slope(x float64) float64    { return 2 * x / ((1 + x*x) * (1 + x*x)) }
func (bump) Jet(c []float64, x float64) { layers.Squash.Jet(c, x); c[0]++ }
func (bump) Extrema() (at, jump []float64) {
	return []float64{-1 / math.Sqrt(3), 1 / math.Sqrt(3)}, nil
}

// TestRange: values at random points lie in the enclosure, and where the function belongs to the
// catalogue the enclosure is the range of many samples.
func TestRange(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, h := range scalar {
		for range 300 {
			lo := 4 * rng.NormFloat64()
			hi := lo + math.Abs(3*rng.NormFloat64())
			if rng.IntN(10) == 0 {
				hi = lo
			}
			least, most := layers.Range(h, lo, hi)
			got := [2]float64{math.Inf(1), math.Inf(-1)}
			for k := range 201 {
				y := h.Value(math.Min(hi, lo+(hi-lo)*float64(k)/200))
				if math.IsNaN(y) {
					continue
				}
				require.True(t, least <= y && y <= most, "%s on [%v, %v]: %v outside [%v, %v]", h, lo, hi, y, least, most)
				got[0], got[1] = math.Min(got[0], y), math.Max(got[1], y)
			}
			if h == layers.Sin || h.String() == "bump" || math.IsInf(least, 0) || math.IsInf(most, 0) {
				continue
			}
			slack := 0.02*(hi-lo)*(1+most-least) + 1e-13*(1+math.Abs(most))
			require.InDelta(t, got[0], least, slack, "%s on [%v, %v]", h, lo, hi)
			require.InDelta(t, got[1], most, slack, "%s on [%v, %v]", h, lo, hi)
		}
	}
}

func TestRangeInfinite(t *testing.T) {
	inf := math.Inf(1)
	for _, tc := range []struct {
		h                   layers.Func
		lo, hi, least, most float64
	}{
		{layers.ReLU, -inf, inf, 0, inf},
		{layers.ReLU, -inf, -1, 0, 0},
		{layers.Abs, -inf, inf, 0, inf},
		{layers.LeakyReLU(0.5), -inf, 2, -inf, 2},
		{layers.Tanh, -inf, inf, -1, 1},
		{layers.Sigmoid, -inf, 0, 0, 0.5},
		{layers.GELU, -inf, 0, -0.16997120747990369, 0},
		{layers.Sin, -inf, inf, -1, 1},
		{layers.Power(0.5), -1, 1, -inf, inf},
		{layers.Power(-1), -1, 1, -inf, inf},
		{layers.Unit, -inf, inf, 1, 1},
		{bump{}, -inf, 1, -inf, inf},
		{layers.ReLU, 1, 0, -inf, inf},
		{layers.ReLU, math.NaN(), 0, -inf, inf},
	} {
		least, most := layers.Range(tc.h, tc.lo, tc.hi)
		for _, p := range [][2]float64{{tc.least, least}, {tc.most, most}} {
			if math.IsInf(p[0], 0) {
				assert.Equal(t, p[0], p[1], "%s on [%v, %v]", tc.h, tc.lo, tc.hi)
			} else {
				assert.InDelta(t, p[0], p[1], 1e-13, "%s on [%v, %v]", tc.h, tc.lo, tc.hi)
			}
		}
	}
}

func TestLine(t *testing.T) {
	inf := math.Inf(1)
	for _, tc := range []struct {
		h      layers.Func
		lo, hi float64
		a, b   float64
		ok     bool
	}{
		{layers.ReLU, 0, inf, 0, 1, true},
		{layers.ReLU, -inf, 0, 0, 0, true},
		{layers.ReLU, 0, 0, 0, 0, true},
		{layers.ReLU, -1e-300, 1, 0, 0, false},
		{layers.Abs, -3, -1, 0, -1, true},
		{layers.LeakyReLU(0.1), -inf, 0, 0, 0.1, true},
		{layers.Shift(layers.ReLU, 2), 2, 5, -2, 1, true},
		{layers.Shift(layers.ReLU, 2), 1, 5, 0, 0, false},
		{layers.StepReLU, -1, 0.5, 0, 0, true},
		{layers.StepReLU, -1, 1, 0, 0, false},
		{layers.ELU, 0, 3, 0, 1, true},
		{layers.ELU, -1, -0.5, 0, 0, false},
		{layers.Unit, -inf, inf, 1, 0, true},
		{layers.Tanh, 0, 0, 0, 0, false},
		{bump{}, 0, 0, 0, 0, false},
		{layers.ReLU, 2, 1, 0, 0, false},
	} {
		a, b, ok := layers.Line(tc.h, tc.lo, tc.hi)
		assert.Equal(t, []any{tc.a, tc.b, tc.ok}, []any{a, b, ok}, "%s on [%v, %v]", tc.h, tc.lo, tc.hi)
	}
}
