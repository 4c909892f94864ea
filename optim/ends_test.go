package optim_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// TestRulesAtTheirLimits: each rule ends a run where its number is reached, not before, and none where it is 0.
func TestRulesAtTheirLimits(t *testing.T) {
	norm := math.Sqrt2 // of the gradient of ones that given plays back
	for _, c := range []struct {
		name   string
		losses []float64
		set    optim.Settings
		reason optim.Reason
		steps  int
	}{
		{"the target itself", []float64{3, 2, 1, 0.5}, optim.Settings{Target: 1, Steps: 5}, optim.TargetReached, 2},
		{"a target just below", []float64{3, 2, 1, 1}, optim.Settings{Target: math.Nextafter(1, 0), Steps: 5}, optim.StepsDone, 5},
		{"a negative target", []float64{3, 0, -1, -2, -3}, optim.Settings{Target: -2, Steps: 5}, optim.TargetReached, 3},
		{"no target", []float64{3, 0, -1}, optim.Settings{Steps: 5}, optim.StepsDone, 5},
		{"a target at the start", []float64{1}, optim.Settings{Target: 1}, optim.TargetReached, 0},
		{"the gradient's norm itself", []float64{3}, optim.Settings{GradTol: norm, Steps: 5}, optim.GradSmall, 0},
		{"a tolerance just below", []float64{3}, optim.Settings{GradTol: math.Nextafter(norm, 0), Steps: 5}, optim.StepsDone, 5},
		{"patience for one step", []float64{3, 2, 2, 1}, optim.Settings{Patience: 1, Steps: 5}, optim.Stalled, 2},
		{"patience for two", []float64{3, 2, 2, 1, 1, 1}, optim.Settings{Patience: 2, Steps: 9}, optim.Stalled, 5},
		{"one step", []float64{3}, optim.Settings{Steps: 1}, optim.StepsDone, 1},
	} {
		r, err := optim.Minimize(context.Background(), &given{losses: c.losses}, line(t), &optim.SGD{Rate: 1}, &c.set)
		require.NoError(t, err, c.name)
		assert.Equal(t, []any{c.reason, c.steps}, []any{r.Reason, r.Steps}, c.name)
	}
	for tol, want := range map[float64]optim.Reason{0: optim.StepsDone, 0.5: optim.GradSmall, 1e-300: optim.GradSmall} {
		r, err := optim.Minimize(context.Background(), flat{}, line(t), &optim.SGD{}, &optim.Settings{Steps: 2, GradTol: tol})
		require.NoError(t, err)
		assert.Equal(t, want, r.Reason, "a gradient of 0 with the tolerance %v", tol)
	}
	for tol, want := range map[float64]optim.Reason{0.5: optim.StepsDone, 2: optim.GradSmall} {
		r, err := optim.Minimize(context.Background(), &given{losses: []float64{1}}, line(t), &optim.SGD{}, &optim.Settings{Steps: 2, GradTol: tol})
		require.NoError(t, err)
		assert.Equal(t, want, r.Reason, "a gradient of √2 with the tolerance %v", tol)
	}
}

// TestWhatIsRecorded: the first and the last point are in the trace, each once, and every so many between.
func TestWhatIsRecorded(t *testing.T) {
	for every, want := range map[int][]int{-1: {0, 7}, 0: {0, 1, 2, 3, 4, 5, 6, 7}, 1: {0, 1, 2, 3, 4, 5, 6, 7}, 2: {0, 2, 4, 6, 7}, 3: {0, 3, 6, 7}, 7: {0, 7}, 9: {0, 7}} {
		var watched []int
		r, err := optim.Minimize(context.Background(), &given{losses: []float64{9, 8, 7, 6, 5, 4, 3, 2}}, line(t), &optim.SGD{}, &optim.Settings{
			Steps: 7, Every: every, Watch: func(p optim.Point) error { watched = append(watched, p.Step); return nil }})
		require.NoError(t, err)
		got := []int{}
		for _, p := range r.Trace {
			got = append(got, p.Step)
			assert.Equal(t, []float64{9 - float64(p.Step), math.Sqrt2}, []float64{p.Loss, p.GradNorm})
		}
		assert.Equal(t, want, got, "every %d", every)
		assert.Equal(t, want, watched, "every %d", every)
	}
	// A search that finds nothing ends a run after its last point is recorded: no point comes twice.
	for _, every := range []int{-1, 1, 2, 3} {
		w := line(t)
		w.Data()[0] = 0.7
		r, err := optim.Minimize(context.Background(), &bent{1, 0}, w, &floored{after: 4}, &optim.Settings{Steps: 9, Every: every})
		require.NoError(t, err)
		require.Equal(t, []any{optim.Stalled, 4}, []any{r.Reason, r.Steps})
		for i := range r.Trace[1:] {
			assert.Less(t, r.Trace[i].Step, r.Trace[i+1].Step, "every %d", every)
		}
		assert.Equal(t, []int{0, 4}, []int{r.Trace[0].Step, r.Trace[len(r.Trace)-1].Step}, "every %d", every)
	}
}

// floored is a searcher that halves the weights some times, and then finds no smaller loss.
type floored struct{ after int }

func (*floored) Step(_, _ *quiver.Rep) error { return nil }

func (m *floored) Search(_ context.Context, o optim.Objective, w, grad *quiver.Rep, loss float64) (float64, error) {
	if m.after == 0 {
		w.Scale(7) // what a failed search leaves behind must not be seen
		return loss, &optim.SearchError{Loss: loss}
	}
	m.after--
	w.Scale(0.5)
	return o.LossGrad(grad, w)
}

// breaks is a method that changes the weights, calls a function, and returns an error.
type breaks struct {
	do  func()
	err error
}

func (m breaks) Step(w, _ *quiver.Rep) error {
	w.Scale(7)
	m.do()
	return m.err
}

// TestFailedSteps: a run whose step fails has failed with that error, whatever the context says, and goes back to
// the weights before; where the error is that of the context, it is cancelled.
func TestFailedSteps(t *testing.T) {
	for name, c := range map[string]struct {
		cancels bool
		err     error
		want    optim.Reason
	}{
		"fails":                {false, errBoom, optim.Failed},
		"fails when cancelled": {true, errBoom, optim.Failed},
		"is cancelled":         {true, context.Canceled, optim.Cancelled},
		"says it is cancelled": {false, context.Canceled, optim.Failed},
		"finds nothing":        {false, &optim.SearchError{}, optim.Failed},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		w := line(t)
		w.Data()[0] = 0.7
		start := w.Clone()
		r, err := optim.Minimize(ctx, &bent{1, 0}, w, breaks{func() {
			if c.cancels {
				cancel()
			}
		}, c.err}, nil)
		require.ErrorIs(t, err, c.err, name)
		assert.Equal(t, c.want, r.Reason, name)
		assert.Equal(t, start.Data(), w.Data(), name)
		assert.NotZero(t, w.Data()[0], "so that a factor of 7 shows")
		cancel()
	}
}

// TestDecayThatOverflows: a gradient with its decay is one number: the memory of a method overflows by either, and
// by neither where they cancel.
func TestDecayThatOverflows(t *testing.T) {
	for name, m := range forms(optim.L2, 0.5) {
		c := struct {
			m     func() optim.Stateful
			large float64 // twice this is too large, this is not
		}{m, 0.9e308}
		switch kept, err := optim.Keeps(name); {
		case err != nil || len(kept) == 0:
			continue
		case keeps(t, name, "²"):
			c.large = 0.9e154
		}
		for _, sign := range []float64{1, -1} {
			w := line(t)
			g := w.Like()
			w.Data()[1], g.Data()[1] = min(2*c.large, math.MaxFloat64)*sign, c.large
			start := w.Clone()
			err := c.m().Step(w, g)
			if sign < 0 && c.large < 1e200 {
				assert.NoError(t, err, "%s: gradient and decay cancel", name)
				continue
			}
			if sign < 0 {
				continue // the weight itself is near the largest number
			}
			var oe *optim.OverflowError
			require.ErrorAs(t, err, &oe, name)
			assert.Equal(t, g.Data()[1]+0.5*w.Data()[1], oe.Gradient, name)
			assert.Equal(t, start.Data(), w.Data(), name)
		}
		w := line(t)
		w.Data()[1] = 4 * c.large // the decay alone
		if !math.IsInf(w.Data()[1], 0) {
			assert.ErrorAs(t, c.m().Step(w, w.Like()), new(*optim.OverflowError), name)
			assert.NoError(t, (&optim.AdamW{Decay: 0.5}).Step(w, w.Like()), "decoupled decay is in no memory")
		}
	}
}

// TestDecayOfOne: a decay of 1 is one like any other: decoupled it leaves the memory alone, and in the gradient it
// enters.
func TestDecayOfOne(t *testing.T) {
	two := func(m optim.Method) float64 {
		w := line(t)
		w.Data()[0] = 1
		for range 2 {
			require.NoError(t, m.Step(w, w.Like()))
		}
		return w.Data()[0]
	}
	const r = 0.25
	assert.Equal(t, 0.75*0.75, two(&optim.SGD{Rate: r, Decay: 1}))
	assert.Equal(t, 0.75*0.75, two(&optim.SGD{Rate: r, Decay: 1, Decoupled: true}))
	assert.Equal(t, 0.75*0.75, two(&optim.Momentum{Rate: r, Mu: 0.5, Decay: 1, Decoupled: true}))
	assert.Equal(t, 0.75-r*(0.5+0.75), two(&optim.Momentum{Rate: r, Mu: 0.5, Decay: 1}))
	assert.Equal(t, 0.75*0.75, two(&optim.AdamW{Rate: r, Decay: 1}))
	assert.Equal(t, 0.75*0.75, two(&optim.RMSProp{Rate: r, Decay: 1, Decoupled: true}))
	assert.Equal(t, 1.0, two(&optim.Momentum{Rate: r}), "without decay")
}

// TestClipToNextToNothing: a factor below the smallest number shortens all the same, entry by entry.
func TestClipToNextToNothing(t *testing.T) {
	for _, scale := range []float64{1, 1e200, 1e308} {
		w := line(t)
		g := w.Like()
		copy(g.Data(), []float64{0.3 * scale, -0.4 * scale})
		require.NoError(t, optim.Clip(&optim.SGD{Rate: 1}, 5e-303).Step(w, g))
		assert.InEpsilonSlice(t, []float64{-3e-303, 4e-303}, w.Data(), 1e-12, "%v", scale)
		assert.Equal(t, []float64{0.3 * scale, -0.4 * scale}, g.Data(), "the gradient is not changed")
	}
}

// TestSomeTrialsAreNumbers: a search in which some trial gave a number, though none a smaller loss, says so; one in
// which none did says what the objective said.
func TestSomeTrialsAreNumbers(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		shares []float64
		number bool
	}{{[]float64{nan, -1}, true}, {[]float64{-1, nan}, true}, {[]float64{-1}, true}, {[]float64{nan}, false}} {
		w := line(t)
		g := w.Like()
		g.Data()[0] = 1
		_, err := (&optim.LBFGS{}).Search(context.Background(), &promise{shares: c.shares}, w, g, 100)
		var se *optim.SearchError
		require.ErrorAs(t, err, &se)
		assert.Equal(t, c.number, se.Err == nil, "%v", c.shares)
		assert.NotEqual(t, c.number, strings.Contains(se.Error(), "is it a number"), se.Error())
	}
}
