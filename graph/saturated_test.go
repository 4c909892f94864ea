package graph_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestSaturatedGradients: one bias w at an output, loss y². Gradients 2h(w)h′(w) to 18 digits, from 60.
func TestSaturatedGradients(t *testing.T) {
	for _, c := range []struct {
		h       layers.Func
		w, want float64
	}{
		{layers.Tanh, 20, 3.39868340423327114e-17},
		{layers.Tanh, 10, 1.64892288435611271e-8},
		{layers.Tanh, -18, -2 * 9.27809132097426895e-16},
		{layers.Sigmoid, 30, 1.87152459376750953e-13},
		{layers.Sigmoid, 36, 2 * 2.31952283024356777e-16},
		{layers.Sigmoid, -12, 2 * 3.77506495944928014e-11},
	} {
		for _, act := range []quiver.Activation{layers.Pointwise(c.h), layers.Radial(c.h)} {
			if _, radial := act.(quiver.RadialJet); radial && c.w < 0 {
				continue // a radial activation sees |w|
			}
			q, err := quiver.New(quiver.Bias("one"), quiver.Output("y", 1, act), quiver.Connect("one", "y"))
			require.NoError(t, err)
			w := quiver.Zero(q)
			w.Data()[0] = c.w
			for _, o := range []struct {
				name string
				opts []graph.Option
				tol  float64
			}{{"fused", nil, 1e-14}, {"unfused", []graph.Option{graph.Unfused}, 1e-14}, {"single", []graph.Option{graph.Float32}, 1e-6},
				{"single, unfused", []graph.Option{graph.Float32, graph.Unfused}, 1e-6}} {
				p, err := graph.Compile(q, append(o.opts, graph.Loss("y", graph.SumSquares, 1))...)
				require.NoError(t, err)
				g := w.Like()
				_, err = p.LossGrad(g, w, nil, list(mat.NewDense(1, 1, nil)))
				require.NoError(t, err)
				assert.InEpsilon(t, c.want, g.Data()[0], o.tol, "%v at %v, %s", act, c.w, o.name)
			}
		}
	}
}

// TestSaturatedValueHasNoSlope is the control: from the value alone the derivative cannot be had.
func TestSaturatedValueHasNoSlope(t *testing.T) {
	y := math.Tanh(20)
	assert.Zero(t, 2*y*(1-y*y))
	y = 1 / (1 + math.Exp(-30))
	assert.Greater(t, math.Abs(2*y*y*(1-y)/1.87152459376750953e-13-1), 1e-4)
}

// TestSaturatedLayer: pointwise layers wide enough for the kernels, driven far into saturation, have the gradient of the reference
// evaluator to rounding of each entry.
func TestSaturatedLayer(t *testing.T) {
	for _, h := range []layers.Func{layers.Tanh, layers.Sigmoid, layers.Softplus, layers.SiLU, layers.GELU, layers.ELU, layers.Arctan, layers.Squash} {
		for _, radial := range []bool{false, true} {
			act := layers.Pointwise(h)
			if radial {
				act = layers.Radial(h)
			}
			q, err := quiver.New(quiver.Input("x", 1), quiver.Hidden("h", 16, act), quiver.Output("y", 1, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
			require.NoError(t, err)
			w := quiver.Zero(q)
			for i := range 16 { // positive all, so that no sum cancels
				w.Arrow("x->h").Set(i, 0, 0.5+float64(i)/8)
				w.Arrow("h->y").Set(0, i, 1+float64(i))
			}
			const n = 21
			x, y := mat.NewDense(n, 1, nil), mat.NewDense(n, 1, nil)
			for i := range n {
				x.Set(i, 0, -14)
				y.Set(i, 0, 1e6)
			}
			if h == layers.Tanh || h == layers.Sigmoid {
				x.Scale(-1, x)
			}
			if radial {
				testSaturatedLength(t, act, w, x, y)
				continue
			}
			for _, opts := range [][]graph.Option{nil, {graph.Unfused}} {
				p, err := graph.Compile(q, append(opts, graph.Loss("y", graph.SumSquares, 1))...)
				require.NoError(t, err)
				g := w.Like()
				_, err = p.LossGrad(g, w, list(x), list(y))
				require.NoError(t, err)
				out, err := w.Eval(x)
				require.NoError(t, err)
				d := mat.NewDense(n, 1, nil)
				d.Sub(out[0], y)
				d.Scale(2, d)
				want, _, err := w.VJP(list(x), list(d))
				require.NoError(t, err)
				for i, v := range want.Data() {
					assert.InEpsilon(t, v, g.Data()[i], 2e-13, fmt.Sprintf("%v, entry %d", act, i))
				}
			}
		}
	}
}

// testSaturatedLength: across z a radial activation has the derivative λ, which does not saturate; its gradient is accurate
// to rounding of its size.
func testSaturatedLength(t *testing.T, act quiver.Activation, w *quiver.Rep, x, y *mat.Dense) {
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.SumSquares, 1))
	require.NoError(t, err)
	g := w.Like()
	_, err = p.LossGrad(g, w, list(x), list(y))
	require.NoError(t, err)
	out, err := w.Eval(x)
	require.NoError(t, err)
	var d mat.Dense
	d.Sub(out[0], y)
	d.Scale(2, &d)
	want, _, err := w.VJP(list(x), list(&d))
	require.NoError(t, err)
	gap := want.Clone()
	gap.AddScaled(-1, g)
	assert.LessOrEqual(t, gap.Dot(gap), 1e-26*want.Dot(want), act.String())
}
