package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLosses(t *testing.T) { bothPrecisions(t, testLosses[float64], testLosses[float32]) }

// testLosses compares with the definition sample by sample; the lanes past the batch hold NaN.
func testLosses[T Float](t testing.TB) {
	rng := rand.New(rand.NewPCG(15, 16))
	for _, s := range shapes {
		d, n, ld := s[0], s[1], s[2]
		if d == 0 || n == 0 {
			x := make([]T, 64)
			assert.Zero(t, SquaredError(x, x, x, 1, n, d, n, ld))
			assert.Zero(t, SoftmaxCE(x, x, x, 1, n, d, n, ld))
			continue
		}
		for _, m := range []int{n, n - 1, n - 7, n - 15, n - 16, n / 2, 1, 0} {
			c := 1 / float64(m+1)
			y := newBlock[T](d, n, ld).fill(func(i, j int) T {
				switch {
				case j >= m:
					return T(math.NaN())
				case d > 1 && i == j%d && j%3 == 0:
					return T(math.Inf(-1)) // a masked logit
				}
				return T(rng.NormFloat64() * 30)
			})
			target := newBlock[T](d, n, ld).fill(func(i, j int) T {
				if i == (j+1)%d {
					return 1
				}
				return 0
			})
			delta := newBlock[T](d, n, ld)
			got := SoftmaxCE(delta.x, y.x, target.x, c, m, d, n, ld)
			var want float64
			for j := range n {
				z := 0.0
				top := math.Inf(-1)
				for i := range d {
					top = max(top, float64(y.x[i*ld+j]))
				}
				for i := range d {
					z += math.Exp(float64(y.x[i*ld+j]) - top)
				}
				if j < m {
					want += math.Log(z) + top - float64(y.x[(j+1)%d*ld+j])
				}
				for i := range d {
					p := 0.0
					if j < m {
						p = c * (math.Exp(float64(y.x[i*ld+j])-top)/z - float64(target.x[i*ld+j]))
					}
					require.InDelta(t, p, float64(delta.x[i*ld+j]), 8*c*eps[T](), "δ of sample %d, %v", j, s)
				}
			}
			require.InDelta(t, want, got, 8*eps[T]()*(1+want), "%v, %d samples", s, m)
			delta.check(t)
			y.check(t)

			for j := 0; j < m; j += 1 + m/3 { // δ has the same bits alone
				one := newBlock[T](d, Lanes, Lanes)
				SoftmaxCE(one.x, y.lane(j).x, target.lane(j).x, c, Lanes, d, Lanes, Lanes)
				for i := range d {
					for _, v := range one.x[i*Lanes:][:Lanes] {
						require.Equal(t, delta.x[i*ld+j], v, "sample %d alone", j)
					}
				}
			}

			labels := make([]int32, n)
			for j := range labels {
				labels[j] = int32((j + 1) % d)
				if j >= m {
					labels[j] = -7
				}
			}
			byLabel := newBlock[T](d, n, ld)
			require.Equal(t, got, SoftmaxLabels(byLabel.x, y.x, labels, c, m, d, n, ld))
			for i := range d {
				equalBits(t, delta.x[i*ld:][:n], byLabel.x[i*ld:][:n], "labels")
			}
			byLabel.check(t)

			y.fill(func(_, j int) T {
				if j >= m {
					return T(math.NaN())
				}
				return T(rng.NormFloat64())
			})
			got, want = SquaredError(delta.x, y.x, target.x, c, m, d, n, ld), 0
			for j := range n {
				for i := range d {
					r := 0.0
					if j < m {
						r = float64(y.x[i*ld+j] - target.x[i*ld+j])
					}
					want += r * r
					require.InDelta(t, 2*c*r, float64(delta.x[i*ld+j]), 4*eps[T]()*math.Abs(2*c*r))
				}
			}
			require.InEpsilon(t, 1+want, 1+got, 1e-13, "%v, %d samples", s, m)
			delta.check(t)
			SquaredError(y.x, y.x, target.x, c, m, d, n, ld)
			for i := range d {
				equalBits(t, delta.x[i*ld:][:n], y.x[i*ld:][:n], "in place")
			}
		}
	}
}

// TestLossOfBadLogits: a NaN, +∞ or nothing but masked logits is never a finite loss.
func TestLossOfBadLogits(t *testing.T) {
	bothPrecisions(t, badLogits[float64], badLogits[float32])
}

func badLogits[T Float](t testing.TB) {
	for _, c := range []struct {
		v   float64
		all bool
	}{{math.NaN(), false}, {math.NaN(), true}, {math.Inf(1), false}, {math.Inf(-1), true}} {
		for row := range 3 {
			y := newBlock[T](3, Lanes, Lanes).fill(func(i, j int) T {
				if j == 5 && (c.all || i == row) {
					return T(c.v)
				}
				return T(i + j)
			})
			target, delta := newBlock[T](3, Lanes, Lanes), newBlock[T](3, Lanes, Lanes)
			target.fill(func(i, _ int) T { return T(1 - min(i, 1)) })
			loss := SoftmaxCE(delta.x, y.x, target.x, 1, Lanes, 3, Lanes, Lanes)
			assert.True(t, math.IsNaN(loss) || math.IsInf(loss, 0), "%+v in row %d: %v", c, row, loss)
			loss = SoftmaxCE(delta.x, y.x, target.x, 1, 5, 3, Lanes, Lanes) // not in the batch
			assert.False(t, math.IsNaN(loss) || math.IsInf(loss, 0), "%+v in row %d: %v", c, row, loss)
		}
	}
}
