package rewrite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/symmetry"
)

// TestDecay: a decay is kept exactly. The cost of the rewritten graph is the original's, the constant included, and the
// decay adds 2λW′ to the gradient at each weight, as it adds 2λW to the original's.
func TestDecay(t *testing.T) {
	build := func(lambda float64) (*lab, *Result, *G.Node) {
		l := newLab(t, 5)
		cost := l.radialNet()
		if lambda > 0 {
			for _, w := range l.weights {
				cost = G.Must(G.Add(cost, G.Must(G.HadamardProd(l.scalar(lambda), G.Must(G.Sum(square(w)))))))
			}
		}
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(cost)
		require.NoError(t, err)
		require.Len(t, res.Report.Changes, 2, "%s", res)
		return l, res, cost
	}
	const lambda = 0.3
	l, with, cost := build(lambda)
	k, without, plain := build(0)
	assert.LessOrEqual(t, gapOf(t, tape(t, G.Nodes{cost}), tape(t, with.Roots)), 1e-13)
	assert.LessOrEqual(t, gapOf(t, tape(t, G.Nodes{plain}), tape(t, without.Roots)), 1e-13)
	a, b := differentiated(t, with.Roots[0], with.Weights, nil), differentiated(t, without.Roots[0], without.Weights, nil)
	g, h := a.run(t), b.run(t)
	var kept, all float64
	for i, w := range with.Weights {
		x := inspect.MustNumbers(w.Value())
		require.Equal(t, x, inspect.MustNumbers(without.Weights[i].Value()), "the decay changes no coordinates")
		for j := range x {
			assert.InDelta(t, 2*lambda*x[j], g[w.Name()][j]-h[w.Name()][j], 1e-13*(1+abs(x[j])), "%s %d", w.Name(), j)
		}
		kept += dot(x, x)
	}
	for _, w := range l.weights {
		x := inspect.MustNumbers(w.Value())
		all += dot(x, x)
	}
	// Negative control: without the constant the cost would be another.
	assert.Greater(t, lambda*(all-kept), 0.1*g["cost"][0])
	assert.InDelta(t, lambda*all, g["cost"][0]-h["cost"][0], 1e-12*g["cost"][0])
	_ = k
}

// TestDecayAndOptions: what is not orthonormal leaves weights with a decay alone.
func TestDecayAndOptions(t *testing.T) {
	l := newLab(t, 5)
	x := l.input("x", 4, 3)
	w, v := l.weight("w", 3, 10), l.weight("v", 3, 10)
	h := radialOf(G.Tanh)(G.Must(G.Add(G.Must(G.Mul(x, w)), G.Must(G.Mul(x, v)))))
	cost := G.Must(G.Add(mse(G.Must(G.Mul(h, l.weight("o", 10, 2))), l.input("y", 4, 2)), G.Must(G.Sum(square(w)))))
	for _, o := range [][]symmetry.Option{nil, {symmetry.MergeParallel}, {symmetry.Rank(0), symmetry.Observe()}, {symmetry.Pointwise()}} {
		res, err := Rewriter{Weights: l.weights, Data: l.data, Options: o}.Rewrite(cost)
		require.NoError(t, err)
		assert.LessOrEqual(t, gapOf(t, tape(t, G.Nodes{cost}), tape(t, res.Roots)), 1e-12)
		never(t, res, "decay and options")
		d := differentiated(t, res.Roots[0], res.Weights, nil)
		require.NotEmpty(t, d.weights)
		for _, n := range d.weights {
			if n.Name() == "w" && len(o) == 1 && res.Compression == nil {
				assert.Equal(t, inspect.MustNumbers(w.Value()), inspect.MustNumbers(n.Value()), "merged weights have no decay of their own")
			}
		}
	}
}
