package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestSimplify: open and closed, gradients and second gradients: the numbers stay and the graph shrinks.
func TestSimplify(t *testing.T) {
	const rows = 6
	xs, ys := list(normal(rows, 2, 3)), list(normal(rows, 3, 4))
	xs[0].SetRow(2, []float64{0, 0})
	shrunk := 0
	for i, act := range openable() {
		w := five(t, act)
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1), graph.Loss("y", halfSquares(1), 0.5), graph.Precompile(rows))
		require.NoError(t, err)
		x, err := p.Gradient("x->h1")
		if _, ok := act.(quiver.Parametric); i%3 == 0 && !ok {
			if x, err = p.SecondGradient("x->h1", "h1->h2"); err == nil {
				x = x.Along(w)
			}
		}
		require.NoError(t, err)
		open, err := x.ExpandAll()
		require.NoError(t, err)
		for _, x := range []*graph.Expr{x, open} {
			targets := append(ys, ys...)
			want, err := x.Eval(w, xs, targets)
			require.NoError(t, err, "%v", act)
			y, err := x.Simplify()
			require.NoError(t, err, "%v", act)
			got, err := y.Eval(w, xs, targets)
			require.NoError(t, err, "%v", act)
			assert.LessOrEqual(t, gap(want, got), 1e-12, "%v\n%v\n%v", act, x, y)
			assert.LessOrEqual(t, len(y.Nodes()), len(x.Nodes()))
			if len(y.Nodes()) < len(x.Nodes()) {
				shrunk++
			}
			require.NoError(t, checkTeX(y.LaTeX()))
		}
	}
	t.Log("shrunk:", shrunk)
	assert.Greater(t, shrunk, 50)
}

// TestTapeMachine runs opened and simplified gradients on Gorgonia's own machine, a row of zeros
// included.
func TestTapeMachine(t *testing.T) {
	const rows = 4
	xs, ys := list(normal(rows, 2, 3)), list(normal(rows, 3, 4))
	xs[0].SetRow(2, []float64{0, 0})
	for _, act := range openable() {
		w := five(t, act)
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.SumSquares, 0.5), graph.Precompile(rows))
		require.NoError(t, err)
		x, err := p.Gradient("x->h1")
		require.NoError(t, err)
		want, err := x.Eval(w, xs, ys)
		require.NoError(t, err)
		x, err = x.ExpandAll()
		require.NoError(t, err)
		x, err = x.Simplify()
		require.NoError(t, err)
		values := map[string][]float64{"x": xs[0].RawMatrix().Data, "t1[y]": ys[0].RawMatrix().Data, "c1[y]": {0.5}, "·1": {1}}
		for i, a := range w.Quiver().Arrows() {
			values["W["+a.From+"→"+a.To+"]"] = w.Block(i)
		}
		for _, h := range []string{"h1", "h2"} {
			values["p["+h+"]"] = w.Params(h)
		}
		for _, n := range x.Nodes() {
			if len(graph.Arguments(n)) > 0 {
				continue
			}
			data, ok := values[n.Name()]
			if !ok {
				require.Equal(t, "one", n.Name())
				data = []float64{1, 1, 1, 1}
			}
			data = append([]float64(nil), data...)
			require.NoError(t, gorgonia.Let(n, tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(data))))
		}
		var v gorgonia.Value
		gorgonia.Read(x.Node(), &v)
		vm := gorgonia.NewTapeMachine(x.Node().Graph().SubgraphRoots(x.Node()))
		require.NoError(t, vm.RunAll(), "%v", act)
		require.NoError(t, vm.Close())
		r, c := want.Dims()
		require.LessOrEqual(t, gap(want, mat.NewDense(r, c, v.Data().([]float64))), 1e-11, "%v", act)
	}
}

// TestSimplifyText shows what is left of an opened gradient.
func TestSimplifyText(t *testing.T) {
	w := five(t, layers.RMSNorm(5, 0.1))
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->h1")
	require.NoError(t, err)
	x, err = x.ExpandAll()
	require.NoError(t, err)
	y, err := x.Simplify()
	require.NoError(t, err)
	golden.Check(t, "simplify.txt", "— opened\n"+x.String()+"\n— simplified\n"+y.String())
	golden.Check(t, "simplify.dot", y.DOT())
}
