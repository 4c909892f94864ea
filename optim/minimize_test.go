package optim_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// TestMinimizeDoesNotAllocatePerStep: a long run allocates as often as a short one.
func TestMinimizeDoesNotAllocatePerStep(t *testing.T) {
	w := generic(t, layers.Tanh)
	s := newSetting(t, w)
	for name, m := range map[string]optim.Method{
		"Adam":      &optim.Adam{},
		"Muon":      &optim.Muon{},
		"Projected": optim.Projected(optim.Clip(&optim.Nesterov{}, 1), s.sub),
	} {
		start := s.rotated
		run := func(steps int) float64 {
			return testing.AllocsPerRun(3, func() {
				_, err := optim.Minimize(context.Background(), bowl{}, start.Clone(), m, &optim.Settings{Steps: steps, Every: -1})
				require.NoError(t, err)
			})
		}
		run(1) // the method's memory
		assert.Equal(t, run(5), run(60), name)
	}
}

// TestProjectedGradientStops: the gradient's norm is that of the projected gradient, which the
// reduced network sees.
func TestProjectedGradientStops(t *testing.T) {
	s := newSetting(t, generic(t, layers.Sigmoid))
	set := &optim.Settings{Steps: 5, GradTol: 1e-12}
	for name, m := range map[string]func() optim.Method{
		"SGD":    func() optim.Method { return &optim.SGD{} },
		"L-BFGS": func() optim.Method { return &optim.LBFGS{} },
	} {
		a, err := optim.Minimize(context.Background(), bell{}, s.rotated.Clone(), optim.Projected(m(), s.sub), set)
		require.NoError(t, err)
		b, err := optim.Minimize(context.Background(), bell{}, s.c.Reduced.Clone(), m(), set)
		require.NoError(t, err)
		require.Len(t, a.Trace, 6)
		for k := range a.Trace {
			assert.InDelta(t, b.Trace[k].GradNorm, a.Trace[k].GradNorm, 1e-12, name)
		}
	}
	g := s.rotated.Like()
	_, err := bell{}.LossGrad(g, s.rotated)
	require.NoError(t, err)
	whole := g.Norm()
	require.NoError(t, s.sub.Project(g))
	assert.Greater(t, whole-g.Norm(), 1e-4, "the control: projection shortens")
}

// runaway changes the weights to something infinite while the loss does not see it.
type runaway struct{}

func (runaway) Step(w, _ *quiver.Rep) error {
	w.Arrow("x->h1").Set(0, 0, math.Inf(1))
	return nil
}

func TestMinimizeSettings(t *testing.T) {
	ctx := context.Background()
	w := generic(t, layers.Tanh)
	start := w.Clone()
	for _, s := range []optim.Settings{{Steps: -1}, {Patience: -1}, {GradTol: math.NaN()}, {GradTol: -1}, {MinDelta: math.NaN()}, {Target: math.NaN()}} {
		var se *optim.SettingError
		_, err := optim.Minimize(ctx, bell{}, w, &optim.SGD{}, &s)
		assert.ErrorAs(t, err, &se)
	}
	r, err := optim.Minimize(ctx, flat{}, w, runaway{}, nil)
	var ne *quiver.NonFiniteError
	require.ErrorAs(t, err, &ne)
	assert.Equal(t, `arrow "x->h1"`, ne.Where)
	assert.Equal(t, optim.Failed, r.Reason)
	assert.Equal(t, start.Data(), w.Data(), "the weights are the last finite ones")
}

// flat does not look at the weights.
type flat struct{}

func (flat) LossGrad(grad, _ *quiver.Rep) (float64, error) {
	clear(grad.Data())
	return 1, nil
}

// TestStepsAreCountedOnce, by Adam's own schedule and state.
func TestStepsAreCountedOnce(t *testing.T) {
	for name, m := range all() {
		method := m()
		require.NoError(t, minimize(generic(t, layers.Tanh), method, 7))
		assert.Equal(t, 7, method.Snapshot().Step, name)
	}
	var seen []int
	m := optim.Clip(&optim.Adam{Schedule: func(k int) float64 { seen = append(seen, k); return 1 }}, 1)
	require.NoError(t, minimize(generic(t, layers.Tanh), m, 4))
	assert.Equal(t, []int{0, 1, 2, 3}, seen)
}

// TestByHand compares the first two steps of each method with its equations, on one entry with
// the gradients 2 and −1.
func TestByHand(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	adam := func(d1, d2 float64) float64 {
		m, v := 0.1*d1, 0.001*d1*d1
		x := 0.1 * (m / 0.1) / (math.Sqrt(v/0.001) + 1e-8)
		m, v = 0.9*m+0.1*d2, 0.999*v+0.001*d2*d2
		return x + 0.1*(m/(1-0.81))/(math.Sqrt(v/(1-0.999*0.999))+1e-8)
	}
	v1 := 0.01 * 4.0
	for name, c := range map[string]struct {
		m    optim.Method
		want float64
	}{
		"SGD":           {&optim.SGD{Rate: 0.1}, -0.1},
		"Momentum":      {&optim.Momentum{Rate: 0.1}, -0.1 * (2 + (0.9*2 - 1))},
		"Nesterov":      {&optim.Nesterov{Rate: 0.1}, -0.1 * (2 + 0.9*2 + (-1 + 0.9*(0.9*2-1)))},
		"SignSGD":       {&optim.SignSGD{Rate: 0.1}, 0},
		"Adagrad":       {&optim.Adagrad{Rate: 0.1}, -0.1 + 0.1/math.Sqrt(5)},
		"RMSProp":       {&optim.RMSProp{Rate: 0.1}, -0.1*2/math.Sqrt(v1) + 0.1/math.Sqrt(0.99*v1+0.01)},
		"Adam":          {&optim.Adam{Rate: 0.1}, -adam(2, -1)},
		"SGD decoupled": {&optim.SGD{Rate: 0.1, Decay: 0.5, Decoupled: true}, (-0.2)*0.95 + 0.1},
		"SGD L2":        {&optim.SGD{Rate: 0.1, Decay: 0.5}, -0.2 - 0.1*(-1+0.5*-0.2)},
	} {
		w, g := quiver.Zero(q), quiver.Zero(q)
		for _, d := range []float64{2, -1} {
			g.Data()[0] = d
			require.NoError(t, c.m.Step(w, g), name)
		}
		assert.InDelta(t, c.want, w.Data()[0], 1e-7, name)
	}
}
