package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestSharedGradients: values of the backward sweep that several stages read, or that one stage computes for several: the gradient
// at a vertex with trainable parameters, tied matrices and biases of narrow layers, parallel arrows, terms that meet at a vertex. Each
// is compared with the reference evaluator, in all orders of declaration.
func TestSharedGradients(t *testing.T) {
	radial, point := layers.Radial(layers.Tanh), layers.Pointwise(layers.Sigmoid)
	par := layers.Trainable(layers.Tanh, 0.1, 1.2)
	net := func(parts ...quiver.Part) []quiver.Part {
		return append([]quiver.Part{quiver.Input("x", 3), quiver.Bias("one")}, parts...)
	}
	for name, parts := range map[string][]quiver.Part{
		"parameters before a bias and a skip": net(quiver.Hidden("a", 3, par), quiver.Hidden("b", 4, par), quiver.Output("y", 2, par),
			quiver.Connect("x", "a"), quiver.Connect("one", "a"), quiver.Connect("a", "b"), quiver.Connect("one", "b"), quiver.Connect("b", "y"), quiver.Connect("a", "y")),
		"parameters alone, the arrows fixed": net(quiver.Hidden("a", 3, par), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a", quiver.Frozen(quiver.Eye(3))), quiver.Connect("a", "y", quiver.Frozen(quiver.Eye(3)))),
		"tied matrices of narrow layers": net(quiver.Hidden("a", 3, radial), quiver.Hidden("b", 3, radial), quiver.Hidden("c", 3, radial), quiver.Output("y", 2, nil),
			quiver.Connect("x", "a"), quiver.Connect("one", "a"), quiver.Connect("a", "b", quiver.Tied("x->a")), quiver.Connect("one", "b"),
			quiver.Connect("b", "c", quiver.Tied("x->a")), quiver.Connect("one", "c"), quiver.Connect("c", "y"), quiver.Connect("one", "y")),
		"tied biases of narrow layers": net(quiver.Hidden("a", 3, radial), quiver.Hidden("b", 3, radial), quiver.Output("y", 2, nil),
			quiver.Connect("x", "a"), quiver.Connect("one", "a"), quiver.Connect("a", "b"), quiver.Connect("one", "b", quiver.Tied("one->a")), quiver.Connect("b", "y")),
		"both tied": net(quiver.Hidden("a", 3, point), quiver.Hidden("b", 3, point), quiver.Output("y", 2, nil),
			quiver.Connect("x", "a"), quiver.Connect("one", "a"), quiver.Connect("a", "b", quiver.Tied("x->a")), quiver.Connect("one", "b", quiver.Tied("one->a")), quiver.Connect("b", "y"), quiver.Connect("a", "y")),
		"a tied matrix within one vertex": net(quiver.Hidden("a", 3, radial), quiver.Hidden("b", 3, radial), quiver.Output("y", 2, nil),
			quiver.Connect("x", "a"), quiver.Connect("x", "b", quiver.Named("first")), quiver.Connect("a", "b", quiver.Tied("first")), quiver.Connect("one", "b"), quiver.Connect("b", "y")),
		"two matrices and two biases": net(quiver.Bias("two"), quiver.Hidden("a", 3, radial), quiver.Hidden("b", 3, radial), quiver.Output("y", 2, nil),
			quiver.Connect("x", "a"), quiver.Connect("x", "b"), quiver.Connect("a", "b"), quiver.Connect("one", "b"), quiver.Connect("two", "b"), quiver.Connect("b", "y")),
		"an inner output with two losses' worth of readers": net(quiver.Output("h", 3, radial), quiver.Hidden("b", 3, quiver.Identity), quiver.Output("y", 2, nil),
			quiver.Connect("x", "h"), quiver.Connect("h", "b"), quiver.Connect("h", "b", quiver.Named("fixed"), quiver.Frozen(quiver.Eye(3))), quiver.Connect("h", "y"), quiver.Connect("b", "y"), quiver.Connect("one", "b")),
		"parallel arrows, one fixed": net(quiver.Hidden("a", 3, point), quiver.Hidden("b", 3, point), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("a", "b", quiver.Named("twice")), quiver.Connect("a", "b", quiver.Named("skip"), quiver.Frozen(quiver.Eye(3))),
			quiver.Connect("b", "y"), quiver.Connect("a", "y", quiver.Frozen(quiver.Eye(3)))),
	} {
		q, err := quiver.New(parts...)
		require.NoError(t, err, name)
		w := quiver.Zero(q)
		for i, v := range normal(1, len(w.Data()), 31).RawMatrix().Data {
			w.Data()[i] = 0.7 * v
		}
		for _, n := range []int{1, 19} {
			x := normal(n, 3, 32)
			var opts []graph.Option
			var ys, ds []*mat.Dense
			out, err := w.Eval(x)
			require.NoError(t, err)
			for i, o := range q.Outputs() {
				_, c := out[i].Dims()
				ys = append(ys, normal(n, c, uint64(33+i)))
				opts = append(opts, graph.Loss(o, graph.SumSquares, 0.5))
				var d mat.Dense
				d.Sub(out[i], ys[i])
				ds = append(ds, &d)
			}
			want, _, err := w.VJP(list(x), ds)
			require.NoError(t, err)
			for _, more := range [][]graph.Option{nil, {graph.Unfused}} {
				p, err := graph.Compile(q, append(more, opts...)...)
				require.NoError(t, err, name)
				g := w.Like()
				for range 2 { // the second time in used memory
					_, err = p.LossGrad(g, w, list(x), ys)
					require.NoError(t, err, name)
				}
				assert.InDeltaSlice(t, want.Data(), g.Data(), 1e-12*mat.Norm(mat.NewVecDense(len(want.Data()), want.Data()), 2), "%s, %d samples", name, n)
				g.Data()[0] *= 1 + 1e-6
				assert.NotEqual(t, want.Data()[0], g.Data()[0], "a control")
			}
		}
	}
}
