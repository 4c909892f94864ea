package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
)

// TestBCE: value, gradient and second derivative at single logits, against 40 digits, in every mode.
func TestBCE(t *testing.T) {
	q, w := outputs(t, 1)
	for _, c := range []struct{ z, t, loss, grad, second float64 }{
		{0, 0, math.Ln2, 0.5, 0.25},
		{0, 1, math.Ln2, -0.5, 0.25},
		{0.3, 0.25, 0.779355244468527115, 0.324442516811658984, 0.244458311690745869},
		{25, 1, 1.38879438648675831e-11, -1.38879438647711456e-11, 1.38879438645782706e-11},
		{-25, 1, 25.0000000000138879, -0.999999999986112056, 1.38879438645782706e-11},
		{40, 1, 4.24835425529158898e-18, -4.24835425529158898e-18, 4.24835425529158898e-18},
		{-40, 0, 4.24835425529158898e-18, 4.24835425529158898e-18, 4.24835425529158898e-18},
		{60, 0.5, 30, 0.5, 8.75651076269652865e-27},
		{1e5, 0, 1e5, 1, 0},
		{-1e5, 0.25, 25000, -0.25, 0},
		{-1e30, 1, 1e30, -1, 0},
	} {
		for _, mode := range []struct {
			opts []graph.Option
			tol  float64
		}{{nil, 1e-14}, {[]graph.Option{graph.Unfused}, 1e-14}, {[]graph.Option{graph.Float32}, 1e-6}, {[]graph.Option{graph.Float32, graph.Unfused}, 1e-6}} {
			tol := mode.tol
			p, err := graph.Compile(q, append(mode.opts, graph.Loss("y", graph.BCE, 1))...)
			require.NoError(t, err)
			for _, n := range []int{1, 5} {
				x, ts := mat.NewDense(n, 1, nil), mat.NewDense(n, 1, nil)
				for i := range n {
					x.Set(i, 0, c.z)
					ts.Set(i, 0, c.t)
				}
				g, one, h := w.Like(), w.Like(), w.Like()
				loss, err := p.LossGrad(g, w, list(x), list(ts))
				require.NoError(t, err)
				near(t, c.loss, loss, tol)
				near(t, c.grad, g.Data()[0], tol)
				alone, err := p.Loss(w, list(x), list(ts))
				require.NoError(t, err)
				assert.Equal(t, loss, alone)
				one.Data()[0] = 1
				require.NoError(t, p.HessianVector(h, w, one, list(x), list(ts)))
				near(t, c.second, h.Data()[0], tol)
			}
		}
	}
}

func near(t *testing.T, want, got, tol float64) {
	t.Helper()
	assert.LessOrEqual(t, math.Abs(got-want), tol*math.Abs(want), "want %v, got %v", want, got)
}

// TestBCENetwork: soft targets, several coordinates, workers and a weight; all that Verify looks at.
func TestBCENetwork(t *testing.T) {
	w := net(t, layers.Pointwise(layers.Tanh))
	x, ts := normal(700, 2, 3), normal(700, 3, 4)
	ts.Apply(func(_, _ int, v float64) float64 { return 1 / (1 + math.Exp(-3*v)) }, ts)
	var want float64
	fused, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.BCE, 2))
	require.NoError(t, err)
	g, wg := w.Like(), w.Like()
	want, err = fused.LossGrad(wg, w, list(x), list(ts))
	require.NoError(t, err)
	ys, err := w.Eval(x)
	require.NoError(t, err)
	var sum float64
	for i := range 700 {
		for j := range 3 {
			s := 1 / (1 + math.Exp(-ys[0].At(i, j)))
			sum -= 2 * (ts.At(i, j)*math.Log(s) + (1-ts.At(i, j))*math.Log(1-s)) / 2100
		}
	}
	near(t, sum, want, 1e-12)
	for _, opts := range [][]graph.Option{{graph.Unfused}, {graph.Workers(2)}, {graph.Float32}} {
		p, err := graph.Compile(w.Quiver(), append(opts, graph.Loss("y", graph.BCE, 2))...)
		require.NoError(t, err)
		loss, err := p.LossGrad(g, w, list(x), list(ts))
		require.NoError(t, err)
		near(t, want, loss, 1e-5)
		g.AddScaled(-1, wg)
		assert.LessOrEqual(t, g.Norm(), 1e-5*wg.Norm())
	}
	v, err := graph.Verify(fused, w, list(x), list(ts))
	require.NoError(t, err)
	assert.True(t, v.OK(), "%v", v)
	e, err := fused.Explain()
	require.NoError(t, err)
	assert.Contains(t, e.String(), "CE(sigmoid(y), t) at y and its gradient", "it is one stage")
	x1, err := fused.Gradient("one->y")
	require.NoError(t, err)
	assert.Contains(t, x1.String(), "sigmoid(y) − t1[y]")

	for _, bad := range []float64{-0.001, 1.001, 2} {
		ts.Set(3, 1, bad)
		_, err = fused.LossGrad(g, w, list(x), list(ts))
		var de *graph.DataError
		require.ErrorAs(t, err, &de)
		assert.Contains(t, err.Error(), `targets of output "y": row 3, coordinate 1 is`)
	}
	ts.Set(3, 1, math.NaN())
	_, err = fused.LossGrad(g, w, list(x), list(ts))
	assert.Error(t, err)
}
