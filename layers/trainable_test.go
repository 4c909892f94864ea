package layers

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
)

func parametrics(n int) []quiver.ParametricSecondOrder {
	var ps []quiver.ParametricSecondOrder
	for _, h := range []Func{Tanh, Sigmoid, Squash, Softplus, GELU, Sin, Exp, Shift(ReLU, 0.5)} {
		ps = append(ps, Trainable(h, 0, 1).(quiver.ParametricSecondOrder), Trainable(h, 0.3, -1.5).(quiver.ParametricSecondOrder))
	}
	for _, a := range []quiver.Activation{Radial(Tanh), RMSNorm(n, 1e-2), Radial(Sigmoid)} {
		ps = append(ps, Gain(a, false).(quiver.ParametricSecondOrder), Gain(a, true).(quiver.ParametricSecondOrder))
	}
	return ps
}

// TestParametricGradients: VJPP against differences in z and in p; it adds to dp.
func TestParametricGradients(t *testing.T) {
	rng := newRand(21)
	const n = 4
	for _, a := range parametrics(n) {
		k := a.NumParams(n)
		p := make([]float64, k)
		a.InitParams(p)
		for i := range p {
			p[i] += 0.2 * rng.NormFloat64()
		}
		for _, r := range []float64{0.2, 0.9, 1.9, 6} {
			z, g := ofNorm(rng, n, r), gaussian(rng, n)
			u, w := ofNorm(rng, n, 1), ofNorm(rng, k, 1)
			d, dp := make([]float64, n), make([]float64, k)
			dp[0] = 7 // VJPP adds
			a.VJPP(d, dp, z, g, p)
			dp[0] -= 7
			value := func(z, p []float64) float64 {
				y := make([]float64, n)
				a.ApplyP(y, z, p)
				return dot(g, y)
			}
			require.InEpsilonf(t, 1+slopeAlong(func(z []float64) float64 { return value(z, p) }, z, u, 1e-3*r), 1+dot(d, u), 1e-7, "%s: z", a)
			require.InEpsilonf(t, 1+slopeAlong(func(p []float64) float64 { return value(z, p) }, p, w, 1e-4), 1+dot(dp, w), 1e-7, "%s: p", a)
			in := append([]float64(nil), g...)
			a.VJPP(in, make([]float64, k), z, in, p)
			assert.Equalf(t, d, in, "%s in place", a)
		}
	}
}

// TestVJP2P against differences of s = ⟨u, D_zρᵀg⟩ + ⟨v, D_pρᵀg⟩ in z, g and p.
func TestVJP2P(t *testing.T) {
	rng := newRand(22)
	const n = 4
	for _, a := range parametrics(n) {
		k := a.NumParams(n)
		p := make([]float64, k)
		a.InitParams(p)
		for trial, r := range []float64{0.3, 0.9, 2.1, 5} {
			if trial > 1 {
				for i := range p {
					p[i] += 0.1 * rng.NormFloat64()
				}
			}
			z, g, u, v := ofNorm(rng, n, r), gaussian(rng, n), gaussian(rng, n), gaussian(rng, k)
			s := func(z, g, p []float64) float64 {
				d, dp := make([]float64, n), make([]float64, k)
				a.VJPP(d, dp, z, g, p)
				return dot(u, d) + dot(v, dp)
			}
			dz, dg, dp := make([]float64, n), make([]float64, n), make([]float64, k)
			dp[k-1] = -3
			a.VJP2P(dz, dg, dp, z, g, p, u, v)
			dp[k-1] += 3
			if smoothAt(Radial(Shift(ReLU, 0.5)), []float64{r + p[0]}) {
				w, wp := ofNorm(rng, n, 1), ofNorm(rng, k, 1)
				require.InDeltaf(t, slopeAlong(func(z []float64) float64 { return s(z, g, p) }, z, w, 1e-3*r), dot(dz, w), 1e-6*(1+norm(dz)), "%s: z at %g", a, r)
				require.InDeltaf(t, slopeAlong(func(g []float64) float64 { return s(z, g, p) }, g, w, 1e-3), dot(dg, w), 1e-8*(1+norm(dg)), "%s: g at %g", a, r)
				require.InDeltaf(t, slopeAlong(func(p []float64) float64 { return s(z, g, p) }, p, wp, 1e-3), dot(dp, wp), 1e-6*(1+norm(dp)), "%s: p at %g", a, r)
			}
		}
	}
}

// TestVJP2PAtZero: ρ(0) = 0 for all parameters, and the Jacobian is a multiple of the identity.
func TestVJP2PAtZero(t *testing.T) {
	z, g, u := make([]float64, 2), []float64{1, 2}, []float64{3, -1}
	for _, a := range []quiver.Activation{Trainable(Tanh, 0, 2), Trainable(Sigmoid, 0, 2), Gain(Radial(Tanh), false)} {
		p := a.(quiver.ParametricSecondOrder)
		x := make([]float64, p.NumParams(2))
		p.InitParams(x)
		dz, dg, dp := make([]float64, 2), make([]float64, 2), make([]float64, len(x))
		p.VJP2P(dz, dg, dp, z, g, x, u, make([]float64, len(x)))
		assert.Equal(t, []float64{0, 0}, dz, a)
		d := vjp(a, z, u)
		assert.Equal(t, d, dg, a)
	}
}

// TestParametersDoNotSeeRotations: the gradients of shift and gain are the same in any frame and in the
// reduced dimension; those of Gain are not, and it refuses.
func TestParametersDoNotSeeRotations(t *testing.T) {
	rng := newRand(23)
	a := Trainable(Sigmoid, 0.2, 1.3).(quiver.Parametric)
	p := []float64{0.4, -0.7}
	z, g := gaussian(rng, 3), gaussian(rng, 3)
	b := frame(rng, 8, 3)
	small, large := make([]float64, 2), make([]float64, 2)
	a.VJPP(make([]float64, 3), small, z, g, p)
	a.VJPP(make([]float64, 8), large, times2(b, z), times2(b, g), p)
	assert.InDeltaSlice(t, small, large, 1e-14)
	r, ok := a.Restrict(b)
	assert.True(t, ok)
	assert.Same(t, a, r)

	for _, bias := range []bool{false, true} {
		gain := Gain(RMSNorm(8, 1e-5), bias)
		_, ok = gain.Restrict(b)
		assert.False(t, ok)
		_, ok = gain.Restrict(frame(rng, 8, 8))
		assert.False(t, ok)
	}
}

// TestLipschitzP: the constants move with the parameters.
func TestLipschitzP(t *testing.T) {
	a := Trainable(Tanh, 0, 1).(interface {
		LipschitzP(lo, hi float64, p []float64) (lip, sup float64)
	})
	lip, sup := a.LipschitzP(0, 2, []float64{0, -3})
	assert.Equal(t, 3.0, lip)
	assert.Equal(t, 3*math.Tanh(2), sup)
	lip, _ = a.LipschitzP(0, 2, []float64{0.5, 1})
	assert.True(t, math.IsInf(lip, 1), "h(β) ≠ 0 jumps at the origin")
	g := Gain(Radial(Tanh), true).(interface {
		LipschitzP(lo, hi float64, p []float64) (lip, sup float64)
	})
	lip, sup = g.LipschitzP(0, 2, []float64{1, -2, 3, 4})
	assert.Equal(t, 2.0, lip)
	assert.InDelta(t, 2*math.Tanh(2)+5, sup, 1e-14)
	for _, a := range []quiver.Activation{Trainable(Tanh, 0, 1), Gain(Radial(Tanh), true)} { // at the initial parameters
		lip, sup = a.(quiver.Lipschitz).Lipschitz(0, 2)
		assert.Equal(t, 1.0, lip)
		assert.Equal(t, math.Tanh(2), sup)
	}
}
