package graph_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestEveryFunctionCompiles: with every function of the catalogue, pointwise, radial and shifted, a compiled program has the values and
// the gradient of the reference evaluator, in both precisions, fused and not.
func TestEveryFunctionCompiles(t *testing.T) {
	for _, f := range scalar.Samples() {
		t.Run(f.Text, func(t *testing.T) {
			acts := []quiver.Activation{layers.Radial(f), layers.Pointwise(f), layers.Radial(layers.Shift(f, 0.5)), layers.Pointwise(layers.Shift(f, 0.5))}
			if f.Name == "rms" {
				acts = []quiver.Activation{layers.RMSNorm(int(f.Constants[0]), f.Constants[1])}
			}
			for _, act := range acts {
				for _, unfused := range []bool{false, true} {
					testCompiles(t, act, false, unfused)
					testCompiles(t, act, true, unfused)
				}
			}
		})
	}
}

func testCompiles(t *testing.T, act quiver.Activation, single, unfused bool) {
	const rows = 21
	q, err := quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 5, act), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	w, x, target := quiver.Random(q, nil, rngOf(31)), normal(rows, 2, 32), normal(rows, 2, 33)
	y, err := w.Eval(x)
	require.NoError(t, err)
	if n := mat.Norm(y[0], 1); !(n < 100) { // a root is only of what is not negative, and near a pole digits are lost
		positive := func(_, _ int, v float64) float64 { return 1 + math.Abs(v) }
		x.Apply(positive, x)
		for i, v := range w.Data() {
			w.Data()[i] = positive(0, 0, v)
		}
		y, err = w.Eval(x)
		require.NoError(t, err)
	}
	options, tol := []graph.Option{graph.Loss("y", graph.MSE, 1)}, 1e-12
	if single {
		options, tol = append(options, graph.Float32), 2e-5
	}
	if unfused {
		options = append(options, graph.Unfused)
	}
	p, err := graph.Compile(q, options...)
	require.NoError(t, err)
	name := fmt.Sprintf("%v, single %v, unfused %v", act, single, unfused)
	got, err := p.Forward(w, x)
	require.NoError(t, err, name)
	require.LessOrEqual(t, gap(y[0], got[0]), tol, name)

	delta := mat.NewDense(rows, 2, nil)
	delta.Sub(y[0], target)
	delta.Scale(1.0/rows, delta) // of Σ(y−t)²/(2n)
	want, _, err := w.VJP(list(x), list(delta))
	require.NoError(t, err)
	grad := w.Like()
	_, err = p.LossGrad(grad, w, list(x), list(target))
	require.NoError(t, err, name)
	size := mat.Norm(mat.NewVecDense(len(want.Data()), want.Data()), 2)
	for i, v := range want.Data() {
		require.InDelta(t, v, grad.Data()[i], tol*size, "%s: entry %d of the gradient", name, i)
	}
}
