package graph_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestLossReadsTrainedNumbers: a custom loss whose operation of Gorgonia reads the trained numbers of an
// activation out of the graph sees those of each call.
func TestLossReadsTrainedNumbers(t *testing.T) {
	q, err := layers.MLP(layers.Trainable(layers.Tanh, 0.3, 1.1), 2, 3, 1)
	require.NoError(t, err)
	penalty := graph.Custom(func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
		for _, n := range y.Graph().AllNodes() {
			if n.Op() == nil && n.Value() == nil && n.Shape().TotalSize() == 2 && n.Dims() == 2 && n.Shape()[0] == 1 {
				sum, err := gorgonia.Sum(gorgonia.Must(gorgonia.Exp(n)))
				if err != nil {
					return nil, err
				}
				return gorgonia.Add(y, sum)
			}
		}
		return y, nil
	})
	p, err := graph.Compile(q, graph.Loss("y", penalty, 1))
	require.NoError(t, err)
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	x, y := mat.NewDense(4, 2, nil), mat.NewDense(4, 1, nil)
	grad := quiver.Zero(q)
	for range 2 {
		w.Params("h1")[0] += 0.5
		w.Params("h1")[1] -= 0.25
		loss, err := p.LossGrad(grad, w, []*mat.Dense{x}, []*mat.Dense{y})
		require.NoError(t, err)
		out, err := w.Eval(x)
		require.NoError(t, err)
		want := mat.Sum(out[0])/4 + math.Exp(w.Params("h1")[0]) + math.Exp(w.Params("h1")[1])
		assert.InDelta(t, want, loss, 1e-12)
	}
}
