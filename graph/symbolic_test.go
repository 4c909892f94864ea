package graph_test

import (
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

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
	_, err = x.Eval(w, list(normal(3, 2, 1)), list(normal(4, 3, 1)))
	assert.ErrorContains(t, err, "targets")
	_, err = x.Eval(w, list(normal(2, 2, 1)), nil)
	assert.ErrorContains(t, err, "targets")
	_, err = x.Eval(nil, list(normal(2, 2, 1)), nil)
	assert.Error(t, err)
	other, err := layers.MLP(tanh, 2, 3)
	require.NoError(t, err)
	_, err = x.Along(quiver.Zero(other)).Eval(w, list(normal(2, 2, 1)), list(normal(2, 3, 1)))
	assert.ErrorContains(t, err, "direction")
	second, err := p.SecondGradient("x->h1", "h1->h2")
	require.NoError(t, err)
	simple, err := second.Simplify()
	require.NoError(t, err)
	nan := w.Clone()
	nan.Data()[0] = math.NaN()
	for _, s := range []*graph.Expr{second, simple} {
		_, err = s.Eval(w, list(normal(2, 2, 1)), list(normal(2, 3, 1)))
		assert.ErrorContains(t, err, "give one with Along", "not zero in silence")
		_, err = s.Along(nan).Eval(w, list(normal(2, 2, 1)), list(normal(2, 3, 1)))
		assert.ErrorContains(t, err, "the direction is not finite")
		_, err = s.Along(w).Eval(w, list(normal(2, 2, 1)), list(normal(2, 3, 1)))
		assert.NoError(t, err)
	}
	assert.Empty(t, graph.Arguments(nil))
	assert.Empty(t, graph.Arguments(gorgonia.NewConstant(1.0)))
	assert.Len(t, graph.Arguments(second.Node()), 3)
	v, err := p.Value("h2")
	require.NoError(t, err)
	got, err := v.Eval(w, list(normal(2, 2, 1)), nil)
	require.NoError(t, err, "no targets are needed")
	f, err := w.Features(normal(2, 2, 1))
	require.NoError(t, err)
	assert.LessOrEqual(t, gap(f["h2"], got), 1e-14)
}

// TestExprConcurrent: expressions of one program may be made, printed, opened and evaluated at once.
func TestExprConcurrent(t *testing.T) {
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1), graph.Loss("y", halfSquares(1), 1))
	require.NoError(t, err)
	xs, ys := list(normal(2, 2, 1)), list(normal(2, 3, 1), normal(2, 3, 2))
	call := func() (string, *mat.Dense) {
		x, err := p.Gradient("x->h1")
		assert.NoError(t, err)
		y, err := x.Expand("h1")
		assert.NoError(t, err)
		y, err = y.Simplify()
		assert.NoError(t, err)
		v, err := y.Eval(w, xs, ys)
		assert.NoError(t, err)
		return x.String() + x.DOT() + y.LaTeX(), v
	}
	text, value := call()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			s, v := call()
			assert.Equal(t, text, s)
			assert.True(t, mat.Equal(value, v))
		})
	}
	wg.Wait()
}

// TestInputs: an input is an expression too.
func TestInputs(t *testing.T) {
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver())
	require.NoError(t, err)
	x, err := p.Value("x")
	require.NoError(t, err)
	assert.Equal(t, "x = x\n", x.String())
	in := normal(2, 2, 1)
	got, err := x.Eval(w, list(in), nil)
	require.NoError(t, err)
	assert.True(t, mat.Equal(in, got))
	x, err = x.Simplify()
	require.NoError(t, err)
	_, err = x.Expand("")
	assert.ErrorContains(t, err, "nothing is left to open")
}
