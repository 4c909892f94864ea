package rewrite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
)

// TestFusedFactors: a constant factor, a difference and a mean stay Gorgonia's operations among
// fused vertices: as one operation each would be a product with a square matrix.
func TestFusedFactors(t *testing.T) {
	l := newLab(t, 1)
	h := G.Must(G.Tanh(l.linear("0", l.input("x", 4, 3), 8)))
	h = G.Must(G.Tanh(G.Must(G.Sub(G.Must(G.HadamardProd(h, l.scalar(0.3))), l.linear("1", h, 8)))))
	y := l.linear("2", l.layerNorm(h), 2)
	r := Rewriter{Weights: l.weights, Data: l.data, Fused: true}
	res, err := r.Rewrite(y)
	require.NoError(t, err)
	for _, n := range res.Fixed {
		assert.NotEqual(t, []int{8, 8}, []int(n.Shape()), "%v", n)
	}
	assert.LessOrEqual(t, res.Report.After.Operations, res.Report.Before.Operations)
	assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), valuesOf(res.Roots)), 1e-13)

	// A weight that another vertex shares stays one input: then the factor is a matrix.
	l = newLab(t, 1)
	w := l.weight("w", 8, 8)
	h = G.Must(G.Tanh(l.linear("0", l.input("x", 4, 3), 8)))
	for range 2 {
		h = G.Must(G.Tanh(G.Must(G.Add(G.Must(G.HadamardProd(h, l.scalar(0.3))), G.Must(G.Mul(h, w))))))
	}
	res, err = Rewriter{Weights: l.weights, Data: l.data, Fused: true}.Rewrite(h)
	require.NoError(t, err)
	assert.Len(t, res.Weights, 3)
	assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{h}), valuesOf(res.Roots)), 1e-13)
}

// TestFusedTwice: the matrices that the first rewriting made are taken over by the second, with
// their names.
func TestFusedTwice(t *testing.T) {
	l := newLab(t, 1)
	x := l.input("x", 4, 3)
	a, b := l.rms(l.linear("0", x, 19)), l.rms(l.linear("1", x, 27))
	h := l.rms(G.Must(G.Slice(G.Must(G.Concat(1, a, b)), nil, G.S(1, 45))))
	res, err := Rewriter{Weights: l.weights, Data: l.data, Fused: true}.Rewrite(l.linear("2", h, 2))
	require.NoError(t, err)
	require.NotEmpty(t, res.Report.Changes, "%s", res)
	require.NotEmpty(t, res.Fixed)
	again, err := Rewriter{Weights: res.Weights, Data: G.Nodes{res.Map[x]}, Fixed: res.Fixed, Fused: true}.Rewrite(res.Roots...)
	require.NoError(t, err)
	assert.Equal(t, drawing(res.Roots), drawing(again.Roots))
	for _, n := range res.Fixed {
		if n.Shape()[1] > 1 { // not the ones
			assert.NotNil(t, again.Map[n], "%v", n)
		}
	}
}

// TestFusedCounts: a product by itself has as many operations fused as not.
func TestFusedCounts(t *testing.T) {
	l := newLab(t, 1)
	y := G.Must(G.Mul(l.input("x", 4, 3), l.weight("W", 3, 5)))
	res, err := Rewriter{Weights: l.weights, Data: l.data, Fused: true}.Rewrite(y)
	require.NoError(t, err)
	assert.Equal(t, 2*4*3*5, res.Report.Before.Operations)
	assert.Equal(t, 2*4*3*5, res.Report.After.Operations)
}
