package composed

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/layers"
)

// TestClipped: elementwise functions are computed as Gorgonia computes them, also where it
// replaces them by their asymptotes.
func TestClipped(t *testing.T) {
	v := []float64{-800, -3, 0, 15.9, 17, 18.9, 19.1}
	x := G.NewMatrix(G.NewGraph(), tensor.Float64, G.WithShape(1, 7), G.WithName("x"))
	require.NoError(t, G.Let(x, tensor.New(tensor.WithShape(1, 7), tensor.WithBacking(v))))
	for name, f := range map[string]func(*G.Node) (*G.Node, error){"sigmoid": G.Sigmoid, "softplus": G.Softplus, "tanh": G.Tanh, "exp": G.Exp, "cube": G.Cube, "sqrt": G.Sqrt, "inv": G.Inverse, "invSqrt": G.InverseSqrt, "ln": G.Log, "log2": G.Log2, "log1p": G.Log1p, "expm1": G.Expm1, "cos": G.Cos, "sin": G.Sin, "abs": G.Abs, "neg": G.Neg, "square": G.Square} {
		y, err := G.Must(f(x)).Op().Do(x.Value())
		require.NoError(t, err)
		want := y.Data().([]float64)
		for i, y := range v {
			got := Functions[name].Value(y)
			assert.True(t, got == want[i] || got != got && want[i] != want[i] || math.Abs(got-want[i]) <= 1e-15*math.Abs(want[i]), "%s(%v) = %v, Gorgonia has %v", name, y, got, want[i])
			var c [3]float64
			Functions[name].Jet(c[:], y)
			if isNumber(got) && y != 0 {
				assert.InDelta(t, got, c[0], 1e-14*math.Abs(got), "%s at %v", name, y)
				assert.InDelta(t, Functions[name].Slope(y), c[1], 1e-12*(1+math.Abs(c[1])), "%s at %v", name, y)
			}
		}
	}
}

// TestClippedJets: value and slope are the first two coefficients, and the asymptotes are close to the function.
func TestClippedJets(t *testing.T) {
	at := []float64{-40, -25, -19.5, -18, -16.5, -2, 0, 0.5, 9, 15, 16.5, 17, 18.5, 19.5, 25, 40}
	for _, f := range []*Clipped{Sigmoid, Softplus, SiLU} {
		c := make([]float64, 3)
		for _, x := range at {
			f.Jet(c, x)
			assert.Equal(t, []float64{f.Value(x), f.Slope(x)}, c[:2])
			assert.InDelta(t, f.Func.Slope(x), f.Slope(x), 2e-7, "%v at %g", f, x)
		}
	}
	assert.NotEqual(t, layers.Sigmoid.Value(19.5), Sigmoid.Value(19.5))
}
