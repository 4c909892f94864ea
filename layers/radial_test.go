package layers

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
)

// TestRadialCommutesWithRotations: ρ(Qv) = Qρ(v), 100 random Q, n = 1…64. Each activation is tried at vectors of its own, whatever
// others there are.
func TestRadialCommutesWithRotations(t *testing.T) {
	rng := newRand(1)
	dims := []int{1, 2, 3, 4, 7, 16, 33, 64}
	for i := range 100 {
		n := dims[i%len(dims)]
		q := frame(rng, n, n)
		for _, a := range radials() {
			own := randOf(a.String(), i)
			r := math.Exp(own.NormFloat64())
			if nearBreak(a, r) {
				continue
			}
			v := ofNorm(own, n, r)
			got := apply(a, v)
			// The norm of Qv is rounded, which a zero of h makes large beside h.
			magnified := math.Abs(vjp(a, v, v)[0]/v[0]) * r / max(norm(got), math.SmallestNonzeroFloat64)
			require.LessOrEqualf(t, relative(times2(q, got), apply(a, times2(q, v))), 1e-13*max(1, magnified/100), "%s, n = %d, |v| = %g", a, n, r)
		}
	}
}

// TestPointwiseDoesNotCommute is the control: the same test fails for pointwise ones.
func TestPointwiseDoesNotCommute(t *testing.T) {
	rng := newRand(2)
	for _, h := range []Func{ReLU, Tanh, Sigmoid, GELU, Square} {
		a := Pointwise(h)
		v, q := ofNorm(rng, 5, 2), frame(rng, 5, 5)
		assert.Greater(t, relative(times2(q, apply(a, v)), apply(a, times2(q, v))), 1e-2, a)
	}
	for _, a := range []quiver.Activation{Rescaling("onenorm", OneNorm{}), quadratic3(5), Blocks(Tanh, 2, 3)} {
		v, q := ofNorm(rng, 5, 2), frame(rng, 5, 5)
		assert.Greater(t, relative(times2(q, apply(a, v)), apply(a, times2(q, v))), 1e-3, a)
	}
}

// TestRadialIsTheDefinition compares with h(|v|)·v/|v| written down.
func TestRadialIsTheDefinition(t *testing.T) {
	rng := newRand(3)
	for _, h := range allFuncs() {
		a := Radial(h)
		for _, r := range []float64{1e-9, 1e-3, 0.4, 1, 1.7, 30} {
			v := ofNorm(rng, 6, r)
			want := make([]float64, 6)
			for i, x := range v {
				want[i] = h.Value(norm(v)) * x / norm(v)
			}
			require.LessOrEqualf(t, relative(want, apply(a, v)), 1e-15, "%s at %g", a, r)
		}
	}
}

// TestRadialReLUIsTheIdentity is a trap of the field: norms are not negative.
func TestRadialReLUIsTheIdentity(t *testing.T) {
	v := gaussian(newRand(4), 5)
	for _, h := range []Func{ReLU, Abs, ELU, LeakyReLU(-3), Power(1)} {
		assert.Equal(t, v, apply(Radial(h), v), h)
		assert.Equal(t, v, vjp(Radial(h), []float64{1, 2, 3, 4, 5}, v), h)
	}
	assert.NotEqual(t, v, apply(Radial(Shift(ReLU, 0.5)), v))
}

// TestOrigin: ρ(0) = 0; the derivative is λ(0+) where h(0) = 0 and λ(0+) is finite, else 0.
func TestOrigin(t *testing.T) {
	want := map[string]float64{
		"radial(relu)": 1, "radial(abs)": 1, "radial(tanh)": 1, "radial(arctan)": 1, "radial(sin)": 1, "radial(elu)": 1, "radial(gelu)": 0.5, "radial(silu)": 0.5,
		"radial(leakyrelu(0.1))": 1, "radial(leakyrelu(-3))": 1, "radial(power(1))": 1, "rmsnorm(8,1e-05)": 1 / math.Sqrt(1e-5), "rmsnorm(3,0.5)": math.Sqrt2,
		"deadzone(radial(tanh),0)": 1, "trainable(tanh,0,1)": 1,
	}
	zero, g := make([]float64, 3), []float64{1, -2, 0.5}
	for _, a := range radials() {
		assert.Equal(t, zero, apply(a, zero), a)
		assert.Equal(t, zero, apply(a, []float64{0, math.Copysign(0, -1), 0}), a)
		tol := 1e-12
		slope, known := want[a.String()]
		if !known { // the quotient near 0, where it has a limit
			near := apply(a, []float64{1e-9, 0, 0})[0] / 1e-9
			if far := apply(a, []float64{2e-9, 0, 0})[0] / 2e-9; math.Abs(near-far) < 1e-6*math.Abs(near) && math.Abs(near) > 1e-6 {
				slope, tol = near, 1e-8
			}
		}
		for i, x := range vjp(a, zero, g) {
			assert.InDelta(t, slope*g[i], x, tol, a)
		}
	}
	for _, c := range []struct {
		a    quiver.Activation
		want float64
	}{
		{Trainable(ReLU, 0, 3), 3}, {Trainable(ReLU, -1, 3), 0}, {Trainable(Shift(ReLU, 0.5), 0.5, 2), 2}, {Trainable(StepReLU, 1, 2), 0}, {Trainable(Power(0.5), 0, 1), 0},
	} {
		assert.Equal(t, c.want, vjp(c.a, []float64{0}, []float64{1})[0], c.a)
	}
}

// TestExtremeEntries: results are finite wherever they are finite mathematically.
func TestExtremeEntries(t *testing.T) {
	unit := func(v []float64, s float64) []float64 { // s·v/|v|
		m := 0.0
		for _, x := range v {
			m = max(m, math.Abs(x))
		}
		e := make([]float64, len(v))
		for i, x := range v {
			e[i] = x / m
		}
		n := norm(e)
		for i := range e {
			e[i] *= s / n
		}
		return e
	}
	for _, v := range [][]float64{{3e200, -4e200}, {1e-200, 2e-200, -3e-200}, {1e308, 1e308, 1e308, 1e308}, {-math.MaxFloat64, math.MaxFloat64}, {3e-320, 4e-320}, {5e-324, 0, -5e-324}, {1e200, 1e-200}, {1e-300, 1e-310}} {
		far := norm(unit(v, 1)) > 0 && math.Max(math.Abs(v[0]), 0) > 1
		g := make([]float64, len(v))
		g[0], g[len(v)-1] = 1, 0.5
		for _, h := range []Func{Unit, Sigmoid, Shift(Sigmoid, 2)} {
			want := unit(v, h.Value(norm(v)))
			assert.LessOrEqual(t, relative(want, apply(Radial(h), v)), 1e-15, "%s of %g", h, v)
			assert.LessOrEqual(t, relative(want, apply(Trainable(h, 0, 1), v)), 1e-15, "%s of %g", h, v)
		}
		for _, h := range []Func{ReLU, Abs, LeakyReLU(0.5)} {
			assert.Equal(t, v, apply(Radial(h), v), "%s of %g", h, v)
			assert.Equal(t, g, vjp(Radial(h), v, g), "%s of %g", h, v)
		}
		for _, h := range []Func{Tanh, Arctan} {
			want := v
			if far {
				want = unit(v, h.Value(math.Inf(1)))
			}
			assert.LessOrEqual(t, relative(want, apply(Radial(h), v)), 1e-15, "%s of %g", h, v)
			if !far {
				assert.LessOrEqual(t, relative(g, vjp(Radial(h), v, g)), 1e-15, "%s of %g", h, v)
			}
		}
		if far {
			for _, h := range []Func{StepReLU, Softplus, GELU, SiLU, Shift(ReLU, 0.5)} {
				assert.LessOrEqual(t, relative(v, apply(Radial(h), v)), 1e-15, "%s of %g", h, v)
				assert.LessOrEqual(t, relative(g, vjp(Radial(h), v, g)), 1e-15, "%s of %g", h, v)
			}
			assert.LessOrEqual(t, relative(unit(v, 1), apply(Radial(Squash), v)), 1e-15, "squash of %g", v)
			assert.LessOrEqual(t, relative(unit(v, 2), apply(RMSNorm(4, 1e-5), v)), 1e-15, "rmsnorm of %g", v)
		} else {
			assert.LessOrEqual(t, relative(unit(v, 2), apply(RMSNorm(4, 0), v)), 1e-15, "rmsnorm of %g", v)
		}
	}
}

// TestNonFiniteEntries: a NaN or an infinity makes the whole sample NaN, and nothing panics.
func TestNonFiniteEntries(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, a := range radials() {
			z := []float64{1, bad, 0, -2}
			if a.String() == "deadzone(identity,0.1)" {
				continue // the identity leaves the other entries alone
			}
			for _, y := range apply(a, z) {
				assert.Truef(t, math.IsNaN(y), "%s of %v: %v", a, z, y)
			}
			a.VJP(make([]float64, 4), z, []float64{1, 2, 3, 4})
			if b, ok := a.(quiver.RadialJet); ok {
				for k := range 4 {
					b.RadialJet(k, math.Abs(bad))
				}
			}
		}
		for _, a := range everything(4) {
			a.Apply(make([]float64, 4), []float64{1, bad, 0, -2})
			a.VJP(make([]float64, 4), []float64{1, bad, 0, -2}, []float64{1, 2, 3, 4})
		}
	}
	for _, h := range allFuncs() { // no function turns a NaN into a number
		if h.String() != "unit" && h.String() != "power(0)" && h.String() != "shift(steprelu,-0.4)" {
			assert.Truef(t, math.IsNaN(h.Value(math.NaN())), "%s", h)
		}
	}
	assert.Zero(t, GELU.Value(math.Inf(-1)))
	assert.Zero(t, SiLU.Value(math.Inf(-1)))
	assert.Equal(t, 1.0, GELU.Slope(math.Inf(1)))
	assert.Equal(t, 1.0, SiLU.Slope(math.Inf(1)))
}

// TestStepReLUTakesTheSideOfItsValue at its jump.
func TestStepReLUTakesTheSideOfItsValue(t *testing.T) {
	a := Radial(StepReLU)
	below := math.Nextafter(1, 0)
	assert.Equal(t, []float64{1, 0}, apply(a, []float64{1, 0}))
	assert.Equal(t, []float64{0, 0}, apply(a, []float64{below, 0}))
	assert.Equal(t, []float64{3, 4}, vjp(a, []float64{1, 0}, []float64{3, 4}))
	assert.Equal(t, []float64{0, 0}, vjp(a, []float64{below, 0}, []float64{3, 4}))
	assert.Equal(t, 1.0, a.(quiver.RadialJet).RadialJet(0, 1))
	assert.Equal(t, 0.0, a.(quiver.RadialJet).RadialJet(0, below))
}

// TestDeadZone: without it a rounding error at the origin moves a sigmoid by ½; with it
// nothing moves.
func TestDeadZone(t *testing.T) {
	noise := []float64{1e-17, -1e-17}
	assert.InDelta(t, 0.5, norm(apply(Radial(Sigmoid), noise)), 1e-15)
	d := DeadZone(Radial(Sigmoid), 1e-12)
	assert.Equal(t, []float64{0, 0}, apply(d, noise))
	assert.Equal(t, []float64{0, 0}, vjp(d, noise, []float64{1, 1}))
	v := []float64{1, 2}
	assert.Equal(t, apply(Radial(Sigmoid), v), apply(d, v))
	assert.Zero(t, d.(quiver.RadialJet).RadialJet(0, 1e-12))
	assert.NotZero(t, d.(quiver.RadialJet).RadialJet(0, 1.1e-12))
}

// TestInPlaceAndConcurrent: the same bits in place and from many goroutines.
func TestInPlaceAndConcurrent(t *testing.T) {
	rng := newRand(6)
	z, g := gaussian(rng, 5), gaussian(rng, 5)
	for i := range z {
		z[i] = math.Abs(z[i]) // for the fractional powers
	}
	for _, a := range everything(5) {
		y, d := apply(a, z), vjp(a, z, g)
		in := append([]float64(nil), z...)
		a.Apply(in, in)
		assert.Equalf(t, y, in, "%s: Apply in place", a)
		in = append([]float64(nil), g...)
		a.VJP(in, z, in)
		assert.Equalf(t, d, in, "%s: VJP in place", a)
		done := make(chan bool)
		for range 4 {
			go func() {
				ok := true
				for range 50 {
					ok = ok && assert.ObjectsAreEqual(y, apply(a, z)) && assert.ObjectsAreEqual(d, vjp(a, z, g))
				}
				done <- ok
			}()
		}
		for range 4 {
			assert.True(t, <-done, a)
		}
	}
}
