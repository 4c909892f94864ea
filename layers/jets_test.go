package layers

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
)

// smooth are the functions that the 600-bit oracle knows.
var smooth = []Func{Tanh, Sigmoid, Softplus, Arctan, Squash, Exp, GELU, SiLU, Sin}

// TestJetsAgainstBigArithmetic looks on both sides of the switch between the series at 0 and
// the derivatives at r, and far away from it.
func TestJetsAgainstBigArithmetic(t *testing.T) {
	tolerance := []float64{1e-15, 4e-15, 1e-14, 5e-14, 2e-13, 1e-12}
	for _, h := range smooth {
		a := Radial(h).(*radial)
		radii := []float64{1e-12, 1e-6, 1e-3, 0.1, 0.3, 0.7, 1.3, 1.5, 2.5, 4, 9}
		for _, f := range []float64{0.5, 0.9, 0.999, 1, 1.001, 1.1, 1.5} {
			radii = append(radii, f*a.jets.Limit)
		}
		for _, r := range radii {
			for k, tol := range tolerance {
				want := bigLambda(h.String(), k, r, 0)
				require.InEpsilonf(t, want, a.RadialJet(k, r), tol, "%s: λ_%d(%g)", h, k, r)
			}
		}
	}
}

func TestShiftedJetsAgainstBigArithmetic(t *testing.T) {
	for _, h := range smooth {
		for _, s := range []float64{-0.75, 0.5, 2} {
			a := Radial(Shift(h, s)).(quiver.RadialJet)
			for _, r := range []float64{1e-3, 0.1, 0.6, 1.1, 2.2, 5} {
				for k := range 4 {
					want := bigLambda(h.String(), k, r, s)
					scale := math.Abs(want) + 1e-2*math.Abs(bigLambda(h.String(), 0, r, s))*math.Pow(r, float64(-2*k))
					require.InDeltaf(t, want, a.RadialJet(k, r), 1e-13*scale, "%s: λ_%d(%g)", a, k, r)
				}
			}
		}
	}
}

// TestJetsAtOrigin: limits where they are finite, else the convention, 0.
func TestJetsAtOrigin(t *testing.T) {
	for _, c := range []struct {
		h    Func
		want []float64
	}{
		{Tanh, []float64{1, -2. / 3, 16. / 15}},
		{Arctan, []float64{1, -2. / 3, 8. / 5}},
		{Sin, []float64{1, -1. / 3, 1. / 15}},
		{Sigmoid, []float64{0, 0, 0}},
		{Squash, []float64{0, 0, 0}},
		{Exp, []float64{0, 0, 0}},
		{Unit, []float64{0, 0, 0}},
		{ReLU, []float64{1, 0, 0}},
		{StepReLU, []float64{0, 0, 0}},
		{Power(1), []float64{1, 0, 0}},
		{Power(0.5), []float64{0, 0, 0}},
		{Power(1.0001), []float64{0, 0, 0}},
		{Power(3), []float64{0, 2, 0}},
		{Power(-1), []float64{0, 0, 0}},
		{Shift(ReLU, 0.5), []float64{0, 0, 0}},
		{Shift(ReLU, -0.5), []float64{0, 0, 0}},
	} {
		a := Radial(c.h).(quiver.RadialJet)
		for k, want := range c.want {
			assert.InDeltaf(t, want, a.RadialJet(k, 0), 1e-15, "%s: λ_%d(0)", c.h, k)
		}
	}
	norm := RMSNorm(4, 0.25).(quiver.RadialJet)
	assert.Equal(t, 2.0, norm.RadialJet(0, 0))
	assert.Equal(t, -2.0, norm.RadialJet(1, 0)) // −1/d·ε^{−3/2}
	assert.Zero(t, RMSNorm(4, 0).(quiver.RadialJet).RadialJet(0, 0))
}

// TestJetRecurrence: λ_{k+1} = λ_k′/r by differences, for every function and some constants.
func TestJetRecurrence(t *testing.T) {
	for _, h := range allFuncs() {
		a := Radial(h).(quiver.RadialJet)
		checkJets(t, a)
	}
	for _, a := range []quiver.Activation{RMSNorm(8, 1e-5), RMSNorm(3, 0.5), RMSNorm(3, 0), DeadZone(Radial(Sigmoid), 0.25)} {
		checkJets(t, a.(quiver.RadialJet))
	}
}

func checkJets(t *testing.T, a quiver.RadialJet) {
	t.Helper()
	for _, r := range []float64{0.31, 0.77, 1.21, 1.9, 2.6, 5.3} {
		for k := range 5 {
			const e = 1e-3
			d := (8*(a.RadialJet(k, r+e)-a.RadialJet(k, r-e)) - (a.RadialJet(k, r+2*e) - a.RadialJet(k, r-2*e))) / (12 * e)
			got := a.RadialJet(k+1, r)
			scale := math.Abs(got) + math.Abs(a.RadialJet(k, r))/r/r
			require.InDeltaf(t, d/r, got, 1e-6*scale, "%s: λ_%d(%g)", a, k+1, r)
		}
	}
}

// TestPointJets: each derivative is that of the one before.
func TestPointJets(t *testing.T) {
	for _, h := range allFuncs() {
		a := Pointwise(h).(quiver.PointJet)
		for _, x := range []float64{-2.3, -0.71, 0.33, 1.4, 2.7} {
			if math.IsNaN(h.Value(x)) {
				continue // a fractional power below 0
			}
			for k := range 5 {
				const e = 1e-3
				d := (8*(a.PointJet(k, x+e)-a.PointJet(k, x-e)) - (a.PointJet(k, x+2*e) - a.PointJet(k, x-2*e))) / (12 * e)
				require.InDeltaf(t, d, a.PointJet(k+1, x), 1e-8*(1+math.Abs(d)), "%s: derivative %d at %g", h, k+1, x)
			}
			assert.Equal(t, h.Slope(x), a.PointJet(1, x))
			c := make([]float64, 2)
			h.Jet(c, x)
			assert.InDelta(t, h.Slope(x), c[1], 1e-14*(1+math.Abs(c[1])), "%s at %g", h, x)
			assert.InDelta(t, h.Value(x), c[0], 1e-14*(1+math.Abs(c[0])), "%s at %g", h, x)
		}
	}
}
