package quiver_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// single returns the network with one hidden unit h = act(Σ m x) and y = h.
func single(t *testing.T, act quiver.Activation, m []float64) *quiver.Rep {
	t.Helper()
	q, err := quiver.New(quiver.Input("x", len(m)), quiver.Hidden("h", 1, act), quiver.Output("y", 1, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y", quiver.Frozen(quiver.Eye(1))))
	require.NoError(t, err)
	w := quiver.Zero(q)
	copy(w.Data(), m)
	return w
}

// TestSumsThatOverflowOnTheWay: whatever the order of the terms, a sum has its value, and a bounded
// activation makes nothing finite and wrong of it.
func TestSumsThatOverflowOnTheWay(t *testing.T) {
	const big = 1.5e308
	inf := math.Inf(1)
	for _, c := range []struct {
		m, x []float64
		want float64 // Σ m x
	}{
		{[]float64{big, big, -big, -big, -1e308}, []float64{1, 1, 1, 1, 1}, -1e308},
		{[]float64{big, -big, big, big, -big, -big, 1e308}, []float64{1, 1, 1, 1, 1, 1, 1}, 1e308},
		{[]float64{1e200, -1e200, 0.25}, []float64{1e200, 1e200, 2}, 0.5}, // products beyond the largest number
		{[]float64{1e200, -2e200}, []float64{1e200, 1e200}, -inf},         // and a sum
		{[]float64{2e200, -1e200}, []float64{1e200, 1e200}, inf},          //
		{[]float64{big, big}, []float64{1, 1}, inf},                       //
		{[]float64{big, big, -big}, []float64{1, 1, 1}, big},              //
		{[]float64{big, big, -1}, []float64{1, 1, inf}, -inf},             // an operand is infinite
		{[]float64{1, -1}, []float64{inf, inf}, math.NaN()},               // two are
		{[]float64{0, 1}, []float64{inf, 1}, math.NaN()},                  // 0·∞
		{[]float64{1, big, big, -big, -big}, []float64{math.NaN(), 1, 1, 1, 1}, math.NaN()},
	} {
		for _, swap := range []int{0, 1} { // and in the other order
			m, x := append([]float64(nil), c.m...), append([]float64(nil), c.x...)
			for i := range len(m) / 2 * swap {
				m[i], m[len(m)-1-i] = m[len(m)-1-i], m[i]
				x[i], x[len(x)-1-i] = x[len(x)-1-i], x[i]
			}
			row := mat.NewDense(1, len(x), x)
			for act, want := range map[quiver.Activation]float64{quiver.Identity: c.want, layers.Pointwise(layers.Tanh): math.Tanh(c.want), layers.Pointwise(layers.Sigmoid): 1 / (1 + math.Exp(-c.want)), layers.Pointwise(layers.ReLU): max(c.want, 0)} {
				ys, err := single(t, act, m).Eval(row)
				require.NoError(t, err)
				got := ys[0].At(0, 0)
				if math.IsNaN(want) {
					assert.True(t, math.IsNaN(got), "%s of %v·%v is %v", act, m, x, got)
				} else if want == 0 || math.IsInf(want, 0) {
					assert.Equal(t, want, got, "%s of %v·%v", act, m, x)
				} else {
					assert.InEpsilon(t, want, got, 1e-15, "%s of %v·%v", act, m, x)
				}
			}
		}
	}
}

// TestRandomOverflows: on random terms near the largest number, over two arrows and a bias, the value
// is that of exact arithmetic or its infinity.
func TestRandomOverflows(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	q, err := quiver.New(quiver.Input("x", 3), quiver.Bias("one"), quiver.Hidden("h", 1, quiver.Identity), quiver.Output("y", 1, layers.Pointwise(layers.Tanh)),
		quiver.Connect("x", "h"), quiver.Connect("x", "h", quiver.Named("second")), quiver.Connect("one", "h"), quiver.Connect("h", "y", quiver.Frozen(mat.NewDense(1, 1, []float64{1e-308}))))
	require.NoError(t, err)
	rescued := 0
	for range 300 {
		w := quiver.Zero(q)
		x := mat.NewDense(1, 3, []float64{rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()})
		exact := new(big.Float).SetPrec(4000)
		for _, name := range []string{"x->h", "second", "one->h"} {
			m := w.Arrow(name)
			for j := range m.RawMatrix().Cols {
				m.Set(0, j, rng.NormFloat64()*9e307)
				if math.IsInf(m.At(0, j), 0) {
					m.Set(0, j, 1)
				}
				y := 1.0
				if name != "one->h" {
					y = x.At(0, j)
				}
				exact.Add(exact, new(big.Float).SetPrec(200).Mul(big.NewFloat(m.At(0, j)), big.NewFloat(y)))
			}
		}
		want, _ := exact.Float64()
		f, err := w.Features(x)
		require.NoError(t, err)
		got := f["h"].At(0, 0)
		if math.IsInf(want, 0) {
			assert.Equal(t, want, got)
		} else {
			assert.InDelta(t, want/1e308, got/1e308, 1e-14)
			plain := w.Arrow("x->h").At(0, 0)*x.At(0, 0) + w.Arrow("x->h").At(0, 1)*x.At(0, 1) + w.Arrow("x->h").At(0, 2)*x.At(0, 2)
			plain += w.Arrow("second").At(0, 0)*x.At(0, 0) + w.Arrow("second").At(0, 1)*x.At(0, 1) + w.Arrow("second").At(0, 2)*x.At(0, 2)
			if plain += w.Arrow("one->h").At(0, 0); plain-plain != 0 {
				rescued++
			}
		}
		assert.InDelta(t, math.Tanh(want*1e-308), f["y"].At(0, 0), 1e-14)
	}
	assert.Greater(t, rescued, 10, "sums that an ordinary evaluation loses")
}
