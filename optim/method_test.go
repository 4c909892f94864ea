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

// TestZeroValue: every method works as it is, lowers the loss, leaves the gradient
// alone and does not allocate after its first step.
func TestZeroValue(t *testing.T) {
	for name, m := range steppers() {
		w := generic(t, layers.Tanh)
		start, err := bell{}.LossGrad(w.Like(), w)
		require.NoError(t, err)
		assert.Less(t, train(t, w.Clone(), m(), 60), start, name)

		g := w.Like()
		_, err = bell{}.LossGrad(g, w)
		require.NoError(t, err)
		before := g.Clone()
		method := m()
		require.NoError(t, method.Step(w, g))
		assert.Equal(t, before.Data(), g.Data(), name)
		assert.Zero(t, testing.AllocsPerRun(5, func() { _ = method.Step(w, g) }), name)
	}
}

// TestResume: a run that is interrupted and restored has the bits of one that is not.
func TestResume(t *testing.T) {
	for name, m := range catalogued() {
		whole := generic(t, layers.Tanh)
		train(t, whole, m(), 20)

		w := generic(t, layers.Tanh)
		first := m()
		train(t, w, first, 8)
		second := m()
		require.NoError(t, second.Restore(first.Snapshot()), name)
		third := m()
		require.NoError(t, third.Restore(first.Snapshot()), name)
		assert.Equal(t, onward(t, w, first), onward(t, w, third), name)
		train(t, w, second, 12)
		assert.Equal(t, whole.Data(), w.Data(), name)

		if len(first.Snapshot().Reps) > 0 {
			assert.NotEqual(t, onward(t, w, second), onward(t, w, m()), "%s must need its memory", name)
		}
	}
	err := (&optim.SGD{}).Restore((&optim.Adam{}).Snapshot())
	assert.NoError(t, err, "a fresh state fits every method")
	a := &optim.Adam{}
	train(t, generic(t, layers.Tanh), a, 2)
	var se *optim.StateError
	assert.ErrorAs(t, (&optim.SGD{}).Restore(a.Snapshot()), &se)
	assert.ErrorAs(t, (&optim.Momentum{}).Restore(optim.State{Step: 3}), &se)
}

// onward are the weights after some steps more, on a loss that pulls a little the other way.
func onward(t *testing.T, w *quiver.Rep, m optim.Method) []float64 {
	t.Helper()
	o, err := compile(w)
	require.NoError(t, err)
	x := w.Clone()
	trainOn(t, opposed{o}, x, m, 3)
	return x.Data()
}

// opposed is −1/10 of a loss.
type opposed struct{ optim.Objective }

func (o opposed) LossGrad(grad, w *quiver.Rep) (float64, error) {
	loss, err := o.Objective.LossGrad(grad, w)
	grad.Scale(-0.1)
	return -0.1 * loss, err
}

// TestGroups: rates and decays arrow by arrow.
func TestGroups(t *testing.T) {
	w := generic(t, layers.Tanh)
	start := w.Clone()
	train(t, w, &optim.SGD{Groups: []optim.Group{{Names: []string{"one->*"}, Hold: true}}}, 3)
	for name, m := range w.All() {
		moved := false
		for i, x := range m.RawMatrix().Data {
			moved = moved || x != start.Arrow(name).RawMatrix().Data[i]
		}
		assert.Equal(t, name[:3] != "one", moved, name)
	}
	half, full := generic(t, layers.Tanh), generic(t, layers.Tanh)
	train(t, half, &optim.SGD{Rate: 0.02, Groups: []optim.Group{{Names: []string{"*"}, RateFactor: 0.5}}}, 3)
	train(t, full, &optim.SGD{Rate: 0.01}, 3)
	assert.Equal(t, full.Data(), half.Data())
}

// TestFactorsOnTheRate: half the rate, a schedule of a half and a group's factor of a half are one thing, bit by bit.
func TestFactorsOnTheRate(t *testing.T) {
	half := optim.Constant(0.5)
	groups := []optim.Group{{Names: []string{"*"}, RateFactor: 0.5}}
	for name := range having(steppers(), "Schedule", half) {
		run := func(field string, x any) []float64 {
			w := generic(t, layers.Tanh)
			require.NoError(t, minimizeOn(bowl{}, w, having(steppers(), field, x)[name](), 4))
			return w.Data()
		}
		want := run("Rate", rate(name)/2)
		assert.Equal(t, want, run("Schedule", half), name)
		assert.Equal(t, want, run("Groups", groups), name)
		assert.NotEqual(t, want, run("Rate", rate(name)), name)
	}
}

func TestBadSettings(t *testing.T) {
	w := generic(t, layers.Tanh)
	g := w.Like()
	for want, m := range map[string]optim.Method{
		"optim: SGD: Rate is -1, want a positive number":                                                             &optim.SGD{Rate: -1},
		"optim: SGD: Rate is NaN, want a positive number":                                                            &optim.SGD{Rate: math.NaN()},
		"optim: Momentum: Mu is 1.5, want a number between 0 and 1":                                                  &optim.Momentum{Mu: 1.5},
		"optim: Adam: Decay is -0.1, want 0 or a positive number":                                                    &optim.Adam{Decay: -0.1},
		"optim: Adam: Beta2 is 1, want a number between 0 and 1":                                                     &optim.Adam{Beta2: 1},
		"optim: Adam: Eps is -1, want a positive number: without it an entry whose gradient is always 0 becomes 0/0": &optim.Adam{Eps: -1},
		"optim: RMSProp: Alpha is 2, want a number between 0 and 1":                                                  &optim.RMSProp{Alpha: 2},
		"optim: SGD: Schedule(0) is -1, want 0 or a positive number":                                                 &optim.SGD{Schedule: func(int) float64 { return -1 }},
		"optim: SGD: a factor of group [x] is -1, want 0 (meaning 1) or a positive number":                           &optim.SGD{Groups: []optim.Group{{Names: []string{"x"}, RateFactor: -1}}},
		"optim: SGD: group name \"[\" is an ill-formed pattern; quote special characters with \\":                    &optim.SGD{Groups: []optim.Group{{Names: []string{"["}}}},
	} {
		assert.EqualError(t, m.Step(w, g), want)
	}
	q, err := layers.MLP(layers.Radial(layers.Tanh), 1, 2)
	require.NoError(t, err)
	var le *quiver.LayoutError
	assert.ErrorAs(t, (&optim.SGD{}).Step(w, quiver.Zero(q)), &le)
	m := &optim.Adam{}
	require.NoError(t, m.Step(w, g))
	var se *optim.StateError
	other := quiver.Zero(q)
	assert.ErrorAs(t, m.Step(other, other.Like()), &se, "memory for another layout")
}

// stranger is a method that says nothing about itself; dense a projector that mixes
// entries.
type stranger struct{}

func (stranger) Step(_, _ *quiver.Rep) error { return nil }

type dense struct{}

func (dense) Project(*quiver.Rep) error { return nil }

type norms struct{ stranger }

func (norms) Traits() optim.Traits { return optim.Traits{Global: true} }

func TestProjectedRefuses(t *testing.T) {
	w := generic(t, layers.Tanh)
	g := w.Like()
	for _, m := range []optim.Method{stranger{}, &optim.Adam{}, norms{}} {
		var pe *optim.PairError
		require.ErrorAs(t, optim.Projected(m, dense{}).Step(w, g), &pe, "%T", m)
		assert.NotEmpty(t, pe.Next)
	}
	assert.NoError(t, optim.Projected(&optim.Momentum{}, dense{}).Step(w, g))
}

// cliff is finite for a while.
type cliff struct{ calls int }

func (c *cliff) LossGrad(grad, w *quiver.Rep) (float64, error) {
	c.calls++
	loss, err := bell{}.LossGrad(grad, w)
	if c.calls == 5 {
		return math.NaN(), err
	}
	return loss, err
}

func TestMinimize(t *testing.T) {
	ctx := context.Background()
	w := generic(t, layers.Tanh)
	var seen []int
	r, err := optim.Minimize(ctx, bell{}, w, &optim.SGD{}, &optim.Settings{Steps: 25, Every: 10, Watch: func(p optim.Point) error {
		seen = append(seen, p.Step)
		return nil
	}})
	require.NoError(t, err)
	assert.Equal(t, []int{0, 10, 20, 25}, seen, "from 0, the last iterate included")
	assert.Equal(t, optim.StepsDone, r.Reason)
	last, err := bell{}.LossGrad(w.Like(), w)
	require.NoError(t, err)
	assert.Equal(t, last, r.Loss, "the loss is that of the weights returned")

	r, err = optim.Minimize(ctx, bell{}, generic(t, layers.Tanh), &optim.SGD{}, &optim.Settings{Target: r.Loss})
	require.NoError(t, err)
	assert.Equal(t, optim.TargetReached, r.Reason)
	assert.Equal(t, 25, r.Steps)

	r, err = optim.Minimize(ctx, bell{}, generic(t, layers.Tanh), &optim.SGD{}, &optim.Settings{GradTol: 1e3})
	require.NoError(t, err)
	assert.Equal(t, optim.GradSmall, r.Reason)
	assert.Zero(t, r.Steps)

	r, err = optim.Minimize(ctx, bell{}, generic(t, layers.Tanh), &optim.SGD{}, &optim.Settings{Patience: 3, MinDelta: 1})
	require.NoError(t, err)
	assert.Equal(t, optim.Stalled, r.Reason)
	assert.Equal(t, 3, r.Steps)

	stop, cancel := context.WithCancel(ctx)
	cancel()
	r, err = optim.Minimize(stop, bell{}, generic(t, layers.Tanh), &optim.SGD{}, nil)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, optim.Cancelled, r.Reason)

	w = generic(t, layers.Tanh)
	r, err = optim.Minimize(ctx, &cliff{}, w, &optim.SGD{}, nil)
	var de *optim.DivergedError
	require.ErrorAs(t, err, &de)
	assert.Equal(t, 4, de.Step)
	assert.Equal(t, optim.Failed, r.Reason)
	three := generic(t, layers.Tanh)
	trainOn(t, bell{}, three, &optim.SGD{}, 3)
	assert.Equal(t, three.Data(), w.Data(), "the weights are those of the last finite loss")

	boom := errors.New("boom")
	_, err = optim.Minimize(ctx, bell{}, w, &optim.SGD{}, &optim.Settings{Watch: func(optim.Point) error { return boom }})
	assert.ErrorIs(t, err, boom)
	_, err = optim.Minimize(ctx, bell{}, w, &optim.SGD{}, &optim.Settings{Steps: -1})
	assert.Error(t, err)
}

// TestFactors: every method, and every wrapper, tells the factors of its groups.
func TestFactors(t *testing.T) {
	g := []optim.Group{{Names: []string{"h?->*"}, RateFactor: 3, NoDecay: true}}
	methods := []optim.Method{optim.Clip(&optim.Adam{Groups: g}, 1), optim.Projected(&optim.Adam{Groups: g}, zeros{})}
	for _, m := range having(catalogued(), "Groups", g) {
		methods = append(methods, m())
	}
	for _, m := range methods {
		f, ok := m.(optim.Factored)
		require.True(t, ok, "%T", m)
		rate, decay := f.Factors("h1->h2")
		assert.Equal(t, [2]float64{3, 0}, [2]float64{rate, decay}, "%T", m)
		rate, decay = f.Factors("x->h1")
		assert.Equal(t, [2]float64{1, 1}, [2]float64{rate, decay}, "%T", m)
		_, ok = m.(optim.Trait)
		assert.True(t, ok, "%T", m)
	}
	assert.Equal(t, "no decay, decoupled decay, decay in the gradient", optim.NoDecay.String()+", "+optim.Decoupled.String()+", "+optim.L2.String())
	assert.Equal(t, optim.Decoupled, optim.Projected(&optim.AdamW{}, zeros{}).(optim.Trait).Traits().Decay)
	assert.Equal(t, optim.L2, (&optim.Adam{Decay: 1}).Traits().Decay)
	assert.Equal(t, optim.NoDecay, (&optim.SGD{}).Traits().Decay)
}

func TestErrorTexts(t *testing.T) {
	for want, err := range map[string]error{
		"optim: LBFGS: a line search evaluates the loss; use Minimize, or call Search instead of Step":                                                               (&optim.LBFGS{}).Step(nil, nil),
		"optim: LBFGS: no smaller loss than 2 in 30 evaluations, the gradient's length is 0.5; the weights are as good as rounding allows, or the gradient is wrong": &optim.SearchError{Loss: 2, GradNorm: 0.5, Evaluations: 30},
		"optim: Adam: step -1, want 0 or more":                                          (&optim.Adam{}).Restore(optim.State{Step: -1}),
		`optim: Momentum: the state lacks "v"; restore it into the method that made it`: (&optim.Momentum{}).Restore(optim.State{Step: 3}),
		"optim: Minimize: Target is NaN, want a number":                                 (&optim.SettingError{Method: "Minimize", Field: "Target", Value: math.NaN(), Want: "a number"}),
	} {
		assert.EqualError(t, err, want)
	}
}

func TestSchedules(t *testing.T) {
	c := optim.Cosine(100, 0.1)
	assert.InDelta(t, 1, c(0), 1e-15)
	assert.InDelta(t, 0.55, c(50), 1e-12)
	assert.Equal(t, 0.1, c(100))
	assert.Equal(t, []float64{0.1, 0.1}, []float64{c(150), c(200)}, "it stays there")
	assert.Equal(t, 0.25, optim.Decay(10, 0.5)(29))
	assert.Equal(t, 0.3, optim.Constant(0.3)(17))
	assert.Equal(t, 1.0, optim.Warmup(4, nil)(5))
	w := optim.Warmup(4, c)
	assert.Equal(t, []float64{0.25, 0.5, 0.75, 1, 1}, []float64{w(0), w(1), w(2), w(3), w(4)})
}
