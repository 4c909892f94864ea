package graph_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// parallel is y = Σ a_i x of n parallel arrows.
func parallel(n int) []quiver.Part {
	parts := []quiver.Part{quiver.Input("x", 1), quiver.Output("y", 1, nil)}
	for i := range n {
		parts = append(parts, quiver.Connect("x", "y", quiver.Named(fmt.Sprint("a", i))))
	}
	return parts
}

// fan is y = Σ b_i tanh(a_i x) of n vertices.
func fan(n int) []quiver.Part {
	parts := []quiver.Part{quiver.Input("x", 1), quiver.Output("y", 1, nil)}
	for i := range n {
		v := fmt.Sprint("h", i)
		parts = append(parts, quiver.Hidden(v, 1, layers.Pointwise(layers.Tanh)), quiver.Connect("x", v), quiver.Connect(v, "y"))
	}
	return parts
}

// skips is a chain of n vertices, each of which takes x too and gives to y too.
func skips(n int) []quiver.Part {
	parts, last := []quiver.Part{quiver.Input("x", 1), quiver.Output("y", 1, nil)}, "x"
	for i := range n {
		v := fmt.Sprint("h", i)
		parts = append(parts, quiver.Hidden(v, 1, layers.Pointwise(layers.Tanh)), quiver.Connect(last, v), quiver.Connect("x", v, quiver.Named(fmt.Sprint("s", i))), quiver.Connect(v, "y"))
		last = v
	}
	return parts
}

// TestManyArrowsIntoOneVertex: values and gradients where thousands of arrows meet.
func TestManyArrowsIntoOneVertex(t *testing.T) {
	for name, parts := range map[string][]quiver.Part{"parallel": parallel(2000), "fan": fan(300), "skips": skips(200)} {
		q, err := quiver.New(parts...)
		require.NoError(t, err)
		p, err := graph.Compile(q, graph.Loss("y", graph.SumSquares, 0.5))
		require.NoError(t, err)
		w := quiver.Zero(q)
		for i := range w.Data() {
			w.Data()[i] = 1 / float64(1+i%7)
		}
		x, y := mat.NewDense(2, 1, []float64{0.5, -0.25}), mat.NewDense(2, 1, []float64{1, 2})
		out, err := p.Forward(w, x)
		require.NoError(t, err)
		want, err := w.Eval(x)
		require.NoError(t, err)
		assert.True(t, mat.EqualApprox(want[0], out[0], 1e-12*mat.Max(want[0])), name)
		assert.Greater(t, out[0].At(0, 0), 10.0, "a control: all arrows arrive")
		g := w.Like()
		_, err = p.LossGrad(g, w, list(x), list(y))
		require.NoError(t, err)
		var d mat.Dense
		d.Sub(want[0], y)
		ref, _, err := w.VJP(list(x), list(&d))
		require.NoError(t, err)
		assert.InDeltaSlice(t, ref.Data(), g.Data(), 1e-10*d.At(0, 0), name)
	}
}
