package graph_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// panics is an activation that panics on large values.
type panics struct{ plain }

func (panics) String() string { return "panics" }
func (panics) Apply(dst, z []float64) {
	if z[0] > 1e6 {
		panic("too large")
	}
	copy(dst, z)
}

// TestBadInput is a table of what may be given by mistake, with the texts of the errors.
func TestBadInput(t *testing.T) {
	w := net(t, tanh)
	q := w.Quiver()
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	ce, err := graph.Compile(q, graph.Loss("y", graph.SoftmaxCE, 1))
	require.NoError(t, err)
	lossless, err := graph.Compile(q)
	require.NoError(t, err)
	other, err := layers.MLP(tanh, 2, 3)
	require.NoError(t, err)
	loud := net(t, panics{})
	lp, err := graph.Compile(loud.Quiver())
	require.NoError(t, err)

	x, y, g := normal(4, 2, 1), normal(4, 3, 2), w.Like()
	with := func(m *mat.Dense, i, j int, v float64) *mat.Dense {
		c := mat.DenseCopyOf(m)
		c.Set(i, j, v)
		return c
	}
	bad := w.Clone()
	bad.Arrow("h1->h2").Set(2, 3, math.NaN())
	huge := w.Clone()
	huge.Scale(1e160)
	compile := func(opts ...graph.Option) error { _, err := graph.Compile(q, opts...); return err }
	grad := func(p *graph.Program, w *quiver.Rep, xs, ys []*mat.Dense) error {
		_, err := p.LossGrad(g, w, xs, ys)
		return err
	}
	forward := func(p *graph.Program, w *quiver.Rep, xs ...*mat.Dense) error {
		_, err := p.Forward(w, xs...)
		return err
	}
	custom := func(f func(y, t *gorgonia.Node) (*gorgonia.Node, error)) error {
		p, err := graph.Compile(q, graph.Loss("y", graph.Custom(f), 1))
		if err != nil {
			return err
		}
		return grad(p, w, list(x), list(y))
	}
	expr, err := p.Gradient("x->h1")
	require.NoError(t, err)
	opened, err := expr.ExpandAll()
	require.NoError(t, err)
	loudly, err := lp.Value("y")
	require.NoError(t, err)
	loudly, err = loudly.Expand("h1") // its sum
	require.NoError(t, err)
	cases := []struct {
		name string
		err  error
	}{
		{"nil quiver", func() error { _, err := graph.Compile(nil); return err }()},
		{"loss at no vertex", compile(graph.Loss("z", graph.MSE, 1))},
		{"loss at a hidden vertex", compile(graph.Loss("h1", graph.MSE, 1))},
		{"zero loss function", compile(graph.Loss("y", graph.LossFunc{}, 1))},
		{"NaN weight of a loss", compile(graph.Loss("y", graph.MSE, math.NaN()))},
		{"batch 0 precompiled", compile(graph.Precompile(0))},
		{"nil weights", forward(p, nil, x)},
		{"weights of another quiver", forward(p, quiver.Zero(other), x)},
		{"no inputs", forward(p, w)},
		{"too many inputs", forward(p, w, x, x)},
		{"nil input", forward(p, w, nil)},
		{"input too wide", forward(p, w, normal(4, 3, 1))},
		{"result too narrow", p.ForwardTo(list(mat.NewDense(4, 2, nil)), w, x)},
		{"no result", p.ForwardTo(nil, w, x)},
		{"no loss", grad(lossless, w, list(x), list(y))},
		{"no loss, no gradient", func() error { _, err := lossless.Gradient("x->h1"); return err }()},
		{"gradient of no arrow", func() error { _, err := p.Gradient("x->h9"); return err }()},
		{"nil gradient", func() error { _, err := p.LossGrad(nil, w, list(x), list(y)); return err }()},
		{"gradient of another quiver", func() error { _, err := p.LossGrad(quiver.Zero(other), w, list(x), list(y)); return err }()},
		{"empty batch", grad(p, w, list(&mat.Dense{}), list(y))},
		{"no targets", grad(p, w, list(x), nil)},
		{"nil targets", grad(p, w, list(x), list(nil))},
		{"targets too narrow", grad(p, w, list(x), list(normal(4, 2, 1)))},
		{"too few targets", grad(p, w, list(x), list(normal(3, 3, 1)))},
		{"NaN in an input", grad(p, w, list(with(x, 2, 1, math.NaN())), list(y))},
		{"infinity in a target", grad(p, w, list(x), list(with(y, 3, 0, math.Inf(-1))))},
		{"NaN in a weight", grad(p, bad, list(x), list(y))},
		{"overflow on the way", grad(p, huge, list(x), list(y))},
		{"class out of range", grad(ce, w, list(x), list(mat.NewDense(4, 1, []float64{0, 1, 3, 0})))},
		{"class that is no whole number", grad(ce, w, list(x), list(mat.NewDense(4, 1, []float64{0, 0.5, 1, 0})))},
		{"distribution that does not sum to 1", grad(ce, w, list(x), list(mat.NewDense(4, 3, []float64{1, 0, 0, 1, 0, 0, 0, 0.9, 0, 1, 0, 0})))},
		{"negative probability", grad(ce, w, list(x), list(mat.NewDense(4, 3, []float64{1, 0, 0, 1, 0, 0, 2, -1, 0, 1, 0, 0})))},
		{"labels of two columns", grad(ce, w, list(x), list(mat.NewDense(4, 2, nil)))},
		{"custom loss that fails", custom(func(_, _ *gorgonia.Node) (*gorgonia.Node, error) { return nil, errors.New("no idea") })},
		{"custom loss that panics", custom(func(_, _ *gorgonia.Node) (*gorgonia.Node, error) { panic("oh") })},
		{"custom loss that returns nothing", custom(func(_, _ *gorgonia.Node) (*gorgonia.Node, error) { return nil, nil })},
		{"custom loss that is not per sample", custom(func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return y, nil })},
		{"custom loss with an input of its own", custom(func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
			n := gorgonia.NewMatrix(y.Graph(), gorgonia.Float64, gorgonia.WithShape(y.Shape()...), gorgonia.WithName("mine"))
			m, err := gorgonia.HadamardProd(y, n)
			if err != nil {
				return nil, err
			}
			return gorgonia.Sum(m, 1)
		})},
		{"an activation that panics", forward(lp, loud, mat.NewDense(1, 2, []float64{1e12, 1e12}))},
		{"Jacobian without weights", func() error { _, err := p.Jacobian(nil, x); return err }()},
		{"Jacobian into nothing", p.JacobianTo(nil, w, x)},
		{"Jacobian into a matrix that is too small", p.JacobianTo(mat.NewDense(4, 3, nil), w, x)},
		{"Jacobian at NaN", func() error { _, err := p.Jacobian(w, with(x, 2, 1, math.NaN())); return err }()},
		{"Jacobian of an overflow", func() error { _, err := p.Jacobian(huge, with(x, 0, 0, 1e160)); return err }()},
		{"Hessian without a loss", func() error { _, err := lossless.Hessian(w, list(x), nil); return err }()},
		{"Hessian as a graph without a loss", func() error { _, err := lossless.HessianExpr(); return err }()},
		{"gradient at no vertex", func() error { _, err := p.VertexGradient("h9"); return err }()},
		{"parameters that are none", func() error { _, err := p.ParamGradient("h1"); return err }()},
		{"expression for an empty batch", func() error { _, err := expr.Eval(w, list(&mat.Dense{}), list(y)); return err }()},
		{"no vertex to open", func() error { _, err := expr.Expand("h9"); return err }()},
		{"nothing left to open", func() error { _, err := opened.Expand("h1"); return err }()},
		{"an activation that does not open", func() error { _, err := loudly.Expand("h1"); return err }()},
		{"no rule", func() error { _, err := expr.Simplify("zeros"); return err }()},
		{"nothing to verify", func() error { _, err := graph.Verify(nil, w, list(x), list(y)); return err }()},
		{"0 samples of a graph", func() error { _, err := p.ExprFor(0); return err }()},
	}
	var b strings.Builder
	for _, c := range cases {
		if assert.Error(t, c.err, c.name) {
			fmt.Fprintf(&b, "%s\n\t%s\n", c.name, c.err)
		}
	}
	golden.Check(t, "errors.txt", b.String())
	var nf *graph.NonFiniteError
	assert.ErrorAs(t, grad(p, huge, list(x), list(y)), &nf)
	var oe *graph.OpError
	require.ErrorAs(t, forward(lp, loud, mat.NewDense(1, 2, []float64{1e12, 1e12})), &oe)
	assert.Equal(t, "h1", oe.Owner)
}

func TestGradientText(t *testing.T) {
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->h1")
	require.NoError(t, err)
	golden.Check(t, "gradient.txt", x.String())
	golden.Check(t, "gradient.tex", x.LaTeX())
	golden.Check(t, "gradient.dot", x.DOT())
}
