package optim_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// bell is the mean of (F(x) − e^{−x²})² over the 121 points −3 + i/20, by the reference
// evaluator.
type bell struct{}

func (bell) data() (x, y *mat.Dense) {
	x, y = mat.NewDense(121, 1, nil), mat.NewDense(121, 1, nil)
	for i := range 121 {
		t := -3 + float64(i)/20
		x.Set(i, 0, t)
		y.Set(i, 0, math.Exp(-t*t))
	}
	return x, y
}

func (b bell) LossGrad(grad, w *quiver.Rep) (float64, error) {
	x, y := b.data()
	f, err := w.Eval(x)
	if err != nil {
		return 0, err
	}
	f[0].Sub(f[0], y)
	l := mat.Norm(f[0], 2)
	f[0].Scale(2.0/121, f[0])
	g, _, err := w.VJP([]*mat.Dense{x}, f)
	if err != nil {
		return 0, err
	}
	grad.CopyFrom(g)
	return l * l / 121, nil
}

// generic is the network 1-6-7-1 with the weights W_i[r,c] = ½ sin(1+i+2r+3c+rc+r²c) and
// b_i[r] = ½ cos(1+i+2r+r²).
func generic(t *testing.T, h layers.Func) *quiver.Rep {
	t.Helper()
	q, err := layers.MLP(layers.Radial(h), 1, 6, 7, 1)
	require.NoError(t, err)
	w := quiver.Zero(q)
	names := []string{"x", "h1", "h2", "y"}
	for i := 1; i < len(names); i++ {
		m, b := w.Arrow(names[i-1]+"->"+names[i]), w.Arrow("one->"+names[i])
		m.Apply(func(r, c int, _ float64) float64 { return 0.5 * math.Sin(float64(1+i+2*r+3*c+r*c+r*r*c)) }, m)
		b.Apply(func(r, _ int, _ float64) float64 { return 0.5 * math.Cos(float64(1+i+2*r+r*r)) }, b)
	}
	return w
}

// compiled is bell as a program of package graph, many times faster, by the layout of the weights.
var compiled = map[string]optim.Objective{}

func compile(w *quiver.Rep) (optim.Objective, error) {
	layout := w.Quiver().Layout()
	if compiled[layout] == nil {
		p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, 1))
		if err != nil {
			return nil, err
		}
		x, y := bell{}.data()
		compiled[layout] = p.Problem([]*mat.Dense{x}, []*mat.Dense{y})
	}
	return compiled[layout], nil
}

// train returns the loss after some steps on the compiled bell.
func train(t *testing.T, w *quiver.Rep, m optim.Method, steps int) float64 {
	t.Helper()
	o, err := compile(w)
	require.NoError(t, err)
	return trainOn(t, o, w, m, steps)
}

func trainOn(t *testing.T, o optim.Objective, w *quiver.Rep, m optim.Method, steps int) float64 {
	t.Helper()
	r, err := optim.Minimize(context.Background(), o, w, m, &optim.Settings{Steps: steps, Every: -1})
	require.NoError(t, err)
	return r.Loss
}

func minimize(w *quiver.Rep, m optim.Method, steps int) error {
	o, err := compile(w)
	if err != nil {
		return err
	}
	return minimizeOn(o, w, m, steps)
}

// TestCompiledBell: the compiled objective is the reference, along a training.
func TestCompiledBell(t *testing.T) {
	w := generic(t, layers.Sigmoid)
	o, err := compile(w)
	require.NoError(t, err)
	g, want := w.Like(), w.Like()
	for range 20 {
		l, err := o.LossGrad(g, w)
		require.NoError(t, err)
		reference, err := bell{}.LossGrad(want, w)
		require.NoError(t, err)
		assert.InEpsilon(t, reference, l, 1e-13)
		assert.LessOrEqual(t, distance(g, want), 1e-12)
		require.NoError(t, (&optim.SGD{Rate: 0.1}).Step(w, g))
	}
}

func minimizeOn(o optim.Objective, w *quiver.Rep, m optim.Method, steps int) error {
	_, err := optim.Minimize(context.Background(), o, w, m, &optim.Settings{Steps: steps, Every: -1})
	return err
}

// TestGolden compares with values computed by an independent program.
func TestGolden(t *testing.T) {
	w := generic(t, layers.Sigmoid)
	x := mat.NewDense(4, 1, []float64{-1, 0, 0.5, 2})
	y, err := w.Eval(x)
	require.NoError(t, err)
	for i, want := range []float64{-0.113910190297523, -0.101651079173628, -0.0803253875557765, -0.0330676948377331} {
		assert.InDelta(t, want, y[0].At(i, 0), 1e-11)
	}
	c, err := symmetry.Compress(w)
	require.NoError(t, err)
	g := w.Like()
	start, err := bell{}.LossGrad(g, w)
	require.NoError(t, err)
	assert.InDelta(t, 0.269923394082123, start, 1e-11)
	assert.InDelta(t, 0.0911708487452555, trainOn(t, bell{}, w.Clone(), &optim.SGD{Rate: 0.05}, 100), 1e-11)
	assert.InDelta(t, 0.0957334836356667, trainOn(t, bell{}, c.Reduced.Clone(), &optim.SGD{Rate: 0.05}, 100), 1e-11)
	assert.InDelta(t, 0.00626272190585, trainOn(t, bell{}, w.Clone(), &optim.Adam{Rate: 0.01}, 100), 1e-7)
	assert.InDelta(t, 0.0519814994734, trainOn(t, bell{}, c.Reduced.Clone(), &optim.Adam{Rate: 0.01}, 100), 1e-7)

	rotated, err := c.Rotated()
	require.NoError(t, err)
	sub, err := c.Subspace()
	require.NoError(t, err)
	assert.InDelta(t, 0.0957334836356667, trainOn(t, bell{}, rotated.Clone(), optim.Projected(&optim.SGD{Rate: 0.05}, sub), 100), 1e-11)
	assert.InDelta(t, 0.0519814994734, trainOn(t, bell{}, rotated.Clone(), optim.Projected(&optim.Adam{Rate: 0.01}, sub), 100), 1e-7)
	// Without the projection Adam goes elsewhere, and not where it goes from w.
	free := trainOn(t, bell{}, rotated.Clone(), &optim.Adam{Rate: 0.01}, 100)
	assert.Greater(t, math.Abs(free-0.0519814994734), 1e-4)
	assert.Greater(t, math.Abs(free-0.00626272190585), 1e-4)
}

// TestDecayOfTheFreePart: ‖U_k‖/‖U_0‖ = (1−ηλ)ᵏ under decoupled decay, and under L2 with
// gradient descent, where the two are the same.
func TestDecayOfTheFreePart(t *testing.T) {
	w := generic(t, layers.Squash)
	c, err := symmetry.Compress(w)
	require.NoError(t, err)
	sub, err := c.Subspace()
	require.NoError(t, err)
	free := func(t2 *quiver.Rep) *quiver.Rep { // T − ι(reduced)
		r, err := sub.Reduce(t2)
		require.NoError(t, err)
		r.Scale(0)
		u, err := sub.Embed(r, t2)
		require.NoError(t, err)
		return u
	}
	for _, decoupled := range []bool{true, false} {
		rotated, err := c.Rotated()
		require.NoError(t, err)
		u0 := free(rotated).Norm()
		train(t, rotated, optim.Projected(&optim.SGD{Rate: 0.05, Decay: 0.01, Decoupled: decoupled}, sub), 100)
		assert.InDelta(t, 0.951217530242, free(rotated).Norm()/u0, 1e-11)
	}
	rotated, err := c.Rotated()
	require.NoError(t, err)
	u0 := free(rotated)
	train(t, rotated, optim.Projected(&optim.Adam{Rate: 0.01}, sub), 300)
	assert.Equal(t, u0.Data(), free(rotated).Data(), "without decay the free part keeps every bit")
}
