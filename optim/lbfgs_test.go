package optim_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// bowl is ½ Σ (1+i)(w_i − 1)².
type bowl struct{ wrong bool }

func (b bowl) LossGrad(grad, w *quiver.Rep) (float64, error) {
	l, g := 0.0, grad.Data()
	for i, x := range w.Data() {
		g[i] = float64(1+i) * (x - 1)
		l += g[i] * (x - 1) / 2
		if b.wrong {
			g[i] = -g[i]
		}
	}
	return l, nil
}

func TestLBFGS(t *testing.T) {
	ctx := context.Background()
	w := generic(t, layers.Tanh)
	r, err := optim.Minimize(ctx, bowl{}, w, &optim.LBFGS{}, &optim.Settings{Steps: 300, GradTol: 1e-8})
	require.NoError(t, err)
	assert.Equal(t, optim.GradSmall, r.Reason)
	for _, x := range w.Data() {
		assert.InDelta(t, 1, x, 1e-7)
	}
	last := math.Inf(1)
	for _, p := range r.Trace {
		assert.Less(t, p.Loss, last, "every step lowers the loss")
		last = p.Loss
	}

	// With the decay λ the minimum of ½c(w−1)² + ½λw² is at c/(c+λ).
	w = generic(t, layers.Tanh)
	_, err = optim.Minimize(ctx, bowl{}, w, &optim.LBFGS{Decay: 2}, &optim.Settings{Steps: 300})
	require.NoError(t, err)
	for i, x := range w.Data() {
		assert.InDelta(t, float64(1+i)/float64(3+i), x, 1e-6)
	}

	// Against gradient descent on the network.
	start := generic(t, layers.Sigmoid)
	assert.Less(t, train(t, start.Clone(), &optim.LBFGS{}, 50), train(t, start.Clone(), &optim.SGD{Rate: 0.05}, 200))

	var oe *optim.ObjectiveError
	assert.ErrorAs(t, (&optim.LBFGS{}).Step(w, w.Like()), &oe)
	var se *optim.SettingError
	for _, m := range []*optim.LBFGS{{Memory: -1}, {Trials: -1}, {Armijo: 1}, {Armijo: math.NaN()}, {Decay: -1}} {
		_, err := m.Search(ctx, bowl{}, w, w.Like(), 0)
		assert.ErrorAs(t, err, &se)
	}
}

// TestLBFGSFails: a gradient that points uphill ends in an error with the weights in place,
// a loss that fails or is cancelled in the middle of a search too.
func TestLBFGSFails(t *testing.T) {
	ctx := context.Background()
	w := generic(t, layers.Tanh)
	start := w.Clone()
	r, err := optim.Minimize(ctx, bowl{wrong: true}, w, &optim.LBFGS{}, nil)
	var se *optim.SearchError
	require.ErrorAs(t, err, &se)
	assert.Equal(t, 30, se.Evaluations)
	assert.NotErrorAs(t, err, new(*optim.DivergedError), "every loss was a number")
	assert.Equal(t, optim.Failed, r.Reason)
	assert.Equal(t, start.Data(), w.Data())

	// One step that finds something better, and none after it.
	r, err = optim.Minimize(ctx, &given{losses: []float64{2, 1, 3}}, start.Clone(), &optim.LBFGS{}, &optim.Settings{Steps: 9})
	require.NoError(t, err)
	assert.Equal(t, []any{optim.Stalled, 1, 1.0}, []any{r.Reason, r.Steps, r.Loss})

	// At the minimum: nothing better is to be found, and that is no error.
	r, err = optim.Minimize(ctx, bowl{}, w, &optim.LBFGS{}, nil)
	require.NoError(t, err)
	assert.Contains(t, []optim.Reason{optim.Stalled, optim.StepsDone}, r.Reason)
	assert.Equal(t, r.Steps, r.Trace[len(r.Trace)-1].Step, "the last iterate is in the trace")

	w = start.Clone()
	o := &fragile{at: 3}
	r, err = optim.Minimize(ctx, o, w, &optim.LBFGS{}, &optim.Settings{Steps: 10})
	require.ErrorIs(t, err, errBoom)
	assert.Equal(t, optim.Failed, r.Reason)
	l, err := bell{}.LossGrad(w.Like(), w)
	require.NoError(t, err)
	assert.Equal(t, r.Loss, l)

	stop, cancel := context.WithCancel(ctx)
	w = start.Clone()
	r, err = optim.Minimize(stop, &fragile{at: 3, do: cancel}, w, &optim.LBFGS{}, nil)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, optim.Cancelled, r.Reason)
	l, err = bell{}.LossGrad(w.Like(), w)
	require.NoError(t, err)
	assert.Equal(t, r.Loss, l)
}

var errBoom = errors.New("boom")

// fragile fails at one call, or does something there.
type fragile struct {
	calls, at int
	do        func()
}

func (f *fragile) LossGrad(grad, w *quiver.Rep) (float64, error) {
	if f.calls++; f.calls == f.at {
		if f.do == nil {
			return 0, errBoom
		}
		f.do()
	}
	return bell{}.LossGrad(grad, w)
}

// steep has the gradients that are given, one a call, and a loss of 0.
type steep struct {
	grads []float64
	calls int
}

func (o *steep) LossGrad(grad, _ *quiver.Rep) (float64, error) {
	fill(grad, o.grads[o.calls])
	o.calls++
	return 0, nil
}

// TestSumWithTheDecayOverflows: a point at which the gradient is a number and its sum with the decay
// is none is a step too long, however small the loss is there.
func TestSumWithTheDecayOverflows(t *testing.T) {
	for first, calls := range map[float64]int{1.7e308: 2, 1.7e306: 1} {
		w := fill(quiver.Zero(line(t).Quiver()), 0)
		g := fill(w.Like(), 0)
		w.Data()[0], g.Data()[0] = 0.5, -1.7e308
		o := &steep{grads: []float64{first, 0}}
		_, err := (&optim.LBFGS{Decay: 1e308}).Search(context.Background(), o, w, g, 1e307)
		require.NoError(t, err)
		assert.Equal(t, calls, o.calls)
		assert.Greater(t, w.Data()[0], 0.5)
	}
}

func TestLBFGSResume(t *testing.T) {
	whole, w := generic(t, layers.Tanh), generic(t, layers.Tanh)
	require.NoError(t, minimize(whole, &optim.LBFGS{Memory: 4}, 12))
	first, second := &optim.LBFGS{Memory: 4}, &optim.LBFGS{Memory: 4}
	require.NoError(t, minimize(w, first, 7))
	st := first.Snapshot()
	assert.Equal(t, 7, st.Step)
	assert.Len(t, st.Reps, 8)
	require.NoError(t, second.Restore(st))
	require.NoError(t, minimize(w, second, 5))
	assert.Equal(t, whole.Data(), w.Data())

	var se *optim.StateError
	a := &optim.Adam{}
	require.NoError(t, minimize(generic(t, layers.Tanh), a, 2))
	assert.ErrorAs(t, second.Restore(a.Snapshot()), &se)
	st.Scalars["pairs"] = 3
	assert.ErrorAs(t, second.Restore(st), &se)
}

// TestForeignState: memory of another layout is an error at the first step, not a silent fresh
// start.
func TestForeignState(t *testing.T) {
	w := generic(t, layers.Tanh)
	m := &optim.Momentum{}
	require.NoError(t, minimize(w, m, 3))
	q, err := layers.MLP(layers.Radial(layers.Tanh), 1, 3, 1)
	require.NoError(t, err)
	other := quiver.Zero(q)
	n := &optim.Momentum{}
	require.NoError(t, n.Restore(m.Snapshot()))
	var le *quiver.LayoutError
	assert.ErrorAs(t, n.Step(other, other.Like()), &le)
	mixed := m.Snapshot()
	a := &optim.Adam{}
	mixed.Reps["m"] = other
	var se *optim.StateError
	assert.ErrorAs(t, a.Restore(mixed), &se)
	assert.ErrorAs(t, n.Restore(optim.State{Step: -1}), &se)
	assert.ErrorAs(t, n.Restore(optim.State{Step: 1, Reps: map[string]*quiver.Rep{"v": nil}}), &se)
}

// TestNonFinite: a NaN or an infinity in the gradient is an error that names its place, and
// the weights stay.
func TestNonFinite(t *testing.T) {
	methods := map[string]optim.Method{
		"Clip":      optim.Clip(&optim.SGD{}, 1),
		"Projected": optim.Projected(&optim.SGD{}, zeros{}),
	}
	for name, m := range steppers() {
		methods[name] = m()
	}
	for name, m := range methods {
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			w := generic(t, layers.Tanh)
			start, g := w.Clone(), w.Like()
			g.Arrow("h1->h2").Set(2, 1, bad)
			var ne *quiver.NonFiniteError
			require.ErrorAs(t, m.Step(w, g), &ne, name)
			assert.Equal(t, `arrow "h1->h2"`, ne.Where)
			assert.Equal(t, start.Data(), w.Data())
		}
	}
	_, err := optim.Minimize(context.Background(), poisoned{}, generic(t, layers.Tanh), &optim.SGD{}, nil)
	assert.EqualError(t, err, `optim: step 0: loss 1 and gradient norm NaN (quiver: arrow "h2->y": entry (0,1) is NaN; every number must be finite); lower the rate; the weights are those of the step before`)
}

type poisoned struct{}

func (poisoned) LossGrad(grad, w *quiver.Rep) (float64, error) {
	clear(grad.Data())
	for name, m := range grad.All() {
		if name == "h2->y" {
			m.Set(0, 1, math.NaN())
		}
	}
	return 1, nil
}
