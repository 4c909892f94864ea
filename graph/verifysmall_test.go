package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestVerifyTrainedParameters: the reference takes the parameters of the weights, not those that training starts with; and a
// vertex of dimension 2 has the symmetry of the gradients, one of dimension 1 has nothing to turn.
func TestVerifyTrainedParameters(t *testing.T) {
	for d, want := range map[int]int{1: 0, 2: 1} {
		q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h", d, layers.Trainable(layers.Tanh, 0.1, 1)), quiver.Output("y", 3, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
		require.NoError(t, err)
		w := quiver.Random(q, nil, rngOf(3))
		for i := range w.Params("h") {
			w.Params("h")[i] += 0.4
		}
		p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		v, err := graph.Verify(p, w, list(normal(9, 2, 1)), list(normal(9, 3, 2)))
		require.NoError(t, err)
		assert.True(t, v.OK(), "%v", v)
		n := 0
		for _, k := range v.Checks {
			if strings.HasPrefix(k.Law, "symmetry") {
				n++
			}
		}
		assert.Equal(t, want, n, "dimension %d", d)
	}
}

// TestVerifyOneSample: what changes from call to call is found in a batch of one, too.
func TestVerifyOneSample(t *testing.T) {
	for act, want := range map[quiver.Activation]bool{moody{tanh, new(int)}: true, tanh: false} {
		w := net(t, act)
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		v, err := graph.Verify(p, w, list(normal(1, 2, 1)), list(normal(1, 3, 2)))
		require.NoError(t, err)
		found := false
		for _, c := range v.Checks {
			found = found || c.Law == "one argument, one value" && c.Status == graph.Failed
		}
		assert.Equal(t, want, found, "%v", act)
	}
}
