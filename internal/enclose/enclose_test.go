package enclose

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestSumsOfIntervals: the interval of a sum holds what the slack of a weight allows, a weight of 0 included, and that of
// the negated sum is its mirror image.
func TestSumsOfIntervals(t *testing.T) {
	sum := func(slack []float64, w ...float64) (lo, hi float64) {
		return Sum([]Flow{{M: linalg.Matrix{Rows: 1, Cols: 2, Data: w}, Slack: slack, Lo: []float64{1, 0.3}, Hi: []float64{2, 0.7}}}, 0)
	}
	lo, hi := sum([]float64{0.5, 0}, 0, 1)
	assert.InDelta(t, -0.7, lo, 1e-12) // −½·2 + 0.3
	assert.InDelta(t, 1.7, hi, 1e-12)
	assert.Less(t, lo, -0.7)
	assert.Greater(t, hi, 1.7)
	lo, hi = sum(nil, 0, 1)
	assert.InDelta(t, 0.3, lo, 1e-12)
	assert.InDelta(t, 0.7, hi, 1e-12)
	for _, w := range [][]float64{{0.1, 0.2}, {0.1, -0.7}, {3, 1e9}} {
		lo, hi = sum(nil, w...)
		down, up := sum(nil, -w[0], -w[1])
		assert.Equal(t, [2]float64{-up, -down}, [2]float64{lo, hi}, "%v", w)
	}
}

// TestHalvesBoundTheirSide: on its side of the bend every slope that a half allows gives a line below, or above, the activation.
func TestHalvesBoundTheirSide(t *testing.T) {
	for _, f := range []layers.Func{layers.ReLU, layers.LeakyReLU(0.25), layers.Abs} {
		a := &Scalar{Act: layers.Pointwise(f), Func: f}
		zlo, zhi := []float64{-1}, []float64{2}
		lo, hi := a.Image(-1, 2)
		l := Lay(a, zlo, zhi, []float64{lo}, []float64{hi})
		before := [2]float64{l.Slope[0][0], l.Slope[1][0]}
		for side, zs := range [][]float64{{-1, -0.5, 0}, {0, 1, 2}} {
			undo := l.Half(0, side)
			for k, sign := range []float64{1, -1} {
				for _, slope := range []float64{-3, -1, 0, 0.25, 0.5, 1, 4} {
					if slope < l.Least[k][0] || slope > l.Most[k][0] {
						continue
					}
					l.Turn(k, 0, slope)
					for _, z := range zs {
						assert.LessOrEqual(t, sign*(l.Slope[k][0]*z+l.Cut[k][0]), sign*f.Value(z)+1e-12, "%s, side %d, slope %v at %v", f, side, slope, z)
					}
				}
			}
			undo()
			assert.Equal(t, before, [2]float64{l.Slope[0][0], l.Slope[1][0]})
		}
	}
}

// TestLinesHold: the chord and the line through the bend lie on their sides of the activation, in
// exact arithmetic, for bounds of all sizes.
func TestLinesHold(t *testing.T) {
	laid := 0
	for seed := range uint64(trials.Count(2000, 100000)) {
		rng := rand.New(rand.NewPCG(seed, 33))
		slope := []float64{0, 0.3, -1, 1.7, -0.01}[seed%5]
		h := layers.LeakyReLU(slope)
		f := &Scalar{Act: layers.Pointwise(h), Func: h}
		zlo, zhi := -math.Abs(trials.Odd(rng, int(seed%5))), math.Abs(trials.Odd(rng, int(seed%5)))
		if !(zlo < 0 && zhi > 0) || math.IsInf(zhi-zlo, 0) {
			continue
		}
		lo, hi := f.Image(zlo, zhi)
		l := Lay(f, []float64{zlo}, []float64{zhi}, []float64{lo}, []float64{hi})
		laid++
		wide := func(x float64) *big.Float { return new(big.Float).SetPrec(4500).SetFloat64(x) }
		for _, z := range []float64{zlo, zlo / 2, 0, zhi / 3, zhi} {
			y := wide(z)
			if z < 0 {
				y.Mul(y, wide(slope))
			}
			for side := range 2 {
				line := wide(l.Slope[side][0])
				line.Add(line.Mul(line, wide(z)), wide(l.Cut[side][0]))
				require.LessOrEqual(t, line.Cmp(y)*(1-2*side), 0, "seed %d: side %d of leaky(%g) on [%g, %g] at %g", seed, side, slope, zlo, zhi, z)
			}
		}
	}
	assert.Greater(t, laid, 500)
}

// TestPointsOfVectorsEnclose: the bounds of a radial vertex hold its values, for tiny and huge boxes
// alike.
func TestPointsOfVectorsEnclose(t *testing.T) {
	for seed := range uint64(trials.Count(1000, 50000)) {
		rng := rand.New(rand.NewPCG(seed, 34))
		act := []quiver.Activation{layers.Radial(layers.Tanh), layers.Radial(layers.Squash), layers.Radial(layers.Shift(layers.ReLU, 0.5)), layers.Radial(layers.Sigmoid), layers.RMSNorm(2, 1e-3)}[seed%5]
		zlo, zhi, xlo, xhi := make([]float64, 2), make([]float64, 2), make([]float64, 2), make([]float64, 2)
		size := math.Ldexp(1, []int{0, -300, -560, 8, -20}[rng.IntN(5)])
		for i := range 2 {
			a := size * rng.NormFloat64()
			zlo[i], zhi[i] = a, a+size*math.Ldexp(rng.Float64(), -rng.IntN(60))
		}
		Vector(act, nil, zlo, zhi, xlo, xhi)
		for range 5 {
			z, y := make([]float64, 2), make([]float64, 2)
			for i := range z {
				z[i] = min(zhi[i], zlo[i]+(zhi[i]-zlo[i])*math.Round(4*rng.Float64())/4)
			}
			act.Apply(y, z)
			for i, x := range y {
				require.True(t, xlo[i] <= x && x <= xhi[i], "seed %d: %s at %v is %v, outside [%v, %v]", seed, act, z, x, xlo[i], xhi[i])
			}
		}
	}
}
