package tape

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/interpreter"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestGradientsOthersRead: a gradient that is asked for besides is not overwritten by the δ that is made of it.
func TestGradientsOthersRead(t *testing.T) {
	q, err := layers.MLP(layers.Pointwise(layers.Tanh), 2, 3, 4, 2)
	require.NoError(t, err)
	p, err := model.New(q, []model.Term{{Output: "y", Loss: model.MSE, Weight: 1}}, tensor.Float64)
	require.NoError(t, err)
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	x, y := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6}), mat.NewDense(3, 2, []float64{1, 0, 0, 1, 2, 2})
	e := withLoss(t, p, 3)
	var arrived gorgonia.Nodes
	for _, n := range op.Ancestors(e.Gradient) {
		if o, ok := n.Op().(*op.Op); ok && o.Kind() == op.KindActVJP {
			arrived = append(arrived, op.Children(n)[1])
		}
	}
	require.Len(t, arrived, 2, "one for each hidden vertex")
	b := &batch.Batch{N: 3, Inputs: []*mat.Dense{x}, Targets: []*mat.Dense{y}}
	want, err := interpreter.Evaluate[float64](e, arrived)
	require.NoError(t, err)
	want.Weights(w)
	want.Inputs(b.Inputs, interpreter.InOrder)
	want.Targets(b)
	require.NoError(t, want.Run())
	tape, err := Fuse[float64](e, append(gorgonia.Nodes{e.Loss}, arrived...), e.Gradient, nil)
	require.NoError(t, err)
	m := tape.newMemory()
	var src Source[float64]
	src.Load(e.Model, w, b)
	g := w.Like()
	_, err = tape.Gradient(m, &src, g.Data(), 0, 0)
	require.NoError(t, err)
	for _, n := range arrived {
		l, data := tape.slots[tape.where[n]], m.slot[tape.where[n]]
		for i, v := range want.Value(n) {
			k := i
			if l.lane {
				k = i%l.cols*tape.ld + i/l.cols
			}
			assert.InDelta(t, v, data[k], 1e-14)
		}
	}
	ref := w.Like()
	on(t, e, w, b, gorgonia.Nodes{e.Loss}, ref)
	assert.InDeltaSlice(t, ref.Data(), g.Data(), 1e-14)
}
