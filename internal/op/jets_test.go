package op

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestSigmoidDerivatives: the first derivatives of σ by their equations in v = σ(x), and the others as slopes of those before.
func TestSigmoidDerivatives(t *testing.T) {
	for _, x := range []float64{-30, -4, -0.7, 0, 0.3, 2, 11} {
		v := 1 / (1 + math.Exp(-x))
		s := math.Exp(-math.Abs(x)) / ((1 + math.Exp(-math.Abs(x))) * (1 + math.Exp(-math.Abs(x))))
		want := []float64{v, s, s * (1 - 2*v), s * (1 - 6*v + 6*v*v), s * (1 - 14*v + 36*v*v - 24*v*v*v)}
		for k, w := range want {
			assert.InDelta(t, w, SigmoidJets(k, x), 1e-14*s+1e-15*math.Abs(w), "%d at %g", k, x)
			assert.InDelta(t, w, SoftplusJets(k+1, x), 1e-14*s+1e-15*math.Abs(w), "softplus, %d at %g", k+1, x)
		}
		for k := 4; k < 7; k++ {
			const h = 1e-4
			assert.InDelta(t, (SigmoidJets(k, x+h)-SigmoidJets(k, x-h))/(2*h), SigmoidJets(k+1, x), 1e-5*s*math.Pow(6, float64(k)), "%d at %g", k+1, x)
		}
		// Negative control: neighbours differ, but for far below zero, where each derivative of eˣ is eˣ.
		assert.Equal(t, x > -10, math.Abs(SigmoidJets(3, x)-SigmoidJets(2, x)) > 1e-3*s, "at %g", x)
	}
}

// TestJets: the value of each function is that of package math, and each derivative the slope of the one before.
func TestJets(t *testing.T) {
	for name, c := range map[string]struct {
		f     Jets
		value func(float64) float64
		at    []float64
	}{
		"sin":      {SineJets(0), math.Sin, []float64{-2, -0.3, 0, 1, 4}},
		"cos":      {SineJets(1), math.Cos, []float64{-2, -0.3, 0, 1, 4}},
		"exp":      {ExpJets, math.Exp, []float64{-3, 0, 1.5}},
		"abs":      {AbsJets, math.Abs, []float64{-2, 0.5}},
		"log1p":    {Log1pJets, math.Log1p, []float64{-0.4, 0, 0.7, 3}},
		"tanh":     {TanhJets, math.Tanh, []float64{-3, -0.4, 0, 0.2, 1.1}},
		"sigmoid":  {SigmoidJets, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, []float64{-3, -0.4, 0, 0.2, 1.1}},
		"softplus": {SoftplusJets, func(x float64) float64 { return math.Log(1 + math.Exp(x)) }, []float64{-3, -0.4, 0, 0.2, 1.1}},
	} {
		for _, x := range c.at {
			assert.InDelta(t, c.value(x), c.f(0, x), 1e-15*(1+math.Abs(c.value(x))), "%s at %g", name, x)
			for k := range 4 {
				const h = 1e-5
				slope := (c.f(k, x+h) - c.f(k, x-h)) / (2 * h)
				size := 1 + math.Abs(c.f(k+1, x)) + math.Abs(c.f(k+3, x))
				assert.InDelta(t, slope, c.f(k+1, x), 1e-8*size, "%s, derivative %d at %g", name, k+1, x)
				if name != "exp" && (name != "abs" || k < 2) { // Negative control: what is no slope is found out.
					assert.Greater(t, math.Abs(slope-c.f(k, x))+math.Abs(slope-c.f(k+2, x)), 1e-8*size, "%s, %d at %g", name, k, x)
				}
			}
		}
	}
	assert.Zero(t, AbsJets(1, 0), "the slope at the corner")
}
