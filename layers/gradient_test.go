package layers

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
)

// slopeAlong returns d/dt ⟨g, f(z+tu)⟩ at t = 0 by a five-point difference.
func slopeAlong(f func([]float64) float64, z, u []float64, e float64) float64 {
	at := func(t float64) float64 {
		y := make([]float64, len(z))
		for i := range y {
			y[i] = z[i] + t*u[i]
		}
		return f(y)
	}
	return (8*(at(e)-at(-e)) - (at(2*e) - at(-2*e))) / (12 * e)
}

// smoothAt reports whether no entry and no norm of a part lies within 2 % of a break of a.
func smoothAt(a quiver.Activation, z []float64) bool {
	near := func(h Func, shift float64, xs ...float64) bool {
		at, jump := h.Extrema()
		for _, x := range xs {
			for _, b := range append(at, jump...) {
				if math.Abs(x+shift-b) < 0.02*math.Abs(x) {
					return true
				}
			}
		}
		return false
	}
	switch a := a.(type) {
	case *radial:
		return !near(a.h, 0, norm(z))
	case *pointwise:
		return !near(a.h, 0, z...)
	case *trainable:
		return !near(a.start.h, a.start.beta, norm(z))
	case *deadZone:
		return smoothAt(a.in, z) && math.Abs(norm(z)-a.tau) > 0.02
	}
	return true
}

// TestVJPAgainstDifferences at many radii, on both sides of every kink, and where the
// series of λ takes over.
func TestVJPAgainstDifferences(t *testing.T) {
	rng := newRand(11)
	checked := 0
	for _, n := range []int{1, 2, 5} {
		as := radials()
		if n > 1 {
			as = everything(n)
		}
		for _, a := range as {
			for _, r := range []float64{1e-6, 1e-3, 0.11, 0.3, 0.51, 0.74, 0.76, 0.95, 1.05, 1.17, 1.19, 1.6, 2.3, 2.4, 4.1, 9, 40} {
				z, g, u := ofNorm(rng, n, r), gaussian(rng, n), ofNorm(rng, n, 1)
				if p, ok := a.(*pointwise); ok && math.IsNaN(p.h.Value(-1)) {
					for i := range z {
						z[i] = math.Abs(z[i])
					}
				}
				if !smoothAt(a, z) {
					continue
				}
				e := 1e-3 * min(r, 1)
				if _, ok := a.(*pointwise); ok { // powers are singular where an entry is 0
					for _, x := range z {
						e = min(e, 1e-3*math.Abs(x))
					}
				}
				want := slopeAlong(func(z []float64) float64 { return dot(g, apply(a, z)) }, z, u, e)
				d := vjp(a, z, g)
				rounding := 1e-15 * norm(apply(a, z)) * norm(g) / e // of the difference
				require.InDeltaf(t, want, dot(d, u), 1e-7*(math.Abs(want)+norm(d))+rounding, "%s at |z| = %g, n = %d", a, r, n)
				checked++
			}
		}
	}
	assert.Greater(t, checked, 3000)
}

// TestVJPControl: a wrong derivative does not pass for a right one.
func TestVJPControl(t *testing.T) {
	rng := newRand(12)
	z, g, u := ofNorm(rng, 4, 1.3), gaussian(rng, 4), ofNorm(rng, 4, 1)
	want := slopeAlong(func(z []float64) float64 { return dot(g, apply(Radial(Tanh), z)) }, z, u, 1e-3)
	assert.Greater(t, math.Abs(want-dot(vjp(Radial(Arctan), z, g), u)), 1e-3)
	withoutRadial := math.Tanh(1.3) / 1.3 * dot(g, u) // λδ alone
	assert.Greater(t, math.Abs(want-withoutRadial), 1e-3)
}

// TestRowsOfZeros: the gradient at a sample of zeros is a number, and 0 where the convention says so.
func TestRowsOfZeros(t *testing.T) {
	zero, g := make([]float64, 4), []float64{1, -1, 2, 3}
	for _, a := range everything(4) {
		if p, ok := a.(*pointwise); ok && (math.IsInf(p.h.Value(0), 0) || math.IsInf(p.h.Slope(0), 0)) {
			continue // power(−1) and power(½) are infinite at 0
		}
		for _, x := range append(apply(a, zero), vjp(a, zero, g)...) {
			require.Falsef(t, math.IsNaN(x) || math.IsInf(x, 0), "%s: %g", a, x)
		}
	}
}

// TestJVPIsTheTransposeOfVJP: ⟨g, Du⟩ = ⟨Dᵀg, u⟩.
func TestJVPIsTheTransposeOfVJP(t *testing.T) {
	rng := newRand(13)
	for _, a := range everything(5) {
		s, ok := a.(quiver.SecondOrder)
		if !ok {
			continue
		}
		for range 10 {
			z, g, u := gaussian(rng, 5), gaussian(rng, 5), gaussian(rng, 5)
			du := make([]float64, 5)
			s.JVP(du, z, u)
			assert.InDeltaf(t, dot(g, du), dot(vjp(a, z, g), u), 1e-12*(1+norm(g)*norm(du)), "%s", a)
		}
	}
}

// TestVJP2AgainstDifferences of ⟨u, Dρ(z)ᵀg⟩.
func TestVJP2AgainstDifferences(t *testing.T) {
	rng := newRand(14)
	seen := 0
	as := everything(4)
	for _, h := range allFuncs() {
		as = append(as, Blocks(h, 1, 3), Blocks(h, 4))
	}
	for _, a := range as {
		s, ok := a.(quiver.SecondOrder)
		if !ok {
			continue
		}
		seen++
		for _, r := range []float64{0.3, 0.8, 1.3, 3} {
			z, g, u, v := ofNorm(rng, 4, r), gaussian(rng, 4), gaussian(rng, 4), ofNorm(rng, 4, 1)
			if b, ok := a.(*blocks); ok && !(smoothAt(b.one, z) && smoothAt(b.one, z[:1]) && smoothAt(b.one, z[1:])) {
				continue
			}
			want := slopeAlong(func(z []float64) float64 { return dot(u, vjp(a, z, g)) }, z, v, 2e-4*math.Abs(z[0]))
			d := make([]float64, 4)
			s.VJP2(d, z, g, u)
			require.InDeltaf(t, want, dot(d, v), 1e-6*(1+math.Abs(want)+norm(d)), "%s at %v", a, z)
		}
	}
	assert.Greater(t, seen, 20)
}

// TestVJP2NearTheOrigin: the second derivative keeps its digits where h′ − h/r cancels.
func TestVJP2NearTheOrigin(t *testing.T) {
	for _, r := range []float64{1e-3, 1e-6, 1e-9, 1e-12, 1e-100} {
		z, g, u := []float64{0.6 * r, 0.8 * r}, []float64{1, 2}, []float64{-1, 3}
		d := make([]float64, 2)
		Blocks(Tanh, 2).(quiver.SecondOrder).VJP2(d, z, g, u) // λ₁ → −2/3
		l1 := -2. / 3
		zu, zg, ug := dot(z, u), dot(z, g), dot(u, g)
		want := []float64{l1 * (ug*z[0] + zu*g[0] + zg*u[0]), l1 * (ug*z[1] + zu*g[1] + zg*u[1])}
		assert.LessOrEqual(t, relative(want, d), 1e-5, r)

		dz, dg, dp := make([]float64, 2), make([]float64, 2), make([]float64, 2)
		Trainable(Tanh, 0, 1).(quiver.ParametricSecondOrder).VJP2P(dz, dg, dp, z, g, []float64{0, 1}, u, []float64{0, 0})
		assert.LessOrEqual(t, relative(want, dz), 1e-5, r)
	}
}
