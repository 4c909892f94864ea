package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestSweep compares the compiled gradient with the reference where stages of the backward sweep share values: a gradient that
// several operations read, matrices and biases that several arrows share, a parameter at a vertex whose value nobody
// needs, two terms of one sum that are the same.
func TestSweep(t *testing.T) {
	pointwise, trainable := layers.Pointwise(layers.Tanh), layers.Trainable(layers.Tanh, 0.3, 1.1)
	same := quiver.Frozen(mat.NewDense(3, 3, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}))
	for name, parts := range map[string][]quiver.Part{
		"parameters read the gradient too": {quiver.Hidden("a", 3, trainable), quiver.Hidden("b", 3, pointwise), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a"), quiver.Connect("one", "a"), quiver.Connect("a", "b"), quiver.Connect("b", "y")},
		"parameters at the output": {quiver.Output("y", 3, trainable), quiver.Connect("x", "y"), quiver.Connect("one", "y")},
		"two vertices read one gradient": {quiver.Hidden("a", 3, pointwise), quiver.Hidden("b", 3, tanh), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a"), quiver.Connect("x", "b"), quiver.Connect("a", "y", same), quiver.Connect("b", "y", same)},
		"an output that goes on": {quiver.Hidden("a", 3, pointwise), quiver.Output("y", 3, pointwise), quiver.Output("z", 3, tanh),
			quiver.Connect("x", "a"), quiver.Connect("a", "y"), quiver.Connect("y", "z"), quiver.Connect("a", "z", same)},
		"tied matrices and tied biases": {quiver.Hidden("a", 3, tanh), quiver.Hidden("b", 3, tanh), quiver.Hidden("c", 3, tanh), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a"), quiver.Connect("one", "a", quiver.Named("bias")), quiver.Connect("a", "b", quiver.Named("K")), quiver.Connect("one", "b", quiver.Tied("bias")),
			quiver.Connect("b", "c", quiver.Tied("K")), quiver.Connect("one", "c", quiver.Tied("bias")), quiver.Connect("c", "y")},
		"tied matrices, own biases": {quiver.Hidden("a", 3, tanh), quiver.Hidden("b", 3, tanh), quiver.Hidden("c", 3, tanh), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a"), quiver.Connect("a", "b", quiver.Named("K")), quiver.Connect("one", "b"), quiver.Connect("b", "c", quiver.Tied("K")), quiver.Connect("one", "c"), quiver.Connect("c", "y")},
		"own matrices, tied biases": {quiver.Hidden("a", 3, tanh), quiver.Hidden("b", 3, tanh), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a"), quiver.Connect("one", "a", quiver.Named("bias")), quiver.Connect("a", "b"), quiver.Connect("one", "b", quiver.Tied("bias")), quiver.Connect("b", "y")},
		"two matrices at one vertex": {quiver.Hidden("a", 3, tanh), quiver.Hidden("b", 3, tanh), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("x", "b"), quiver.Connect("one", "b"), quiver.Connect("b", "y")},
		"two biases at one vertex": {quiver.Hidden("a", 3, tanh), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a"), quiver.Connect("one", "a"), quiver.Connect("one", "a", quiver.Named("again")), quiver.Connect("a", "y")},
		"the same arrow twice, tied": {quiver.Hidden("a", 3, tanh), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a"), quiver.Connect("a", "y", quiver.Named("K")), quiver.Connect("a", "y", quiver.Named("K2"), quiver.Tied("K")), quiver.Connect("one", "y")},
		"one value through two identities": {quiver.Hidden("a", 3, tanh), quiver.Output("y", 3, pointwise),
			quiver.Connect("x", "a"), quiver.Connect("a", "y", same, quiver.Named("i")), quiver.Connect("a", "y", same, quiver.Named("j")), quiver.Connect("one", "y")},
		"a vertex that branches": {quiver.Hidden("a", 3, tanh), quiver.Hidden("b", 3, tanh), quiver.Hidden("c", 3, tanh), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("a", "c"), quiver.Connect("b", "y"), quiver.Connect("c", "y"), quiver.Connect("a", "y")},
		"a linear vertex between": {quiver.Hidden("a", 3, tanh), quiver.Hidden("b", 3, quiver.Identity), quiver.Output("y", 3, nil),
			quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("one", "b"), quiver.Connect("b", "y"), quiver.Connect("a", "y")},
	} {
		q, err := quiver.New(append([]quiver.Part{quiver.Input("x", 2), quiver.Bias("one")}, parts...)...)
		require.NoError(t, err, name)
		w := quiver.Random(q, nil, rngOf(7))
		for i := range w.Data() {
			w.Data()[i] += 0.01 * float64(i%5) // parameters and biases too
		}
		xs := list(normal(9, 2, 1))
		opts, ts := squares(q, 9)
		for _, l := range []string{"library", "custom", "two", "linear"} {
			var losses []graph.Option
			targets := ts
			ys, err := w.Eval(xs...)
			require.NoError(t, err)
			var dys []*mat.Dense
			for k, out := range q.Outputs() {
				d := mat.DenseCopyOf(ys[k])
				d.Sub(d, ts[k])
				r, c := d.Dims()
				switch l {
				case "custom":
					losses = append(losses, graph.Loss(out, halfSquares(1), 1))
					d.Scale(1/float64(r), d)
				case "two": // two losses at one output
					losses = append(losses, graph.Loss(out, graph.MSE, 1), graph.Loss(out, graph.SumSquares, 0.5))
					d.Scale(2/float64(r*c)+1, d)
				case "linear": // Σ y∘t, whose gradient at the output is the targets
					losses = append(losses, graph.Loss(out, graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
						return gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(y, t)), 1)
					}), float64(r)))
					d = ts[k]
				default:
					losses = opts
					d.Scale(2/float64(r*c), d)
				}
				dys = append(dys, d)
			}
			if l == "two" {
				targets = nil
				for _, m := range ts {
					targets = append(targets, m, m)
				}
			}
			want, _, err := w.VJP(xs, dys)
			require.NoError(t, err)
			for _, mode := range [][]graph.Option{nil, {graph.Unfused}} {
				p, err := graph.Compile(q, append(mode, losses...)...)
				require.NoError(t, err, name)
				g := w.Like()
				_, err = p.LossGrad(g, w, xs, targets)
				require.NoError(t, err, name)
				i := 0
				for s, ref := range want.Segments() {
					got := g.Data()[i : i+len(ref)]
					i += len(ref)
					assert.InDeltaSlice(t, ref, got, 1e-12*(1+want.Norm()), "%s, %s loss, %v%v", name, l, s.Arrow, s.Vertex)
				}
				v := want.Clone()
				h := w.Like()
				require.NoError(t, p.HessianVector(h, w, v, xs, targets), name)
			}
		}
	}
}
