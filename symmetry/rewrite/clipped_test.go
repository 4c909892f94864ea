package rewrite

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
)

// TestClippedSlopes: values and gradients of fused logistic functions are Gorgonia's, on both sides of the points
// where it takes asymptotes. The gradient does not take that of the value: at 17 that of softplus is 1 − 4e-8.
func TestClippedSlopes(t *testing.T) {
	at := []float64{-40, -25, -19.5, -18, -16.5, -2, 0, 0.5, 9, 15, 16.5, 17, 18.5, 19.5, 25, 40}
	for name, f := range map[string]func(*G.Node) (*G.Node, error){
		"sigmoid": G.Sigmoid, "softplus": G.Softplus,
		"silu": func(x *G.Node) (*G.Node, error) { return G.HadamardProd(x, G.Must(G.Sigmoid(x))) },
	} {
		l := newLab(t, 1)
		x := l.input("x", len(at), 1)
		w := l.weight("w", 1, 1)
		w.Value().Data().([]float64)[0] = 1
		cost := G.Must(G.Sum(G.Must(f(G.Must(G.Mul(x, w))))))
		res, err := Rewriter{Weights: l.weights, Data: l.data, Fused: true}.Rewrite(cost)
		require.NoError(t, err)
		assert.True(t, slices.ContainsFunc(res.Graph.AllNodes(), func(n *G.Node) bool { return inspect.KindOf(n.Op()).Own != nil }), "%s is fused", name)
		values := inspect.NewValue(l.dt, tensor.Shape{len(at), 1}, at)
		require.NoError(t, G.Let(x, values))
		require.NoError(t, G.Let(res.Map[x], values))
		a, b := differentiated(t, cost, nil, l.data), differentiated(t, res.Roots[0], nil, dataOf(res, l))
		want, got := a.run(t)["x"], b.run(t)["x"]
		for i, z := range at {
			assert.InDelta(t, want[i], got[i], 1e-15*(1+math.Abs(z)), "%s at %g", name, z)
			// Negative control: rounding is far smaller than what the asymptotes would change.
			if z == 17 && name == "softplus" {
				assert.Greater(t, 1-want[i], 1e-8)
			}
		}
	}
}
