package graph_test

import (
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

// TestHessianVector compares H·v with central differences of the gradient, for
// activations of every kind, for squares and for cross entropy.
func TestHessianVector(t *testing.T) {
	for _, act := range []quiver.Activation{
		tanh, layers.Radial(layers.Squash), layers.Radial(layers.Sigmoid), layers.Pointwise(layers.GELU), layers.RMSNorm(6, 0.1),
		layers.Trainable(layers.Tanh, 0.3, 1.1), layers.Gain(layers.RMSNorm(5, 0.1), true), layers.Rescaling("test-onenorm", layers.OneNorm{}),
	} {
		for _, l := range []graph.LossFunc{graph.MSE, graph.SoftmaxCE} {
			w := net(t, act)
			p, err := graph.Compile(w.Quiver(), graph.Loss("y", l, 1))
			require.NoError(t, err)
			x, y := normal(6, 2, 3), normal(6, 3, 4)
			if l.String() == "softmaxce" {
				y = mat.NewDense(6, 1, []float64{0, 1, 2, 0, 1, 2})
			}
			rng := rand.New(rand.NewPCG(7, 7))
			v := w.Like()
			for i := range v.Data() {
				v.Data()[i] = rng.NormFloat64()
			}
			h := w.Like()
			require.NoError(t, p.HessianVector(h, w, v, list(x), list(y)), "%v", act)
			grad := func(step float64) *quiver.Rep {
				u, g := w.Clone(), w.Like()
				u.AddScaled(step, v)
				_, err := p.LossGrad(g, u, list(x), list(y))
				require.NoError(t, err)
				return g
			}
			const e = 1e-5
			fd := grad(e)
			fd.AddScaled(-1, grad(-e))
			fd.Scale(1 / (2 * e))
			fd.AddScaled(-1, h)
			assert.LessOrEqual(t, fd.Norm(), 1e-6*h.Norm(), "%v %v", act, l)
			wrong := h.Clone()
			wrong.AddScaled(-1, v)
			assert.Greater(t, wrong.Norm(), 1e-3*h.Norm(), "the test must see a difference")
		}
	}
}

// plain is a user's activation without second derivatives.
type plain struct{}

func (plain) String() string { return "plain" }
func (plain) Apply(dst, z []float64) {
	for i, x := range z {
		dst[i] = x / 2
	}
}
func (plain) VJP(dst, _, g []float64) {
	for i, x := range g {
		dst[i] = x / 2
	}
}
func (plain) Restrict(*mat.Dense) (quiver.Activation, bool) { return plain{}, true }

func TestOrderUnavailable(t *testing.T) {
	w := net(t, plain{})
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, y, g := list(normal(3, 2, 3)), list(normal(3, 3, 4)), w.Like()
	_, err = p.LossGrad(g, w, x, y)
	require.NoError(t, err, "order one works")
	err = p.HessianVector(g, w, w, x, y)
	var oe *graph.OrderError
	require.ErrorAs(t, err, &oe)
	assert.Equal(t, 2, oe.Order)
	assert.Contains(t, err.Error(), `order 2 unavailable at vertex "h1"`)
}

// TestCustomLoss writes the squares and the Huber-like log-cosh with Gorgonia's own
// operations.
func TestCustomLoss(t *testing.T) {
	w := net(t, tanh)
	x, y := list(normal(300, 2, 3)), list(normal(300, 3, 4))
	squares := func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
		d, err := gorgonia.Sub(y, t)
		if err != nil {
			return nil, err
		}
		s, err := gorgonia.Square(d)
		if err != nil {
			return nil, err
		}
		return gorgonia.Sum(s, 1)
	}
	run := func(l graph.LossFunc, weight float64, opts ...graph.Option) (float64, *quiver.Rep) {
		p, err := graph.Compile(w.Quiver(), append(opts, graph.Loss("y", l, weight))...)
		require.NoError(t, err)
		g := w.Like()
		loss, err := p.LossGrad(g, w, x, y)
		require.NoError(t, err)
		return loss, g
	}
	for _, opts := range [][]graph.Option{nil, {graph.Float32}} {
		tol := 1e-13
		if opts != nil {
			tol = 1e-5
		}
		want, wg := run(graph.MSE, 3, opts...)
		got, gg := run(graph.Custom(squares), 1, opts...)
		assert.InEpsilon(t, want, got, tol)
		gg.AddScaled(-1, wg)
		assert.LessOrEqual(t, gg.Norm(), tol*wg.Norm())
	}
}
