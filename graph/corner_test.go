package graph_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// TestExtremeLastSample: the lanes behind the last sample copy it, also where it needs care, so
// that a finite gradient stays finite.
func TestExtremeLastSample(t *testing.T) {
	for _, act := range []quiver.Activation{layers.Radial(layers.Sigmoid), tanh, layers.Radial(layers.Squash), layers.RMSNorm(5, 0.1)} {
		for _, opts := range [][]graph.Option{nil, {graph.Float32}} {
			for _, n := range []int{1, 5, 15, 16, 300} {
				q, err := layers.MLP(act, 3, 4, 5, 12, 2)
				require.NoError(t, err)
				w := quiver.Random(q, nil, rand.NewPCG(1, 2))
				x, y := normal(n, 3, 1), normal(n, 2, 2)
				size := 1e160
				if opts != nil {
					size = 1e20
				}
				for j := range 3 {
					x.Set(n-1, j, size*x.At(n-1, j))
				}
				o := append(opts, graph.Loss("y", graph.MSE, 1))
				_, l1, g1 := step(t, w, list(x), list(y), o...)
				_, l2, g2 := step(t, w, list(x), list(y), append(o, graph.Unfused)...)
				tol := 1e-12
				if opts != nil {
					tol = 1e-4
				}
				assert.InEpsilon(t, l2, l1, tol, "%v %d", act, n)
				g1.AddScaled(-1, g2)
				assert.LessOrEqual(t, g1.Norm(), tol*g2.Norm(), "%v %d", act, n)
			}
		}
	}
}

// TestDeadZones: zones within zones, and zones smaller than any norm that a block is computed with.
func TestDeadZones(t *testing.T) {
	for _, tau := range [][]float64{{3, 0.3}, {0.3, 3}, {1e-200, 1e-31}, {0.5, 1e20}} {
		act := layers.DeadZone(layers.DeadZone(layers.Radial(layers.ReLU), tau[0]), tau[1])
		q, err := quiver.New(quiver.Input("x", 3), quiver.Hidden("h", 3, act), quiver.Output("y", 3, nil), quiver.Connect("x", "h", quiver.Frozen(quiver.Eye(3))), quiver.Connect("h", "y", quiver.Frozen(quiver.Eye(3))))
		require.NoError(t, err)
		w := quiver.Zero(q)
		x := normal(6, 3, 3)
		for j := range 3 {
			x.Set(1, j, 1e-30*x.At(1, j))
			x.Set(2, j, 0)
			x.Set(3, j, 10*x.At(3, j))
		}
		want, err := w.Eval(x)
		require.NoError(t, err)
		for _, opts := range [][]graph.Option{nil, {graph.Float32}} {
			p, err := graph.Compile(q, opts...)
			require.NoError(t, err)
			got, err := p.Forward(w, x)
			require.NoError(t, err)
			assert.LessOrEqual(t, quivertest.Gap(want, got), 1e-6, "%v", act)
			for i := range 6 {
				assert.Equal(t, want[0].At(i, 0) == 0, got[0].At(i, 0) == 0, "%v, sample %d", act, i)
			}
		}
	}
}

// TestOneClass: with one class, a target is class 0 or the distribution 1, and nothing else.
func TestOneClass(t *testing.T) {
	q, err := layers.MLP(tanh, 2, 3, 1)
	require.NoError(t, err)
	w := quiver.Random(q, nil, rand.NewPCG(1, 2))
	for _, opts := range [][]graph.Option{nil, {graph.Unfused}} {
		p, err := graph.Compile(q, append(opts, graph.Loss("y", graph.SoftmaxCE, 1))...)
		require.NoError(t, err)
		g := w.Like()
		loss, err := p.LossGrad(g, w, list(normal(2, 2, 1)), list(mat.NewDense(2, 1, []float64{0, 1})))
		require.NoError(t, err)
		assert.Zero(t, loss)
		assert.Zero(t, g.Norm(), "a constant loss has no gradient")
		_, err = p.LossGrad(g, w, list(normal(2, 2, 1)), list(mat.NewDense(2, 1, []float64{0, 0.3})))
		var de *graph.DataError
		assert.ErrorAs(t, err, &de)
	}
}

// TestOtherFixedMatrix: where the program was compiled for a dense fixed matrix, weights may bring a
// structured one.
func TestOtherFixedMatrix(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 2, nil), quiver.Connect("x", "y", quiver.Frozen(mat.NewDense(2, 2, []float64{1, 2, 3, 4}))))
	require.NoError(t, err)
	p, err := graph.Compile(q)
	require.NoError(t, err)
	u, err := quiver.Zero(q).WithFixed(map[string]mat.Matrix{"x->y": quiver.Eye(2)})
	require.NoError(t, err)
	x := normal(3, 2, 1)
	y, err := p.Forward(u, x)
	require.NoError(t, err)
	assert.True(t, mat.Equal(x, y[0]))
	y, err = p.Forward(quiver.Zero(q), x) // and the next call its own again
	require.NoError(t, err)
	assert.False(t, mat.Equal(x, y[0]))
}

// TestGradientIsWeights is refused, and leaves the weights alone.
func TestGradientIsWeights(t *testing.T) {
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	before := w.Clone()
	_, err = p.LossGrad(w, w, list(normal(3, 2, 1)), list(normal(3, 3, 2)))
	var re *graph.RepError
	require.ErrorAs(t, err, &re)
	assert.Equal(t, before.Data(), w.Data())
}

// TestCustomLossErrors: a custom loss that fails when it runs is named by its output.
func TestCustomLossErrors(t *testing.T) {
	bad := graph.Custom(func(y, target *gorgonia.Node) (*gorgonia.Node, error) {
		d, err := gorgonia.Sub(y, target)
		if err != nil {
			return nil, err
		}
		s, err := gorgonia.ApplyOp(failing{halfSquare{1}}, d)
		if err != nil {
			return nil, err
		}
		return gorgonia.Mean(s, 1)
	})
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", bad, 1))
	require.NoError(t, err)
	_, err = p.LossGrad(w.Like(), w, list(normal(3, 2, 1)), list(normal(3, 3, 2)))
	var oe *graph.OpError
	require.ErrorAs(t, err, &oe)
	assert.Contains(t, oe.Error(), `"y"`)
	assert.ErrorContains(t, err, "out of order")
}

// failing is an operation that cannot be computed.
type failing struct{ halfSquare }

func (failing) Do(...gorgonia.Value) (gorgonia.Value, error) { return nil, errors.New("out of order") }

// TestPrecompiled: the units that a batch needs are made by Compile, not by the first step.
func TestPrecompiled(t *testing.T) {
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1), graph.Precompile(40, 700), graph.Timed)
	require.NoError(t, err)
	for _, n := range []int{40, 700} {
		x := normal(n, 2, 1)
		_, err = p.LossGrad(w.Like(), w, list(x), list(normal(n, 3, 2)))
		require.NoError(t, err)
		assert.Less(t, testing.AllocsPerRun(3, func() {
			if _, err := p.Forward(w, x); err != nil {
				panic(err)
			}
		}), 100.0, "building a graph takes thousands")
	}
	assert.NotEmpty(t, p.Profile().Stages)
	calls := func(more ...graph.Option) int { // of the user's loss, which makes the graph, in the first step
		made := 0
		counted := graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			made++
			return gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(y, t)), 1)
		})
		p, err := graph.Compile(w.Quiver(), append(more, graph.Loss("y", counted, 1))...)
		require.NoError(t, err)
		before := made
		_, err = p.LossGrad(w.Like(), w, list(normal(700, 2, 1)), list(normal(700, 3, 2)))
		require.NoError(t, err)
		return made - before
	}
	assert.Less(t, calls(graph.Precompile(700)), calls(), "the graph of the gradient is made by Compile")
	assert.Equal(t, calls(), calls(graph.Precompile(40)), "not by that of another batch")
}
