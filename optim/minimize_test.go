package optim_test

import (
	"context"
	"fmt"
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
	for name, m := range catalogued() {
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
		"Lion":          {&optim.Lion{Rate: 0.1}, 0},                                                 // c = 0.2, then 0.9·0.02 − 0.1
		"Lion decays":   {&optim.Lion{Rate: 0.1, Beta1: 0.5, Beta2: 0.5, Decay: 0.5}, -0.1*0.95 + 0}, // c = 1, then 0.5 − 0.5: sign(0) = 0
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

// given plays back losses, one a call, with a gradient of ones.
type given struct {
	losses []float64
	calls  int
}

func (o *given) LossGrad(grad, _ *quiver.Rep) (float64, error) {
	fill(grad, 1)
	l := o.losses[min(o.calls, len(o.losses)-1)]
	o.calls++
	return l, nil
}

// TestPatienceEndsAtTheBest: the weights and the loss at the end are those of the smallest loss.
func TestPatienceEndsAtTheBest(t *testing.T) {
	for _, c := range []struct {
		name        string
		losses      []float64
		set         optim.Settings
		reason      optim.Reason
		steps, best int
		last        bool // the weights are those of the last step
	}{
		{"it rises", []float64{5, 3, 2, 4, 4, 6, 7}, optim.Settings{Patience: 3}, optim.Stalled, 5, 2, false},
		{"patience for one step", []float64{5, 3, 4, 2}, optim.Settings{Patience: 1}, optim.Stalled, 2, 1, false},
		{"a constant loss", []float64{1}, optim.Settings{Patience: 4}, optim.Stalled, 4, 0, false},
		{"the first of equals", []float64{2, 1, 3, 1, 1}, optim.Settings{Patience: 3}, optim.Stalled, 4, 1, false},
		{"gains below MinDelta", []float64{5, 4.9, 4.8, 4.7, 4.6}, optim.Settings{Patience: 3, MinDelta: 0.5}, optim.Stalled, 3, 3, false},
		{"a gain of MinDelta is none", []float64{5, 4.5, 4.5, 4.5}, optim.Settings{Patience: 2, MinDelta: 0.5}, optim.Stalled, 2, 1, false},
		{"small gains add up", []float64{5, 4.75, 4.25, 4, 3.5, 3.25, 3.25, 3.25}, optim.Settings{Patience: 2, MinDelta: 0.5}, optim.Stalled, 6, 5, false},
		{"patience lasts", []float64{5, 3, 4, 4}, optim.Settings{Patience: 9, Steps: 3}, optim.StepsDone, 3, 1, false},
		{"no patience", []float64{5, 3, 4, 4}, optim.Settings{Steps: 3}, optim.StepsDone, 3, 1, true},
		{"negative losses", []float64{-5, -7, -6, -6}, optim.Settings{Patience: 2}, optim.Stalled, 3, 1, false},
	} {
		w := line(t)
		r, err := optim.Minimize(context.Background(), &given{losses: c.losses}, w, &optim.SGD{Rate: 1}, &c.set)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.reason, r.Reason, c.name)
		assert.Equal(t, []int{c.steps, c.best}, []int{r.Steps, r.Best.Step}, c.name)
		at := c.best
		if c.last {
			at = c.steps
		}
		assert.Equal(t, []float64{-float64(at), -float64(at)}, w.Data(), c.name)
		assert.Equal(t, c.losses[min(at, len(c.losses)-1)], r.Loss, c.name)
		assert.Equal(t, c.steps, r.Trace[len(r.Trace)-1].Step, "%s: the trace goes to the last step", c.name)
	}
}

// TestWatchStops: a run that Watch ends is stopped, not cancelled; with ErrStop that is no error.
func TestWatchStops(t *testing.T) {
	ctx := context.Background()
	stopAt := func(err error) *optim.Settings {
		return &optim.Settings{Steps: 9, Watch: func(p optim.Point) error {
			if p.Step == 4 {
				return err
			}
			return nil
		}}
	}
	for _, m := range []optim.Method{&optim.SGD{}, &optim.LBFGS{}} {
		w := generic(t, layers.Tanh)
		r, err := optim.Minimize(ctx, bell{}, w, m, stopAt(fmt.Errorf("far enough: %w", optim.ErrStop)))
		require.NoError(t, err)
		assert.Equal(t, []any{optim.Stopped, 4}, []any{r.Reason, r.Steps})
		l, err := bell{}.LossGrad(w.Like(), w)
		require.NoError(t, err)
		assert.Equal(t, l, r.Loss)
	}
	r, err := optim.Minimize(ctx, bell{}, generic(t, layers.Tanh), &optim.SGD{}, stopAt(errBoom))
	require.ErrorIs(t, err, errBoom)
	assert.Equal(t, optim.Stopped, r.Reason)
	stop, cancel := context.WithCancel(ctx)
	r, err = optim.Minimize(stop, bell{}, generic(t, layers.Tanh), &optim.SGD{}, &optim.Settings{Watch: func(p optim.Point) error {
		if p.Step == 4 {
			cancel()
		}
		return nil
	}})
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, []any{optim.Cancelled, 5}, []any{r.Reason, r.Steps}, "the control")
}

// TestUnmoved: a run whose steps change no weight, while there is a gradient, does not say that
// all is done.
func TestUnmoved(t *testing.T) {
	ctx := context.Background()
	for name, m := range map[string]optim.Method{
		"rate":     &optim.SGD{Rate: 1e-200},
		"schedule": &optim.Adam{Schedule: optim.Constant(0)},
		"hold":     &optim.Momentum{Groups: []optim.Group{{Names: []string{"*"}, Hold: true}}},
		"eps":      &optim.RMSProp{Eps: 1e100},
	} {
		r, err := optim.Minimize(ctx, bell{}, generic(t, layers.Tanh), m, &optim.Settings{Steps: 5})
		require.NoError(t, err)
		assert.Equal(t, optim.Unmoved, r.Reason, name)
	}
	r, err := optim.Minimize(ctx, bell{}, generic(t, layers.Tanh), &optim.SGD{Groups: []optim.Group{{Names: []string{"one->*"}, Hold: true}}}, &optim.Settings{Steps: 1})
	require.NoError(t, err)
	assert.Equal(t, optim.StepsDone, r.Reason, "the control")
	r, err = optim.Minimize(ctx, flat{}, generic(t, layers.Tanh), &optim.SGD{}, &optim.Settings{Steps: 5})
	require.NoError(t, err)
	assert.Equal(t, optim.StepsDone, r.Reason, "without a gradient there is nowhere to go")
}

// TestRatesOfSpans: decoupled decay goes with the rate of its group and with the schedule, and the
// parameters of activations under Muon go with ParamRate, the schedule and the group.
func TestRatesOfSpans(t *testing.T) {
	half := optim.Constant(0.5)
	for name, form := range having(having(forms(optim.Decoupled, 0.25), "Rate", 0.1), "Schedule", half) {
		m := func(g []optim.Group) optim.Method { m := form(); set(m, "Groups", g); return m }
		w := generic(t, layers.Tanh)
		start := w.Clone()
		require.NoError(t, m([]optim.Group{{Names: []string{"h1->*"}, RateFactor: 4}, {Names: []string{"h2->*"}, RateFactor: 2, DecayFactor: 3}}).Step(w, w.Like()))
		for arrow, want := range map[string]float64{"x->h1": 1 - 0.1*0.5*0.25, "h1->h2": 1 - 0.1*0.5*4*0.25, "h2->y": 1 - 0.1*0.5*2*0.25*3} {
			assert.InDelta(t, want*start.Arrow(arrow).At(0, 0), w.Arrow(arrow).At(0, 0), 1e-15, "%s: %s", name, arrow)
		}
	}
	w, _ := winding(t)
	g := fill(w.Like(), 0)
	copy(g.Params("u"), []float64{2, -1})
	for _, c := range []struct {
		schedule optim.Schedule
		groups   []optim.Group
		want     float64
	}{
		{nil, nil, 0.01},
		{half, nil, 0.005},
		{half, []optim.Group{{Names: []string{"u"}, RateFactor: 3}}, 0.015},
	} {
		x := w.Clone()
		require.NoError(t, (&optim.Muon{Schedule: c.schedule, Groups: c.groups}).Step(x, g))
		for i, d := range []float64{2, -1} {
			assert.InDelta(t, w.Params("u")[i]-c.want*1.95*d, x.Params("u")[i], 1e-15)
		}
	}
}
