package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestVerifyAtAMinimum: where the outputs are the targets up to rounding, and where all of the probability lies at the right class, a right
// program is right, and a wrong derivative is found.
func TestVerifyAtAMinimum(t *testing.T) {
	for _, opts := range [][]graph.Option{nil, {graph.Float32}, {graph.Unfused}} {
		for _, act := range []quiver.Activation{tanh, layers.Pointwise(layers.Tanh), layers.Pointwise(layers.GELU), layers.Radial(layers.Sigmoid)} {
			for k, l := range []graph.LossFunc{graph.MSE, graph.SumSquares, graph.Custom(squaresOf), graph.SoftmaxCE} {
				w := net(t, act)
				p, err := graph.Compile(w.Quiver(), append(opts, graph.Loss("y", l, 1))...)
				if k == 2 && err != nil { // constants of double precision
					continue
				}
				require.NoError(t, err)
				x := normal(30, 2, 3)
				ys, err := p.Forward(w, x)
				require.NoError(t, err)
				ts := ys[0]
				if k == 3 {
					for s := range w.Segments() {
						if s.Arrow == "h2->y" {
							m := w.Arrow(s.Arrow)
							m.Scale(400, m)
						}
					}
					ys, err = w.Eval(x)
					require.NoError(t, err)
					ts = mat.NewDense(30, 1, nil)
					for i := range 30 {
						row := ys[0].RawRowView(i)
						for j, v := range row {
							if v > row[int(ts.At(i, 0))] {
								ts.Set(i, 0, float64(j))
							}
						}
					}
				}
				v, err := graph.Verify(p, w, list(x), list(ts))
				require.NoError(t, err)
				assert.NoError(t, v.Err(), "%v %v", act, l)
				if k == 1 { // 1e-13 away, and the control
					ts.Apply(func(i, _ int, y float64) float64 { return y * (1 + 1e-13*float64(i)) }, ts)
					v, err = graph.Verify(p, w, list(x), list(ts))
					require.NoError(t, err)
					assert.NoError(t, v.Err(), "%v %v", act, l)
				}
			}
		}
	}
	w := net(t, wrongVJP{tanh})
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x := normal(30, 2, 3)
	ys, err := w.Eval(x)
	require.NoError(t, err)
	v, err := graph.Verify(p, w, list(x), ys)
	require.NoError(t, err)
	var ve *graph.VerifyError
	require.ErrorAs(t, v.Err(), &ve)
}

func squaresOf(y, t *gorgonia.Node) (*gorgonia.Node, error) {
	return gorgonia.Sum(gorgonia.Must(gorgonia.Square(gorgonia.Must(gorgonia.Sub(y, t)))), 1)
}

// TestVerifyRepetitions: a loss in which a value is repeated as often as there are samples is looked at like any other.
func TestVerifyRepetitions(t *testing.T) {
	must := gorgonia.Must
	centred := func(factor float64) graph.LossFunc {
		return graph.Coupled(graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			mean := must(gorgonia.Reshape(must(gorgonia.Mean(y, 0)), tensor.Shape{1, 3}))
			r := must(gorgonia.Sub(must(gorgonia.BroadcastSub(y, mean, nil, []byte{0})), t))
			s, err := gorgonia.ApplyOp(halfSquare{factor}, r)
			if err != nil {
				return nil, err
			}
			return gorgonia.Sum(s, 1)
		}))
	}
	w := net(t, tanh)
	for _, factor := range []float64{1, 1.01} {
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", centred(factor), 1))
		require.NoError(t, err)
		for _, n := range []int{40, 7} {
			v, err := graph.Verify(p, w, list(normal(n, 2, 3)), list(normal(n, 3, 4)))
			require.NoError(t, err)
			assert.Equal(t, factor == 1, v.OK(), "%v", v)
		}
	}
}
