package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestEval: a symbolic gradient has the value that training uses, in both precisions; opened too.
func TestEval(t *testing.T) {
	const rows = 7
	xs, ys := list(normal(rows, 2, 3)), list(normal(rows, 3, 4))
	for _, act := range []quiver.Activation{tanh, layers.Trainable(layers.Tanh, 0.3, 1.1)} {
		for _, opts := range [][]graph.Option{nil, {graph.Float32}} {
			tol := 1e-13
			if opts != nil {
				tol = 1e-4
			}
			w := five(t, act)
			p, err := graph.Compile(w.Quiver(), append(opts, graph.Loss("y", graph.MSE, 1), graph.Precompile(rows))...)
			require.NoError(t, err)
			grad := w.Like()
			_, err = p.LossGrad(grad, w, xs, ys)
			require.NoError(t, err)
			for name, want := range grad.All() {
				x, err := p.Gradient(name)
				require.NoError(t, err)
				got, err := x.Eval(w, xs, ys)
				require.NoError(t, err)
				assert.LessOrEqual(t, gap(want, got), tol, name)
				open, err := x.ExpandAll()
				require.NoError(t, err)
				got, err = open.Eval(w, xs, ys)
				require.NoError(t, err)
				assert.LessOrEqual(t, gap(want, got), 10*tol, name)
				other := w.Clone()
				other.Scale(1.01)
				got, err = x.Eval(other, xs, ys)
				require.NoError(t, err)
				assert.Greater(t, gap(want, got), 1e-4, "other weights, another gradient")
			}
			v, err := p.VertexGradient("x")
			require.NoError(t, err)
			got, err := v.Eval(w, xs, ys)
			require.NoError(t, err)
			_, dxs, err := w.VJP(xs, residuals(t, w, xs, ys))
			require.NoError(t, err)
			assert.LessOrEqual(t, gap(dxs[0], got), tol)
		}
	}
}

func TestEvalRefuses(t *testing.T) {
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->h1")
	require.NoError(t, err)
	_, err = x.Eval(w, list(normal(3, 2, 1)), list(normal(3, 3, 1)))
	assert.ErrorContains(t, err, "compile with graph.Precompile(3)")
	_, err = x.Eval(w, list(normal(2, 2, 1)), nil)
	assert.ErrorContains(t, err, "targets")
	_, err = x.Eval(nil, list(normal(2, 2, 1)), nil)
	assert.Error(t, err)
	other, err := layers.MLP(tanh, 2, 3)
	require.NoError(t, err)
	_, err = x.Along(quiver.Zero(other)).Eval(w, list(normal(2, 2, 1)), list(normal(2, 3, 1)))
	assert.ErrorContains(t, err, "direction")
	v, err := p.Value("h2")
	require.NoError(t, err)
	got, err := v.Eval(w, list(normal(2, 2, 1)), nil)
	require.NoError(t, err, "no targets are needed")
	f, err := w.Features(normal(2, 2, 1))
	require.NoError(t, err)
	assert.LessOrEqual(t, gap(f["h2"], got), 1e-14)
}
