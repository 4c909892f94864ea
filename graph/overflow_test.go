package graph_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// constant is an activation of a user's that hides everything: 1 for all inputs.
type constant struct{}

func (constant) String() string { return "constant" }
func (constant) Apply(dst, _ []float64) {
	for i := range dst {
		dst[i] = 1
	}
}
func (constant) VJP(dst, _, _ []float64) { clear(dst) }
func (constant) Restrict(*mat.Dense) (quiver.Activation, bool) {
	return nil, false
}

// overflowing are activations of every kind: of a user's, the norm, and each function of the catalogue by coordinates and radially. Many map an
// infinity, of one sign at least, to a finite number, or would by their formula.
func overflowing() []quiver.Activation {
	acts := []quiver.Activation{constant{}, layers.RMSNorm(2, 1e-5)}
	for _, h := range append(layers.Catalogue(), layers.LeakyReLU(0), layers.LeakyReLU(0.1), layers.Shift(layers.Sigmoid, 1), layers.Shift(layers.Tanh, 1)) {
		acts = append(acts, layers.Pointwise(h), layers.Radial(h))
	}
	return acts
}

// TestOverflowInASum: W = [a, −2a], x = (b, b) with a·b out of range. The first product overflows, the second is as large again
// with the other sign, and a fused sum stays at the infinity of the first: with ±a every activation meets the infinity that it
// would hide. It is an error that names the vertex, in each precision, fused and not, and with any loss.
func TestOverflowInASum(t *testing.T) {
	acts := overflowing()
	t.Logf("%d activations", len(acts))
	for _, act := range acts {
		for _, single := range []bool{false, true} {
			for _, unfused := range []bool{false, true} {
				for _, d := range []int{1, 2, 9} { // a kernel for narrow vertices, and one for wide ones
					testOverflow(t, act, single, unfused, d)
				}
			}
		}
	}
}

func testOverflow(t *testing.T, act quiver.Activation, single, unfused bool, d int) {
	if act.String() == layers.RMSNorm(2, 1e-5).String() && d == 1 {
		return
	}
	q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h", d, act), quiver.Output("y", 1, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	opts, a, b := []graph.Option{graph.Loss("y", graph.MSE, 1)}, 1e160, 1e160
	if single {
		opts, a, b = append(opts, graph.Float32), 1e20, 1e20
	}
	if unfused {
		opts = append(opts, graph.Unfused)
	}
	p, err := graph.Compile(q, opts...)
	require.NoError(t, err)
	w := quiver.Zero(q)
	for i := range d {
		w.Arrow("h->y").Set(0, i, 1)
	}
	for _, sign := range []float64{1, -1} {
		for i := range d {
			w.Arrow("x->h").SetRow(i, []float64{sign * a, -2 * sign * a})
		}
		for _, n := range []int{1, 17} {
			name := fmt.Sprintf("%v, single %v, unfused %v, %d wide, sign %v, %d samples", act, single, unfused, d, sign, n)
			x, y := mat.NewDense(n, 2, nil), mat.NewDense(n, 1, nil)
			for i := range n {
				x.SetRow(i, []float64{1 / a, 1 / a})
				y.Set(i, 0, -1)
			}
			_, err = p.LossGrad(w.Like(), w, list(x), list(y)) // a control: without overflow nothing is reported
			require.NoError(t, err, name)
			_, err = p.Forward(w, x)
			require.NoError(t, err, name)
			x.SetRow(n-1, []float64{b, b})
			_, err = p.LossGrad(w.Like(), w, list(x), list(y))
			namesVertex(t, err, name)
			_, err = p.Loss(w, list(x), list(y))
			namesVertex(t, err, name)
			_, err = p.Problem(list(x), list(y)).LossGrad(w.Like(), w)
			namesVertex(t, err, name)
			out, err := p.Forward(w, x)
			if err != nil || !math.IsInf(out[0].At(n-1, 0), 0) { // an infinity that arrives as one may stand
				namesVertex(t, err, name)
			}
		}
	}
}

func namesVertex(t *testing.T, err error, name string) {
	t.Helper()
	var bad *graph.NonFiniteError
	if assert.ErrorAs(t, err, &bad, name) {
		assert.Contains(t, bad.Where, `"h"`, name)
	}
}

// TestOverflowAtALoss: losses that hide an infinite output: a logit of −∞ is a masked class for the cross entropy, and a
// custom loss may saturate.
func TestOverflowAtALoss(t *testing.T) {
	saturate := graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
		h, err := gorgonia.Tanh(y)
		if err != nil {
			return nil, err
		}
		if h, err = gorgonia.Sub(h, t); err != nil {
			return nil, err
		}
		if h, err = gorgonia.Square(h); err != nil {
			return nil, err
		}
		return gorgonia.Sum(h, 1)
	})
	for _, c := range []struct {
		loss graph.LossFunc
		sign float64
	}{{saturate, 1}, {saturate, -1}, {graph.SoftmaxCE, -1}} {
		for _, single := range []bool{false, true} {
			for _, unfused := range []bool{false, true} {
				q, err := quiver.New(quiver.Input("x", 2), quiver.Output("h", 2, nil), quiver.Connect("x", "h"))
				require.NoError(t, err)
				opts, a := []graph.Option{graph.Loss("h", c.loss, 1)}, 1e160
				if single {
					opts, a = append(opts, graph.Float32), 1e20
				}
				if unfused {
					opts = append(opts, graph.Unfused)
				}
				p, err := graph.Compile(q, opts...)
				require.NoError(t, err)
				w := quiver.Zero(q)
				w.Arrow("x->h").SetRow(0, []float64{c.sign * a, 0})
				name := fmt.Sprintf("%v, single %v, unfused %v", c.loss, single, unfused)
				for _, n := range []int{1, 3} {
					x, y := mat.NewDense(n, 2, nil), mat.NewDense(n, 2, nil)
					for i := range n {
						x.Set(i, 0, 1/a)
						y.Set(i, 1, 1)
					}
					_, err = p.LossGrad(w.Like(), w, list(x), list(y))
					require.NoError(t, err, name)
					x.Set(0, 0, a)
					_, err = p.LossGrad(w.Like(), w, list(x), list(y))
					namesVertex(t, err, name)
					_, err = p.Loss(w, list(x), list(y))
					namesVertex(t, err, name)
				}
			}
		}
	}
}

// TestSinglePrecisionCannotHoldIt: numbers that are finite in double precision and not in single are named, whatever the
// activations make of them.
func TestSinglePrecisionCannotHoldIt(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 2, layers.Pointwise(layers.Tanh)), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	for _, unfused := range []bool{false, true} {
		opts := []graph.Option{graph.Loss("y", graph.MSE, 1), graph.Float32}
		if unfused {
			opts = append(opts, graph.Unfused)
		}
		p, err := graph.Compile(q, opts...)
		require.NoError(t, err)
		for _, c := range []struct {
			where string
			spoil func(w *quiver.Rep, x, y *mat.Dense)
		}{
			{`arrow "x->h"`, func(w *quiver.Rep, _, _ *mat.Dense) { w.Arrow("x->h").Set(1, 1, -1e60) }},
			{`arrow "one->h"`, func(w *quiver.Rep, _, _ *mat.Dense) { w.Arrow("one->h").Set(0, 0, 1e39) }},
			{`input "x"`, func(_ *quiver.Rep, x, _ *mat.Dense) { x.Set(2, 1, 1e200) }},
			{`targets of output "y"`, func(_ *quiver.Rep, _, y *mat.Dense) { y.Set(0, 0, -1e300) }},
		} {
			w, x, y := quiver.Zero(q), mat.NewDense(3, 2, nil), mat.NewDense(3, 1, nil)
			for i := range w.Data() {
				w.Data()[i] = 0.25
			}
			_, err = p.LossGrad(w.Like(), w, list(x), list(y))
			require.NoError(t, err)
			c.spoil(w, x, y)
			var bad *graph.NonFiniteError
			_, err = p.LossGrad(w.Like(), w, list(x), list(y))
			if assert.ErrorAs(t, err, &bad, c.where) {
				assert.Contains(t, bad.Where, c.where)
			}
			if _, err = p.Forward(w, x); c.where[0] == 't' {
				assert.NoError(t, err)
			} else if assert.ErrorAs(t, err, &bad, c.where) {
				assert.Contains(t, bad.Where, c.where)
			}
		}
	}
}

// TestSinglePrecisionCannotHoldAFixedMatrix: it is named like the others, with the place in it.
func TestSinglePrecisionCannotHoldAFixedMatrix(t *testing.T) {
	for _, more := range [][]graph.Option{nil, {graph.Unfused}} {
		for _, m := range []mat.Matrix{mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 1e200}), mat.NewDense(4, 4, []float64{1, 2, 3, 0, 4, 5, -1e39, 0, 0, 0, 0, 0, 0, 0, 0, 0}).Slice(0, 2, 0, 3)} {
			q, err := quiver.New(quiver.Input("x", 3), quiver.Output("y", 2, nil), quiver.Connect("x", "y", quiver.Named("own")), quiver.Connect("x", "y", quiver.Named("fixed"), quiver.Frozen(m)))
			require.NoError(t, err)
			w, x, y := quiver.Zero(q), normal(2, 3, 1), normal(2, 2, 2)
			p, err := graph.Compile(q, append(more, graph.Loss("y", graph.MSE, 1), graph.Float32)...)
			require.NoError(t, err)
			_, err = p.Forward(w, x)
			_, gradient := p.LossGrad(w.Like(), w, list(x), list(y))
			for _, err := range []error{err, gradient} {
				var bad *graph.NonFiniteError
				require.ErrorAs(t, err, &bad)
				assert.Contains(t, bad.Where, `arrow "fixed"`)
				assert.Equal(t, [2]int{1, 2}, [2]int{bad.Row, bad.Col})
			}
			small, err := w.WithFixed(map[string]mat.Matrix{"fixed": mat.NewDense(2, 3, nil)})
			require.NoError(t, err)
			_, err = p.Forward(small, x)
			assert.NoError(t, err, "a control")
		}
	}
}

// TestNotFiniteInputs: what is given as NaN comes out as NaN; an infinity comes out as one where no activation meets it, and
// is an error that names the vertex where one does.
func TestNotFiniteInputs(t *testing.T) {
	for _, single := range []bool{false, true} {
		q, err := quiver.New(quiver.Input("x", 1), quiver.Hidden("h", 1, layers.Pointwise(layers.Sigmoid)), quiver.Output("y", 1, nil), quiver.Output("l", 1, nil),
			quiver.Connect("x", "h"), quiver.Connect("h", "y"), quiver.Connect("x", "l"))
		require.NoError(t, err)
		var opts []graph.Option
		if single {
			opts = append(opts, graph.Float32)
		}
		p, err := graph.Compile(q, opts...)
		require.NoError(t, err)
		w := quiver.Zero(q)
		for i := range w.Data() {
			w.Data()[i] = 1
		}
		out, err := p.Forward(w, mat.NewDense(2, 1, []float64{math.NaN(), 0}))
		require.NoError(t, err)
		assert.True(t, math.IsNaN(out[0].At(0, 0)) && math.IsNaN(out[1].At(0, 0)))
		assert.Equal(t, 0.5, out[0].At(1, 0))
		for _, v := range []float64{math.Inf(1), math.Inf(-1)} {
			_, err = p.Forward(w, mat.NewDense(2, 1, []float64{0, v}))
			namesVertex(t, err, fmt.Sprint(v))
		}
		linear, err := layers.MLP(layers.Pointwise(layers.Tanh), 1, 1)
		require.NoError(t, err)
		p, err = graph.Compile(linear, opts...)
		require.NoError(t, err)
		w = quiver.Zero(linear)
		w.Arrow("x->y").Set(0, 0, 2)
		out, err = p.Forward(w, mat.NewDense(1, 1, []float64{math.Inf(-1)}))
		require.NoError(t, err)
		assert.True(t, math.IsInf(out[0].At(0, 0), -1))
	}
}
