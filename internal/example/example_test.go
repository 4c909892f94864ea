package example_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/example"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// TestTrain: training learns labels, calls back after each step, and ends at the first error.
func TestTrain(t *testing.T) {
	q, err := layers.MLP(layers.Pointwise(layers.Tanh), 2, 2)
	require.NoError(t, err)
	p, err := graph.Compile(q, graph.Loss("y", graph.SoftmaxCE, 1))
	require.NoError(t, err)
	x := example.Normal(100, 2, rand.New(rand.NewPCG(1, 2)))
	labels := make([]int, 100)
	for i := range labels {
		if x.At(i, 0) > 0 {
			labels[i] = 1
		}
	}
	y := example.Column(labels)
	w := quiver.Zero(q)
	loss := func() float64 {
		l, err := p.LossGrad(w.Like(), w, []*mat.Dense{x}, []*mat.Dense{y})
		require.NoError(t, err)
		return l
	}
	before, steps := loss(), 0
	require.NoError(t, example.Train(p, w, &optim.Adam{Rate: 0.1}, x, y, 5, rand.NewPCG(3, 4), func() { steps++ }))
	assert.Less(t, loss(), before/2)
	assert.Equal(t, 5*4, steps, "100 samples in batches of 32")
	assert.Error(t, example.Train(p, w, &optim.Adam{Rate: -1}, x, y, 5, rand.NewPCG(3, 4), nil))
	assert.Error(t, example.Train(p, w, &optim.Adam{}, x, mat.NewDense(7, 1, nil), 5, rand.NewPCG(3, 4), nil))
}

func TestSmallThings(t *testing.T) {
	q, err := layers.MLP(layers.Pointwise(layers.Tanh), 1, 1)
	require.NoError(t, err)
	a, b := quiver.Zero(q), quiver.Zero(q)
	copy(a.Data(), []float64{3, 4})
	copy(b.Data(), []float64{0, 4})
	assert.Equal(t, 0.75, example.Apart(a, b))
	var out bytes.Buffer
	require.NoError(t, example.JSON(&out, map[string]int{"a": 1}))
	assert.Equal(t, "{\n  \"a\": 1\n}\n", out.String())
}
