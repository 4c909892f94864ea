package rewrite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
)

// infer runs a graph on Gorgonia's machine without training.
func infer(t *testing.T, root *G.Node) []float64 {
	sub := root.Graph().SubgraphRoots(root)
	for _, n := range inspect.WiringOf(root.Graph()).Ancestors(G.Nodes{root}) {
		if n.Op() == nil && n.Value() == nil {
			require.NoError(t, G.Let(n, inspect.Random(n)))
		}
	}
	vm := G.NewTapeMachine(sub, G.EvalMode(), G.TraceExec())
	defer vm.Close()
	require.NoError(t, vm.RunAll())
	return inspect.MustNumbers(root.Value())
}

// settled is a batch normalisation with statistics, that trains or does not.
func settled(l *lab, x, gamma, beta *G.Node, training bool) *G.Node {
	y, _, _, bn, err := G.BatchNorm(x, gamma, beta, 0.9, 1e-3)
	require.NoError(l.t, err)
	d := x.Shape()[1]
	require.NoError(l.t, bn.SetTraining(training))
	mean, variance := inspect.MustNumbers(l.normal(d)), inspect.MustNumbers(l.normal(d))
	for i := range variance {
		variance[i] = 0.2 + variance[i]*variance[i]
	}
	of := func(x []float64) *tensor.Dense { return inspect.NewValue(l.dt, []int{d}, x).(*tensor.Dense) }
	require.NoError(l.t, bn.SetStats(of(mean), of(variance)))
	return y
}

// TestBatchNormInference: a batch normalisation that does not train is folded, whatever its gain looks like, and
// what is behind it shrinks; one that trains stays.
func TestBatchNormInference(t *testing.T) {
	for name, gain := range map[string]func(l *lab) (*G.Node, *G.Node){
		"for each feature": func(l *lab) (*G.Node, *G.Node) { return l.weight("gamma", 1, 20), l.weight("beta", 1, 20) },
		"for each number":  func(l *lab) (*G.Node, *G.Node) { return l.weight("gamma", 4, 20), l.weight("beta", 4, 20) },
	} {
		for _, training := range []bool{false, true} {
			l := newLab(t, 3)
			z := l.linear("0", l.input("x", 4, 2), 20)
			gamma, beta := gain(l)
			n := settled(l, z, gamma, beta, training)
			y := l.linear("1", radialOf(G.Tanh)(n), 3)
			before := snapshot(l.g)
			res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
			require.NoError(t, err)
			require.Equal(t, before, snapshot(l.g))
			never(t, res, name)
			if training {
				assert.Zero(t, res.Report.Rules["batch norm"])
				continue
			}
			assert.Equal(t, 1, res.Report.Rules["batch norm"], "%s\n%s", name, res)
			assert.Less(t, res.Report.After.Operations, res.Report.Before.Operations)
			assert.NotContains(t, res.Map, gamma, "its numbers changed")
			want, got := infer(t, y), infer(t, res.Roots[0])
			assert.LessOrEqual(t, gap(inspect.NewValue(l.dt, []int{len(want)}, want), inspect.NewValue(l.dt, []int{len(got)}, got), false), 1e-12, name)
			x := newValue(res, "beta").Data().([]float64)
			x[0]++
			assert.NotEqual(t, want, infer(t, res.Roots[0]), "negative control")
			if name == "for each feature" {
				assert.NotEmpty(t, res.Report.Changes, "%s", res)
			}
		}
	}
}

// newValue returns the value of a new weight.
func newValue(res *Result, name string) G.Value {
	for _, w := range res.Weights {
		if w.Name() == name {
			return w.Value()
		}
	}
	return nil
}

// TestBatchNormBeforeGain: without a gain that could take it over, the weight and the bias before it do; where
// something else reads what is normalised, it stays.
func TestBatchNormBeforeGain(t *testing.T) {
	for _, shared := range []bool{false, true} {
		l := newLab(t, 4)
		z := l.linear("0", l.input("x", 4, 3), 6)
		g, s := l.input("g", 4, 6), l.input("s", 4, 6) // data: nothing may be taken into them
		y := G.Must(G.Rectify(settled(l, z, g, s, false)))
		roots := G.Nodes{y}
		if shared {
			roots = append(roots, G.Must(G.Sum(z)))
		}
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(roots...)
		require.NoError(t, err)
		never(t, res, "before")
		assert.Equal(t, !shared, res.Report.Rules["batch norm"] == 1, "%s", res)
		want, got := infer(t, y), infer(t, res.Roots[0])
		assert.LessOrEqual(t, gap(inspect.NewValue(l.dt, []int{len(want)}, want), inspect.NewValue(l.dt, []int{len(got)}, got), false), 1e-12)
	}
}

// TestDropoutInference: a dropout that does not train is its input.
func TestDropoutInference(t *testing.T) {
	for _, p := range []float64{0, 0.5} {
		l := newLab(t, 4)
		h := G.Must(G.Dropout(radialOf(G.Tanh)(l.linear("0", l.input("x", 4, 2), 12)), p))
		y := l.linear("1", h, 3)
		if p > 0 {
			require.NoError(t, h.Op().(G.TrainModeOp).SetTraining(false))
		}
		res, err := Rewriter{Weights: l.weights, Data: l.data}.Rewrite(y)
		require.NoError(t, err)
		require.Len(t, res.Report.Changes, 1, "%s", res)
		assert.Contains(t, res.String(), "is left out")
		want, got := infer(t, y), infer(t, res.Roots[0])
		assert.LessOrEqual(t, gap(inspect.NewValue(l.dt, []int{len(want)}, want), inspect.NewValue(l.dt, []int{len(got)}, got), false), 1e-12)
	}
}
