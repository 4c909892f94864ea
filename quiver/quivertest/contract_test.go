package quivertest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// TestCatalogue runs the suite on activations of every kind.
func TestCatalogue(t *testing.T) {
	for _, a := range []quiver.Activation{
		quiver.Identity, layers.Radial(layers.Tanh), layers.Radial(layers.Squash), layers.Radial(layers.Sigmoid), layers.Radial(layers.Shift(layers.ReLU, 0.5)),
		layers.Pointwise(layers.GELU), layers.Pointwise(layers.Sin), layers.RMSNorm(6, 0.1), layers.Trainable(layers.Tanh, 0.3, 1.1),
		layers.Gain(layers.RMSNorm(5, 0.1), true), layers.Rescaling("suite-onenorm", layers.OneNorm{}),
	} {
		quivertest.Activation(t, a, nil)
	}
	quivertest.Activation(t, layers.Blocks(layers.Tanh, 2, 3), nil, 5)
	quivertest.Activation(t, layers.Quadratic(layers.Tanh, nil, []float64{1, -2, 0.5}, 0.1), nil, 3)
}

// recorder takes the complaints of the suite.
type recorder struct{ said []string }

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// twice is a correct activation that the broken ones change.
type twice struct{}

func (twice) String() string { return "twice" }
func (twice) Apply(dst, z []float64) {
	for i, x := range z {
		dst[i] = 2 * x
	}
}
func (twice) VJP(dst, _, g []float64) {
	for i, x := range g {
		dst[i] = 2 * x
	}
}
func (twice) Restrict(*mat.Dense) (quiver.Activation, bool) { return twice{}, true }

type wrongVJP struct{ twice }

func (wrongVJP) VJP(dst, _, g []float64) { copy(dst, g) }

type changesZ struct{ twice }

func (changesZ) Apply(dst, z []float64) {
	for i, x := range z {
		z[i] = 2 * x
		dst[i] = 2 * x
	}
}

type remembers struct {
	twice
	calls *float64
}

func (a remembers) VJP(dst, _, g []float64) {
	*a.calls++
	for i, x := range g {
		dst[i] = (2 + 1e-9**a.calls) * x
	}
}

type wrongRestrict struct{ twice }

func (wrongRestrict) Restrict(*mat.Dense) (quiver.Activation, bool) { return quiver.Identity, true }

type leaves struct{}

func (leaves) String() string { return "leaves" }
func (leaves) Apply(dst, z []float64) {
	for i, x := range z {
		dst[i] = x * x * x
	}
}
func (leaves) VJP(dst, z, g []float64) {
	for i, x := range z {
		dst[i] = 3 * x * x * g[i]
	}
}
func (leaves) Restrict(b *mat.Dense) (quiver.Activation, bool) {
	return quiver.Restricted(leaves{}, b), true
}

type tooCalm struct{ twice }

func (tooCalm) Lipschitz(_, hi float64) (lip, sup float64) { return 1, 3 * hi }

type tooSmall struct{ twice }

func (tooSmall) Lipschitz(_, hi float64) (lip, sup float64) { return 2, hi }

type wrongJet struct{ twice }

func (wrongJet) RadialJet(k int, _ float64) float64 { return 2 - float64(k) }

type nan struct{ twice }

func (nan) Apply(dst, z []float64) {
	for i, x := range z {
		dst[i] = 2 * x * (x / x)
	}
}

type wrongParams struct{ twice }

func (wrongParams) NumParams(int) int      { return 1 }
func (wrongParams) InitParams(p []float64) { p[0] = 2 }
func (wrongParams) ApplyP(dst, z, p []float64) {
	for i, x := range z {
		dst[i] = p[0] * x
	}
}
func (wrongParams) VJPP(dst, _, _, g, p []float64) {
	for i, x := range g {
		dst[i] = p[0] * x
	}
}

type wrongSecond struct{ twice }

func (a wrongSecond) JVP(dst, z, u []float64)   { a.VJP(dst, z, u) }
func (wrongSecond) VJP2(dst, _, g, _ []float64) { copy(dst, g) }

// TestSuiteCanFail: each broken activation is caught, and the complaint says why.
func TestSuiteCanFail(t *testing.T) {
	quivertest.Activation(t, twice{}, nil)
	for want, a := range map[string]quiver.Activation{
		"VJP at":                     wrongVJP{},
		"changes its arguments":      changesZ{},
		"a second call":              remembers{calls: new(float64)},
		"away from bᵀρ(bw)":          wrongRestrict{},
		"that the activation leaves": leaves{},
		"promises the constant":      tooCalm{},
		"promises |ρ(z)|":            tooSmall{},
		"RadialJet(1":                wrongJet{},
		"at the origin":              nan{},
		"VJPP must add":              wrongParams{},
		"VJP2 is":                    wrongSecond{},
	} {
		var r recorder
		quivertest.Activation(&r, a, nil, 2, 4)
		all := strings.Join(r.said, "\n")
		assert.Contains(t, all, want, "%T", a)
	}
}

// TestSensitivityCanFail: networks in which mistakes do not show are found.
func TestSensitivityCanFail(t *testing.T) {
	act := quivertest.Act{Activation: layers.Radial(layers.Tanh), Size: 1.2}
	in := quivertest.Generate(0, act)
	require.Empty(t, quivertest.Sensitivity(in))
	linear := in
	linear.Rep = in.Rep.Clone()
	for name, m := range linear.Rep.All() { // tiny weights into the first vertex: tanh is the identity there
		if strings.HasSuffix(name, "->h1") {
			m.Scale(1e-6, m)
		}
	}
	assert.Contains(t, quivertest.Sensitivity(linear), "linear")
	zero := in
	zero.Rep = in.Rep.Like()
	assert.Contains(t, quivertest.Sensitivity(zero), "moves the output")
}

// TestGenerate: the same seed gives the same bits, and each kind comes up.
func TestGenerate(t *testing.T) {
	act := quivertest.Act{Activation: layers.Radial(layers.Tanh), Size: 1.2}
	kinds := map[string]bool{}
	for seed := range uint64(len(quivertest.Kinds())) {
		a, b := quivertest.Generate(seed, act), quivertest.Generate(seed, act)
		assert.Equal(t, a.Rep.Data(), b.Rep.Data())
		assert.Equal(t, a.Rep.Quiver().Layout(), b.Rep.Quiver().Layout())
		kinds[a.Kind] = true
		assert.NoError(t, a.Rep.Check())
	}
	assert.Len(t, kinds, len(quivertest.Kinds()))
	assert.InDelta(t, 0.5, quivertest.Gap([]*mat.Dense{mat.NewDense(1, 2, []float64{2, 0})}, []*mat.Dense{mat.NewDense(1, 2, []float64{1, 0})}), 1e-15)
}
