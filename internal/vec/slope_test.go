package vec

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bigSlope is h′(x) to many digits.
func bigSlope(m Map, x *big.Float) *big.Float {
	one := bf(1)
	neg := new(big.Float).Neg(new(big.Float).Abs(x))
	switch m {
	case MapTanh: // 4e/(1+e)², e = exp(−2|x|)
		e := bigExp(prod(bf(2), neg))
		return quo(prod(bf(4), e), prod(plus(one, e), plus(one, e)))
	case MapSigmoid: // e/(1+e)², e = exp(−|x|)
		e := bigExp(neg)
		return quo(e, prod(plus(one, e), plus(one, e)))
	case MapSoftplus:
		return bigOf("sigmoid", x)
	case MapArctan:
		return quo(one, plus(one, prod(x, x)))
	case MapELU:
		if x.Sign() > 0 {
			return one
		}
		return bigExp(x)
	}
	return nil
}

// TestSlopes holds derivatives to their relative accuracy against big.Float wherever they are normal numbers, in saturation
// above all.
func TestSlopes(t *testing.T) { bothPrecisions(t, testSlopes[float64], testSlopes[float32]) }

func testSlopes[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(61, 62))
	const n = 128
	widths, least := []float64{0.3, 2, 20, 40, 340}, 0x1p-1020
	if !wide[T]() {
		widths, least = []float64{0.3, 2, 10, 20, 40}, 0x1p-124
	}
	for _, m := range []Map{MapTanh, MapSigmoid, MapSoftplus, MapArctan, MapELU} {
		var worst, at float64
		for _, width := range widths {
			z, y, s, d, g, plain := make([]T, n), make([]T, n), make([]T, n), make([]T, n), make([]T, n), make([]T, n)
			for j := range z {
				z[j], g[j] = T(width*(2*rng.Float64()-1)), 1
			}
			z[0], z[1], z[2], z[3], z[4] = T(width), T(-width), 0.625, T(math.Nextafter(0.625, 0)), 0
			if m.KeepsSlope() {
				PointwiseSlope(m, y, s, z)
				Pointwise(m, 0, plain, z)
				equalBits(t, plain, y, "the value beside its slope")
				same := append([]T(nil), z...)
				PointwiseSlope(m, y, same, same)
				equalBits(t, s, same, "the slope in the place of z")
				PointwiseVJP(m, 0, d, g, nil, s)
				equalBits(t, s, d, "the slope times 1")
			} else {
				PointwiseVJP(m, 0, d, g, z, nil)
			}
			for j, v := range z {
				want, _ := bigSlope(m, bf(float64(v))).Float64()
				if want < least {
					continue
				}
				if e := math.Abs(float64(d[j])-want) / want / eps[T](); e > worst {
					worst, at = e, float64(v)
				}
			}
		}
		assert.LessOrEqual(t, worst, 4.0, "map %d at %v", m, at)
		t.Logf("map %d: largest relative error %.2f units, at %v", m, worst, at)
	}
}

// TestSlopeCases are saturated slopes that were worked out by hand, to all digits of the precision; the control is what
// 1 − y² and y(1 − y) give.
func TestSlopeCases(t *testing.T) {
	everyLevel(t, func(t testing.TB) {
		for _, c := range []struct {
			m       Map
			x, want float64
		}{{MapTanh, 20, 1.6993417021166355e-17}, {MapTanh, -10, 8.2446144557673968e-09}, {MapSigmoid, 30, 9.3576229688384229e-14}, {MapSigmoid, -30, 9.3576229688384229e-14}} {
			z, y, s := make([]float64, Lanes), make([]float64, Lanes), make([]float64, Lanes)
			z32, y32, s32 := make([]float32, Lanes), make([]float32, Lanes), make([]float32, Lanes)
			for j := range z {
				z[j], z32[j] = c.x, float32(c.x)
			}
			PointwiseSlope(c.m, y, s, z)
			PointwiseSlope(c.m, y32, s32, z32)
			assert.InEpsilon(t, c.want, s[3], 1e-12, "map %d at %v", c.m, c.x)
			assert.InEpsilon(t, c.want, float64(s32[3]), 1e-6, "map %d at %v in single precision", c.m, c.x)
			cancelled := (1 - y[3]) * (1 + y[3])
			if c.m == MapSigmoid {
				cancelled = y[3] * (1 - y[3])
			}
			if c.x > 0 {
				assert.Greater(t, math.Abs(cancelled-c.want), 1e-11*c.want, "the control at %v", c.x)
			}
		}
	})
	assert.Panics(t, func() { PointwiseSlope(MapReLU, make([]float64, 16), make([]float64, 16), make([]float64, 16)) })
	assert.Panics(t, func() { PointwiseSlope(MapTanh, make([]float64, 16), make([]float64, 15), make([]float64, 16)) })
}

// TestInfinityIsNoValue: no map turns an infinity into a finite number, in any lane; the greatest numbers are turned into one.
func TestInfinityIsNoValue(t *testing.T) {
	bothPrecisions(t, testInfinityIsNoValue[float64], testInfinityIsNoValue[float32])
}

// greatest is the greatest power of two.
func greatest[T Float]() T {
	x := T(1)
	for y := x; y-y == 0; y *= 2 {
		x = y
	}
	return x
}

func testInfinityIsNoValue[T Float](t testing.TB) {
	const n = 3 * Lanes
	most := greatest[T]()
	for m := range maps {
		for _, sign := range []T{1, -1} {
			for lane := range n {
				z, y, s := make([]T, n), make([]T, n), make([]T, n)
				for j := range z {
					z[j] = sign * most
				}
				z[lane] = sign * T(math.Inf(1))
				check := func(y []T) {
					for j, v := range y {
						finite := v-v == 0
						if j == lane {
							require.False(t, finite, "map %d of %v is %v", m, z[j], v)
						} else if m != MapSquare { // which overflows
							require.True(t, finite, "map %d of %v is %v", m, z[j], v)
						}
					}
				}
				Pointwise(m, 0.25, y, z)
				check(y)
				if m.KeepsSlope() {
					PointwiseSlope(m, y, s, z)
					check(y)
				}
			}
		}
	}
}

// TestSaturatedCrossEntropy: with nearly all of the probability at the right class, loss and gradient are that of the
// rest, −log(1 − ε) ≈ ε and ε, where 1 − p has no digits.
func TestSaturatedCrossEntropy(t *testing.T) {
	bothPrecisions(t, testSaturatedCrossEntropy[float64], testSaturatedCrossEntropy[float32])
}

func testSaturatedCrossEntropy[T Float](t testing.TB) {
	const d, n = 3, Lanes
	for _, top := range []float64{5, 20, 40, 80} {
		y, target, delta := make([]T, d*n), make([]T, d*n), make([]T, d*n)
		for j := range n {
			y[n+j], y[2*n+j], target[n+j] = T(top), 1, 1
		}
		small := math.Exp(-top) + math.Exp(1-top) // over all classes but the second
		wantLoss, wantP := math.Log1p(small), small/(1+small)
		check := func(loss float64) {
			require.InEpsilon(t, wantLoss, loss, 8*eps[T](), "the loss at %v", top)
			require.InEpsilon(t, -wantP, float64(delta[n+5]), 8*eps[T](), "the gradient at %v", top)
			require.InEpsilon(t, math.Exp(-top)/(1+small), float64(delta[5]), 8*eps[T]())
			require.InEpsilon(t, math.Exp(1-top)/(1+small), float64(delta[2*n+5]), 8*eps[T]())
		}
		check(SoftmaxCE(delta, y, target, 1, n, d, n, n) / n)
		labels := make([]int32, n)
		for j := range labels {
			labels[j] = 1
		}
		loss := SoftmaxLabels(delta, y, labels, 1, n, d, n, n) / n
		check(loss)
	}
	// Two equal largest classes: the loss is log 2 and a bit.
	y, target, delta := make([]T, d*n), make([]T, d*n), make([]T, d*n)
	for j := range n {
		y[j], y[n+j], target[j] = 30, 30, 1
	}
	loss := SoftmaxCE(delta, y, target, 1, n, d, n, n) / n
	require.InEpsilon(t, math.Log(2+math.Exp(-30)), loss, 8*eps[T]())
	p := 1 / (2 + math.Exp(-30))
	require.InEpsilon(t, p-1, float64(delta[0]), 8*eps[T]())
	require.InEpsilon(t, p, float64(delta[n]), 8*eps[T]())
}
