package agreement

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/data"
	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/symmetry"
)

// forward32 evaluates in single precision.
func forward32(t *testing.T, w *quiver.Rep, xs ...*mat.Dense) []*mat.Dense {
	t.Helper()
	p, err := graph.Compile(w.Quiver(), graph.Float32)
	require.NoError(t, err)
	ys, err := p.Forward(w, xs...)
	require.NoError(t, err)
	return ys
}

// TestSinglePrecision: reduced and rotated networks agree with the original in single
// precision as far as single precision goes.
func TestSinglePrecision(t *testing.T) {
	each(t, func(t *testing.T, in quivertest.Instance) {
		if in.Exempt != "" || has(in.Rep.Quiver(), layers.Radial(layers.StepReLU)) {
			return // a rounding of 1e-7 crosses a jump more often
		}
		c, err := symmetry.Compress(in.Rep)
		require.NoError(t, err, in.Name)
		r, err := c.Rotated()
		require.NoError(t, err, in.Name)
		want := forward32(t, in.Rep, in.Inputs...)
		assert.LessOrEqual(t, quivertest.Gap(want, forward32(t, c.Reduced, in.Inputs...)), 1e-5, in.Name)
		assert.LessOrEqual(t, quivertest.Gap(want, forward32(t, r, in.Inputs...)), 1e-5, in.Name)
	})
}

// TestFirstExperiment repeats the first experiment of arXiv 2107.02550: 1-6-7-1, radial sigmoid, ten
// draws, 121 points. The paper reports a mean gap of 1.3e-8 in single precision.
func TestFirstExperiment(t *testing.T) {
	x, _ := data.Bump()
	q, err := layers.MLP(layers.Radial(layers.Sigmoid), 1, 6, 7, 1)
	require.NoError(t, err)
	var single, double float64
	for seed := range uint64(10) {
		w := quiver.Random(q, nil, rand.NewPCG(seed, 1))
		c, err := symmetry.Compress(w)
		require.NoError(t, err)
		a, err := w.Eval(x)
		require.NoError(t, err)
		b, err := c.Reduced.Eval(x)
		require.NoError(t, err)
		a32, b32 := forward32(t, w, x), forward32(t, c.Reduced, x)
		for i := range 121 {
			double += math.Abs(a[0].At(i, 0)-b[0].At(i, 0)) / 1210
			single += math.Abs(a32[0].At(i, 0)-b32[0].At(i, 0)) / 1210
		}
	}
	t.Logf("mean |F − F_red|: %.1e in single, %.1e in double precision", single, double)
	assert.LessOrEqual(t, double, 1e-15)
	assert.LessOrEqual(t, single, 5e-8)
	assert.Greater(t, single, 1e-10, "single precision must show")
}

// TestLongTraining: on 1-6-7-1 both theorems hold over 3,000 steps of gradient descent: training g·w is
// g times training w, projected training is training of the small network. The free part keeps every bit.
func TestLongTraining(t *testing.T) {
	x, y := data.Bump()
	q, err := layers.MLP(layers.Radial(layers.Sigmoid), 1, 6, 7, 1)
	require.NoError(t, err)
	w := quiver.Random(q, nil, rand.NewPCG(3, 1))
	g := symmetry.RandomElement(q, rand.NewPCG(4, 1))
	moved, err := symmetry.Act(g, w)
	require.NoError(t, err)
	c, err := symmetry.Compress(w)
	require.NoError(t, err)
	rotated, err := c.Rotated()
	require.NoError(t, err)
	sub, err := c.Subspace()
	require.NoError(t, err)
	small := c.Reduced.Clone()
	start, err := c.Rotated()
	require.NoError(t, err)
	train := func(w *quiver.Rep, m optim.Method, steps int) {
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		_, err = optim.Minimize(context.Background(), p.Problem([]*mat.Dense{x}, []*mat.Dense{y}), w, m, &optim.Settings{Steps: steps, Every: -1})
		require.NoError(t, err)
	}
	done := 0
	for _, k := range []int{1, 2, 10, 300, 3000} {
		for _, u := range []*quiver.Rep{w, moved, small} {
			train(u, &optim.SGD{Rate: 0.01}, k-done)
		}
		train(rotated, optim.Projected(&optim.SGD{Rate: 0.01}, sub), k-done)
		done = k
		gw, err := symmetry.Act(g, w)
		require.NoError(t, err)
		gw.AddScaled(-1, moved)
		assert.LessOrEqual(t, gw.Norm(), 1e-12*w.Norm(), "E1 after %d steps", k)
		r, err := sub.Reduce(rotated)
		require.NoError(t, err)
		free, err := sub.Embed(r.Like(), rotated)
		require.NoError(t, err)
		before, err := sub.Embed(r.Like(), start)
		require.NoError(t, err)
		assert.Equal(t, before.Data(), free.Data(), "the free part after %d steps", k)
		r.AddScaled(-1, small)
		assert.LessOrEqual(t, r.Norm(), 1e-12*small.Norm(), "E2 after %d steps", k)
	}
}

// TestFreePartInSinglePrecision: 300 steps of Adam on gradients of single precision leave the free
// part as it is, because the zeros of the rotated network are exact.
func TestFreePartInSinglePrecision(t *testing.T) {
	x, y := data.Bump()
	q, err := layers.MLP(layers.Radial(layers.Squash), 1, 6, 7, 1)
	require.NoError(t, err)
	c, err := symmetry.Compress(quiver.Random(q, nil, rand.NewPCG(5, 1)))
	require.NoError(t, err)
	w, err := c.Rotated()
	require.NoError(t, err)
	sub, err := c.Subspace()
	require.NoError(t, err)
	before, err := sub.Embed(c.Reduced.Like(), w)
	require.NoError(t, err)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1), graph.Float32)
	require.NoError(t, err)
	m, grad := optim.Projected(&optim.Adam{Rate: 0.01}, sub), w.Like()
	for range 300 {
		_, err := p.LossGrad(grad, w, []*mat.Dense{x}, []*mat.Dense{y})
		require.NoError(t, err)
		require.NoError(t, m.Step(w, grad))
	}
	after, err := sub.Embed(c.Reduced.Like(), w)
	require.NoError(t, err)
	assert.Equal(t, before.Data(), after.Data())
	w2, err := c.Rotated()
	require.NoError(t, err)
	w2.AddScaled(-1, w)
	assert.Greater(t, w2.Norm(), 0.1, "the rest has moved")
}
