package rewrite

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
)

// number adds a trained number.
func (l *lab) number(name string, x float64) *G.Node {
	n := G.NewScalar(l.g, l.dt, G.WithName(name))
	require.NoError(l.t, G.Let(n, inspect.NewValue(l.dt, nil, []float64{x})))
	l.weights = append(l.weights, n)
	return n
}

// trainedNumbers are programs in which a trained number is part of an activation, or of the way from a weight to its product.
var trainedNumbers = map[string]func(l *lab) *G.Node{
	"ε": func(l *lab) *G.Node {
		z := l.linear("0", l.input("x", 4, 2), 20)
		q := G.Must(G.Add(G.Must(G.Mean(G.Must(G.Square(z)), 1)), G.Must(G.Square(l.number("s", 0.3)))))
		return l.linear("1", over(G.BroadcastHadamardDiv, z, G.Must(G.Sqrt(q))), 2)
	},
	"temperature": func(l *lab) *G.Node {
		z := l.linear("0", l.input("x", 4, 2), 20)
		n := G.Must(G.Norm(z, 1, 2))
		r := G.Must(G.HadamardDiv(G.Must(G.Tanh(G.Must(G.HadamardProd(n, l.number("s", 0.7))))), n))
		return l.linear("1", over(G.BroadcastHadamardProd, z, r), 2)
	},
	"factor of a weight": func(l *lab) *G.Node {
		w := G.Must(G.HadamardProd(l.weight("w", 2, 20), l.number("s", -0.4)))
		return l.linear("1", l.rms(G.Must(G.Mul(l.input("x", 4, 2), w))), 2)
	},
	"divisor of a transposed weight": func(l *lab) *G.Node {
		w := G.Must(G.Transpose(G.Must(G.HadamardDiv(l.weight("w", 20, 2), l.number("s", 3)))))
		return l.linear("1", l.rms(l.bias(G.Must(G.Mul(l.input("x", 4, 2), w)), l.weight("b", 1, 20))), 2)
	},
}

// TestTrainedNumbers: a trained number stays a trained input whose gradient is that of the original, fused or not, and the
// report does not say of it that it is outside the regions.
func TestTrainedNumbers(t *testing.T) {
	for name, build := range trainedNumbers {
		for _, fused := range []bool{false, true} {
			l := newLab(t, 8)
			cost := mse(build(l), l.input("y", 4, 2))
			res, err := Rewriter{Weights: l.weights, Data: l.data, Fused: fused}.Rewrite(cost)
			require.NoError(t, err)
			require.NotEmpty(t, res.Report.Changes, "%s\n%s", name, res)
			require.True(t, slices.ContainsFunc(res.Weights, func(n *G.Node) bool { return n.Name() == "s" }), "%s, fused %v\n%s", name, fused, res)
			assert.Empty(t, slices.DeleteFunc(slices.Clone(res.Report.Left), func(f Left) bool { return f.Node != "s" }), "%s\n%s", name, res)
			a, b := differentiated(t, cost, l.named("s"), nil), differentiated(t, res.Roots[0], res.Weights, nil)
			want, got := a.run(t)["s"][0], b.run(t)["s"][0]
			near12(t, want, got, 0, "%s, fused %v", name, fused)
			// Negative control: the gradient depends on the number.
			require.NoError(t, G.Let(l.named("s")[0], inspect.NewValue(l.dt, nil, []float64{0.9})))
			assert.Greater(t, abs(a.run(t)["s"][0]-got), 1e-6*abs(got), name)
		}
	}
}

// TestTrainedNumbersOutside: a trained number that scales features is outside, and the report says so.
func TestTrainedNumbersOutside(t *testing.T) {
	l := newLab(t, 8)
	z := G.Must(G.HadamardProd(l.linear("0", l.input("x", 4, 2), 6), l.number("s", 0.3)))
	res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(mse(l.linear("1", G.Must(G.SoftMax(z)), 2), l.input("y", 4, 2)))
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(res.Report.Left, func(f Left) bool { return f.Node == "s" }), "%s", res)
}

// TestFusedTies: a weight that vertices share stays one input where one of them is fused and the other is not, because
// of a trained number, a constant factor, or squares that are summed.
func TestFusedTies(t *testing.T) {
	for name, build := range map[string]func(l *lab, x, z, w, v *G.Node) *G.Node{
		"a trained number": func(l *lab, x, z, w, v *G.Node) *G.Node {
			first := G.Must(G.Mul(x, G.Must(G.HadamardProd(v, l.number("s", 0.5)))))
			return G.Must(G.Add(l.rms(G.Must(G.Add(first, G.Must(G.Mul(z, w))))), l.rms(G.Must(G.Mul(x, w)))))
		},
		"a constant factor": func(l *lab, x, z, w, v *G.Node) *G.Node {
			first := G.Must(G.HadamardProd(G.Must(G.Mul(x, v)), l.scalar(0.5)))
			return G.Must(G.Add(l.rms(G.Must(G.Add(first, G.Must(G.Mul(z, w))))), l.rms(G.Must(G.Mul(x, w)))))
		},
		"a decay": func(l *lab, x, z, w, v *G.Node) *G.Node {
			h := G.Must(G.Add(l.rms(G.Must(G.Add(G.Must(G.Mul(x, v)), G.Must(G.Mul(z, w))))), l.rms(G.Must(G.Mul(x, w)))))
			return G.Must(G.Add(h, G.Must(G.Sum(square(v)))))
		},
		"none": func(l *lab, x, z, w, v *G.Node) *G.Node {
			return G.Must(G.Add(l.rms(G.Must(G.Add(G.Must(G.Mul(x, v)), G.Must(G.Mul(z, w))))), l.rms(G.Must(G.Mul(x, w)))))
		},
	} {
		l := newLab(t, 9)
		x, z, w, v := l.input("x", 4, 2), l.input("z", 4, 2), l.weight("w", 2, 30), l.weight("v", 2, 30)
		h := build(l, x, z, w, v)
		cost := mse(G.Must(G.Mul(h, l.weight("o", 30, 2))), l.input("y", 4, 2))
		plain, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(cost)
		require.NoError(t, err)
		res, err := Rewriter{Weights: l.weights, Data: l.data, Fused: true}.Rewrite(cost)
		require.NoError(t, err)
		assert.Equal(t, len(l.weights), len(res.Weights), "%s\n%s", name, res)
		assert.Equal(t, plain.Report.After.Parameters, res.Report.After.Parameters, "%s\n%s", name, res)
		assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{cost}), valuesOf(res.Roots)), 1e-12, name)
		own := slices.ContainsFunc(res.Graph.AllNodes(), func(n *G.Node) bool { return inspect.KindOf(n.Op()).Own != nil })
		assert.True(t, own, "%s: something is fused, so that the test tests something\n%s", name, res)
	}
}

// TestChainIsNotLeftAlone: the product of two weights that became a chain of arrows and shrank is not said to be left alone.
func TestChainIsNotLeftAlone(t *testing.T) {
	for _, twice := range []bool{false, true} {
		l := newLab(t, 3)
		ab := G.Must(G.Mul(l.weight("A", 2, 8), l.weight("B", 8, 20)))
		h := radialOf(G.Tanh)(G.Must(G.Mul(l.input("x", 4, 2), ab)))
		y := G.Must(G.Mul(h, l.weight("o", 20, 2)))
		if twice {
			y = G.Must(G.Add(y, G.Must(G.Mul(radialOf(G.Tanh)(G.Must(G.Mul(l.input("z", 4, 2), ab))), l.weight("p", 20, 2)))))
		}
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
		require.NoError(t, err)
		alone := slices.ContainsFunc(res.Report.Left, func(f Left) bool { return f.Node == inspect.NameOf(ab) })
		assert.Equal(t, twice, alone, "%s", res)
	}
}
