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

// TestDenormals: a profile counts denormal numbers at the vertex or arrow where they are, and says so; where there are
// none it says nothing.
func TestDenormals(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("a", 5, layers.Pointwise(layers.Tanh)), quiver.Hidden("b", 5, layers.Pointwise(layers.Tanh)), quiver.Output("y", 1, nil),
		quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("b", "y"))
	require.NoError(t, err)
	for _, c := range []struct {
		opts  []graph.Option
		small float64 // a normal number whose product with 1e-5 is denormal
	}{{[]graph.Option{graph.Timed}, 1e-305}, {[]graph.Option{graph.Timed, graph.Float32}, 1e-35}} {
		w := quiver.Zero(q)
		for i := range w.Data() {
			w.Data()[i] = 0.5
		}
		x, y := mat.NewDense(20, 2, nil), mat.NewDense(20, 1, nil)
		for i := range 20 {
			x.SetRow(i, []float64{1, 1})
		}
		profile := func() *graph.Profile {
			p, err := graph.Compile(q, append(c.opts, graph.Loss("y", graph.SumSquares, 1))...)
			require.NoError(t, err)
			for range 17 {
				_, err = p.LossGrad(w.Like(), w, list(x), list(y))
				require.NoError(t, err)
			}
			return p.Profile()
		}
		p := profile()
		assert.NotContains(t, p.String(), "denormal")
		for _, s := range p.Stages {
			assert.Equal(t, 17, s.Runs)
			assert.Positive(t, s.Looked)
		}

		for i := range 5 { // the value of b is denormal, all before it is normal
			for j := range 5 {
				w.Arrow("a->b").Set(i, j, c.small)
				w.Arrow("x->a").SetRow(i, []float64{1e-6, 1e-6})
			}
		}
		p = profile()
		denormal := map[string]int{}
		for _, s := range p.Stages {
			if s.Kind == "forward" {
				denormal[s.Owner] += s.Denormal
			}
		}
		assert.Zero(t, denormal["a"])
		assert.GreaterOrEqual(t, denormal["b"], 2*5*20, "every number of b, in two of the runs")
		assert.Contains(t, p.String(), "forward of b, batch 20: ")
		assert.Contains(t, p.String(), "are denormal")
		assert.NotContains(t, p.String(), "forward of a, batch")

		w.Arrow("x->a").Set(0, 0, c.small*1e-5) // a weight
		p = profile()
		assert.Contains(t, p.String(), "forward of a, batch 20: ")
	}
}
