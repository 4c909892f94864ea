package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/quiver"
)

// outputs is the network y = x + b, so that the gradient at b is the mean gradient at the output.
func outputs(t *testing.T, d int) (*quiver.Quiver, *quiver.Rep) {
	t.Helper()
	unit := mat.NewDiagDense(d, nil)
	for i := range d {
		unit.SetDiag(i, 1)
	}
	q, err := quiver.New(quiver.Input("x", d), quiver.Bias("one"), quiver.Output("y", d, nil), quiver.Connect("x", "y", quiver.Frozen(mat.DenseCopyOf(unit))), quiver.Connect("one", "y"))
	require.NoError(t, err)
	return q, quiver.Zero(q)
}

// TestForeignGradients: the derivatives of custom losses at single points, against values by hand.
func TestForeignGradients(t *testing.T) {
	must := gorgonia.Must
	column := func(f func(*gorgonia.Node) (*gorgonia.Node, error)) func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
		return func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return f(y) }
	}
	norm := func(p int) func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
		return func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Norm(y, 1, p) }
	}
	for _, c := range []struct {
		name string
		f    func(y, t *gorgonia.Node) (*gorgonia.Node, error)
		y    []float64
		want []float64
	}{
		{"log2", column(gorgonia.Log2), []float64{4}, []float64{1 / (4 * math.Ln2)}},
		{"log2 small", column(gorgonia.Log2), []float64{0.01}, []float64{100 / math.Ln2}},
		{"invsqrt", column(gorgonia.InverseSqrt), []float64{4}, []float64{-0.0625}},
		{"invsqrt at 1/4", column(gorgonia.InverseSqrt), []float64{0.25}, []float64{-4}},
		{"max at a tie", func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Max(y, 1) }, []float64{0, 0}, []float64{1, 0}},
		{"max of three", func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Max(y, 1) }, []float64{1, 2, 2}, []float64{0, 1, 0}},
		{"norm 3", norm(3), []float64{1, 2}, []float64{math.Pow(9, -2./3), 4 * math.Pow(9, -2./3)}},
		{"norm 3 with a zero", norm(3), []float64{0, 2}, []float64{0, 1}},
		{"norm 4 of negative numbers", norm(4), []float64{-1, 1}, []float64{-math.Pow(2, -0.75), math.Pow(2, -0.75)}},
		{"softplus", column(gorgonia.Softplus), []float64{20}, []float64{1 / (1 + math.Exp(-20))}},
		{"cube", column(gorgonia.Cube), []float64{-2}, []float64{12}},
		{"power 0", func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Pow(y, gorgonia.NewConstant(0.0)) }, []float64{0}, []float64{0}},
		{"tanh, saturated", column(gorgonia.Tanh), []float64{20}, []float64{1.6993417021166355e-17}},
		{"sum of a square root of a square", func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Sum(must(gorgonia.Sqrt(must(gorgonia.Square(y)))), 1)
		}, []float64{-3, 4}, []float64{-1, 1}},
	} {
		d := len(c.y)
		q, w := outputs(t, d)
		for _, opts := range [][]graph.Option{nil, {graph.Unfused}} {
			for _, n := range []int{1, 3} {
				p, err := graph.Compile(q, append(opts, graph.Loss("y", graph.Custom(c.f), 1))...)
				require.NoError(t, err, c.name)
				x := mat.NewDense(n, d, nil)
				for i := range n {
					x.SetRow(i, c.y)
				}
				g := w.Like()
				_, err = p.LossGrad(g, w, list(x), list(mat.NewDense(n, d, nil)))
				require.NoError(t, err, c.name)
				assert.InDeltaSlice(t, c.want, g.Data(), 1e-14*max(1, math.Abs(c.want[0])), c.name)
				if c.want[0] != 0 {
					assert.InEpsilon(t, c.want[0], g.Data()[0], 1e-13, c.name)
				}
			}
		}
	}
}

// TestForeignSecond: the Hessian of the square of a product with a vector, at several batches, against the formula
// mean(2x²)·vvᵀ; a loss without the square has none.
func TestForeignSecond(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 2, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	w := quiver.Zero(q)
	copy(w.Data(), []float64{1, 1})
	dir := w.Like()
	dir.Data()[0] = 1
	product := func(y *gorgonia.Node) (*gorgonia.Node, error) {
		return gorgonia.Mul(y, gorgonia.NewConstant(tensor.New(tensor.WithBacking([]float64{1, 2}))))
	}
	square := graph.Custom(func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Square(gorgonia.Must(product(y))) })
	linear := graph.Custom(func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return product(y) })
	for _, xs := range [][]float64{{1, 2}, {1, 2, 3}, {2, 0.5, -1, 3, 1}} {
		x, ts := list(mat.NewDense(len(xs), 1, xs)), list(mat.NewDense(len(xs), 2, nil))
		var mean float64
		for _, v := range xs {
			mean += v * v / float64(len(xs))
		}
		p, err := graph.Compile(q, graph.Loss("y", square, 1))
		require.NoError(t, err)
		h := w.Like()
		require.NoError(t, p.HessianVector(h, w, dir, x, ts))
		assert.InDeltaSlice(t, []float64{2 * mean, 4 * mean}, h.Data(), 1e-12)
		v, err := graph.Verify(p, w, x, ts)
		require.NoError(t, err)
		require.NoError(t, v.Err())
		p, err = graph.Compile(q, graph.Loss("y", linear, 1))
		require.NoError(t, err)
		require.NoError(t, p.HessianVector(h, w, dir, x, ts))
		assert.Zero(t, h.Norm())
	}
}

// TestObviousBCE: the obvious binary cross entropy of Gorgonia's softplus is no false alarm of Verify.
func TestObviousBCE(t *testing.T) {
	bce := graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) { // softplus(y) − t·y
		return gorgonia.Sum(gorgonia.Must(gorgonia.Sub(gorgonia.Must(gorgonia.Softplus(y)), gorgonia.Must(gorgonia.HadamardProd(t, y)))), 1)
	})
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	w := quiver.Zero(q)
	w.Data()[0] = 1
	p, err := graph.Compile(q, graph.Loss("y", bce, 1))
	require.NoError(t, err)
	x := mat.NewDense(4, 1, []float64{15.99, 16.01, 18, 25})
	v, err := graph.Verify(p, w, list(x), list(mat.NewDense(4, 1, []float64{1, 1, 1, 1})))
	require.NoError(t, err)
	require.NoError(t, v.Err())
	loss, err := p.Loss(w, list(x), list(mat.NewDense(4, 1, []float64{1, 1, 1, 1})))
	require.NoError(t, err)
	var want float64
	for _, z := range x.RawMatrix().Data {
		want += math.Log1p(math.Exp(-z)) / 4
	}
	assert.InEpsilon(t, want, loss, 1e-7, "log(1+eᶻ) − z to rounding of z")
}
