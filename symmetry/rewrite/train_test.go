package rewrite

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
)

// descent is gradient descent on a graph.
type descent struct {
	cost    *G.Node
	weights G.Nodes
	grads   G.Nodes
}

func newDescent(t *testing.T, cost *G.Node, weights G.Nodes) *descent {
	gs, err := G.Grad(cost, weights...)
	require.NoError(t, err)
	return &descent{cost, weights, gs}
}

// gradient returns the loss and the gradients in the shapes of the weights.
func (d *descent) gradient(t *testing.T) (float64, map[*G.Node]G.Value) {
	vs := valuesOf(append(G.Nodes{d.cost}, d.grads...))
	g := make(map[*G.Node]G.Value)
	for i, w := range d.weights {
		require.NotNil(t, vs[i+1], w.Name())
		x := inspect.MustNumbers(vs[i+1])
		require.Len(t, x, w.Shape().TotalSize(), w.Name())
		g[w] = inspect.NewValue(w.Dtype(), w.Shape(), x)
	}
	return inspect.MustNumbers(vs[0])[0], g
}

func (d *descent) step(rate float64, g map[*G.Node]G.Value) {
	for _, w := range d.weights {
		x := w.Value().Data().([]float64)
		for i, y := range g[w].Data().([]float64) {
			x[i] -= rate * y
		}
	}
}

// TestProjectedTraining: gradient descent on the new weights is gradient descent on the old
// ones, projected by the compression's own projector; without the projection it is another training.
func TestProjectedTraining(t *testing.T) {
	differs := 0
	names := []string{"radial perceptron, batch first, with biases", "residual network with RMSNorm", "residual network with scaled branches and differences", "layer normalisation, with a gain in one layer", "two towers", "siamese towers with shared weights",
		"deep linear autoencoder", "single vectors, W·x + b", "one sample per column", "dense block with concatenations", "two heads on one trunk", "linear chain seen through a narrow end"}
	for _, p := range programs {
		at := -1
		for i, name := range names {
			if p.name == name {
				at = i
			}
		}
		if at < 0 {
			continue
		}
		names[at] = ""
		train := func(project, fused bool) (worst float64) {
			l := newLab(t, 7)
			roots := p.build(l)
			var terms G.Nodes
			for _, n := range roots {
				if terms = append(terms, n); !n.IsScalar() {
					terms[len(terms)-1] = G.Must(G.Sum(G.Must(G.Square(n))))
				}
			}
			cost := G.Must(G.ReduceAdd(terms))
			r := Rewriter{Weights: l.weights, Data: l.data}
			if p.with != nil {
				r = p.with(l)
			}
			r.Fused, r.Disable = fused, []string{"gain"} // a matrix trains otherwise than a diagonal
			res, err := r.Rewrite(cost)
			require.NoError(t, err, p.name)
			require.NotNil(t, res.Compression, p.name)
			projector, err := res.Compression.OriginalSubspace()
			require.NoError(t, err, p.name)
			large, small := newDescent(t, cost, l.weights), newDescent(t, res.Roots[0], res.Weights)
			for range 10 {
				a, g := large.gradient(t)
				b, h := small.gradient(t)
				worst = max(worst, math.Abs(a-b)/math.Abs(b))
				if project {
					value := func(n *G.Node) G.Value { return g[n] }
					rep, err := res.Lifted.Collect(value)
					require.NoError(t, err)
					require.NoError(t, projector.Project(rep))
					require.NoError(t, res.Lifted.Scatter(rep, value))
				}
				var size float64
				for _, v := range h {
					for _, x := range inspect.MustNumbers(v) {
						size += x * x
					}
				}
				rate := 0.1 * b / size // the same for both
				large.step(rate, g)
				small.step(rate, h)
			}
			return worst
		}
		assert.LessOrEqual(t, train(true, false), 1e-10, p.name)
		assert.LessOrEqual(t, train(true, true), 1e-10, "fused: %s", p.name)
		if train(false, false) > 1e-6 {
			differs++
		}
	}
	for _, name := range names {
		assert.Empty(t, name, "a program that was not trained")
	}
	assert.GreaterOrEqual(t, differs, 8, "free training is another one")
}
