package layers

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/quiver"
)

// everyText is the string of every kind of activation, with awkward constants.
func everyText() []string {
	var s []string
	for _, a := range everything(3) {
		s = append(s, a.String())
	}
	for _, a := range []quiver.Activation{
		Radial(Shift(Shift(Tanh, 0.1), 0.2)), Radial(Shift(LeakyReLU(1./3), -1e-300)), Pointwise(Power(-0.5)), Pointwise(Shift(Power(3), math.Pi)), Radial(LeakyReLU(math.Copysign(0, -1))),
		RMSNorm(1, 0), RMSNorm(4096, 1e-6), RMSNorm(7, 5e-324), DeadZone(DeadZone(pole(), 0.5), 1e-12), DeadZone(RMSNorm(5, 0.1), 0), Trainable(Shift(ReLU, 1), -0.1, 1e22),
		Gain(Radial(Shift(Sigmoid, 2)), true), Blocks(Shift(GELU, 1.0/3), 1, 2, 3), Quadratic(Shift(Sigmoid, 0.5), nil, []float64{1. / 3}, -2),
	} {
		s = append(s, a.String())
	}
	return s
}

// pole is a radial activation with a pole.
func pole() quiver.Activation { return Radial(Power(-1)) }

// TestParseReadsWhatStringPrints, with the same bits of every constant.
func TestParseReadsWhatStringPrints(t *testing.T) {
	rng := newRand(51)
	for _, s := range everyText() {
		a, err := Parse(s)
		require.NoError(t, err, s)
		require.Equal(t, s, a.String())
		if strings.Contains(s, "quadratic") || strings.Contains(s, "blocks") {
			continue // of one dimension; below
		}
		b, err := Parse(a.String())
		require.NoError(t, err)
		v := gaussian(rng, 3)
		require.True(t, sameBits(apply(a, v), apply(b, v)), s)
	}
	for _, a := range everything(3) {
		v := gaussian(rng, 3)
		b, err := Parse(a.String())
		require.NoError(t, err)
		require.True(t, sameBits(apply(a, v), apply(b, v)), a)
		require.IsType(t, a, b)
	}
}

func sameBits(a, b []float64) bool {
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) && !(math.IsNaN(a[i]) && math.IsNaN(b[i])) {
			return false
		}
	}
	return true
}

// TestNamesTellActivationsApart: a constant that changes, however little, changes the name.
func TestNamesTellActivationsApart(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range everyText() {
		seen[s] = true
	}
	assert.Len(t, seen, len(everyText()))
	for _, p := range [][2]quiver.Activation{
		{RMSNorm(3, 1e-5), RMSNorm(3, math.Nextafter(1e-5, 1))}, {Radial(Shift(Tanh, 0.1)), Radial(Shift(Tanh, math.Nextafter(0.1, 1)))}, {Trainable(Tanh, 0, 1), Trainable(Tanh, 0, 1.0000000000000002)},
		{DeadZone(Radial(Tanh), 1), DeadZone(Radial(Tanh), 2)}, {Blocks(Tanh, 1, 2), Blocks(Tanh, 2, 1)}, {Gain(Radial(Tanh), true), Gain(Radial(Tanh), false)},
		{Quadratic(Tanh, nil, []float64{1}, 0), Quadratic(Tanh, nil, []float64{1}, 1)}, {Radial(Tanh), Pointwise(Tanh)},
	} {
		assert.NotEqual(t, p[0].String(), p[1].String())
	}
}

// TestParseErrors compares with the golden texts.
func TestParseErrors(t *testing.T) {
	var b strings.Builder
	for _, s := range []string{
		"", "tanh", "shift(tanh,1)", "radial", "radial()", "radial(tahn)", "raidal(tanh)", "radial(tanh", "radial(tanh))", "radial(tanh)x", "radial(tanh,1)", "radial(shift(tanh))", "radial(shift(tanh,x))",
		"radial(shift(tanh,NaN))", "radial(power(+Inf))", "radial(leakyrelu(nan))", "pointwise(radial(tanh))", "rmsnorm(0,1)", "rmsnorm(2.5,1)", "rmsnorm(4,-1)", "rmsnorm(4,NaN)", "rmsnorm(4)",
		"deadzone(pointwise(tanh),1)", "deadzone(radial(tanh),-1)", "trainable(tanh,0,Inf)", "gain(identity,true)", "gain(radial(tanh),maybe)", "blocks(tanh)", "blocks(tanh,0)", "blocks(tanh,9223372036854775807,9223372036854775807)",
		"quadratic(tanh,[1 2 3],[],0)", "quadratic(tanh,[],[],0)", "quadratic(tanh,[1],[1 2],0)", "quadratic(tanh,1,[1],0)", "quadratic(tanh,[x],[1],0)", "quadratic(tanh,[NaN],[],0)", "quadratic(tanh,[1],[Inf],0)",
		"identity()", "restrict(onenorm,#0011223344556677)", "relu6", "radial([)]", strings.Repeat("(", 40), "radial(" + strings.Repeat("shift(", 50) + "tanh" + strings.Repeat(",1)", 50) + ")", strings.Repeat("x", 1<<16+1), "radial(\x00\"\n)",
	} {
		a, err := Parse(s)
		var e *UnknownActivationError
		require.ErrorAs(t, err, &e, s)
		require.Nil(t, a)
		if len(s) > 200 {
			s = s[:40] + "…"
		}
		fmt.Fprintf(&b, "%q\n\t%s\n", s, err)
	}
	golden.Check(t, "parse_errors.golden", b.String())
}

type cube struct{}

func (cube) Value(v []float64) float64 { return dot(v, v) * 2 }
func (cube) Gradient(dst, v []float64) {
	for i, x := range v {
		dst[i] = 4 * x
	}
}

// TestRegisterLambda: a closure is known to Parse once it is registered, and cannot hide the catalogue.
func TestRegisterLambda(t *testing.T) {
	a := Rescaling("cube", cube{})
	_, err := Parse(a.String())
	require.Error(t, err)
	RegisterLambda("cube", cube{})
	b, err := Parse("cube")
	require.NoError(t, err)
	assert.Equal(t, apply(a, []float64{1, 2}), apply(b, []float64{1, 2}))
	_, second := b.(quiver.SecondOrder)
	assert.False(t, second, "no Hessian, no second order")
	_, bounded := b.(quiver.Lipschitz)
	assert.False(t, bounded, "no constants, no bound")
	for _, name := range []string{"", "identity", "radial(tanh)", "restrict(cube,#00)"} {
		var e *ConstantError
		assert.ErrorAs(t, panicOf(func() { RegisterLambda(name, cube{}) }), &e, name)
	}
	var e *ConstantError
	assert.ErrorAs(t, panicOf(func() { RegisterLambda("nil", nil) }), &e)
	assert.ErrorAs(t, panicOf(func() { Rescaling("nil", nil) }), &e)
}

// TestMakersRefuse constants with which they would not be the function of their name.
func TestMakersRefuse(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for i, f := range []func(){
		func() { Shift(Tanh, nan) }, func() { LeakyReLU(inf) }, func() { Power(nan) }, func() { RMSNorm(0, 1) }, func() { RMSNorm(3, nan) }, func() { RMSNorm(3, inf) },
		func() { DeadZone(Pointwise(Tanh), 1) }, func() { DeadZone(Radial(Tanh), nan) }, func() { Trainable(Tanh, nan, 1) }, func() { Gain(Pointwise(Tanh), true) },
		func() { Blocks(Tanh) }, func() { Blocks(Tanh, 3, 0) }, func() { Quadratic(Tanh, nil, nil, 0) }, func() { Quadratic(Tanh, nil, []float64{nan}, 0) },
	} {
		var e *ConstantError
		require.ErrorAs(t, panicOf(f), &e, i)
	}
}

// FuzzParse: no text makes Parse panic, and what it accepts prints as itself when read again.
func FuzzParse(f *testing.F) {
	for _, s := range everyText() {
		f.Add(s)
	}
	f.Add("radial(shift(shift(tanh,0x1p-3),1e309))")
	f.Add("quadratic(sin,[1 2 3 4],[1 2],-0)")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			var e *UnknownActivationError
			require.ErrorAs(t, err, &e)
			require.Nil(t, a)
			return
		}
		b, err := Parse(a.String())
		require.NoError(t, err)
		require.Equal(t, a.String(), b.String())
	})
}
