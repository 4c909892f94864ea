package optim_test

import (
	"context"
	"math"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// step is a step of a method or a search on a gradient of ones.
func step(t *testing.T, m optim.Method) error {
	t.Helper()
	w := generic(t, layers.Tanh)
	g := fill(w.Like(), 1)
	if s, ok := m.(optim.Searcher); ok {
		loss, err := (bowl{}).LossGrad(g, w)
		require.NoError(t, err)
		_, err = s.Search(context.Background(), bowl{}, w, g, loss)
		return err
	}
	return m.Step(w, g)
}

// TestEverySettingIsChecked sets each number of each method, found by reflection, to values that
// no setting has: a new setting is under this test by being there.
func TestEverySettingIsChecked(t *testing.T) {
	methods := catalogued()
	seen := 0
	for name, m := range methods {
		fields := reflect.TypeOf(m()).Elem()
		for i := range fields.NumField() {
			f := fields.Field(i)
			if !f.IsExported() {
				continue
			}
			var bad []any
			switch f.Type.Kind() {
			case reflect.Float64:
				bad = []any{math.NaN(), math.Inf(1), math.Inf(-1), -1.0, -5e-324}
			case reflect.Int:
				bad = []any{-1, math.MinInt}
			case reflect.Bool, reflect.Func, reflect.Slice:
				continue
			default:
				require.Fail(t, "a kind of setting that this test does not know", "%s.%s", name, f.Name)
			}
			for _, x := range bad {
				method := m()
				reflect.ValueOf(method).Elem().Field(i).Set(reflect.ValueOf(x))
				var se *optim.SettingError
				require.ErrorAs(t, step(t, method), &se, "%s.%s = %v", name, f.Name, x)
				assert.Equal(t, []string{name, f.Name}, []string{se.Method, se.Field})
				assert.Zero(t, method.Snapshot().Step)
				seen++
			}
		}
		require.NoError(t, step(t, m()), "the control: %s as it is", name)
	}
	assert.Greater(t, seen, 100)

	for want, m := range map[string]optim.Method{
		"optim: Adam: Eps is +Inf, want a number from 1e-145, below which squares of gradients vanish, to 1e145, above which steps do":      &optim.Adam{Eps: math.Inf(1)},
		"optim: RMSProp: Eps is 1e-200, want a number from 1e-145, below which squares of gradients vanish, to 1e145, above which steps do": &optim.RMSProp{Eps: 1e-200},
		"optim: Muon: Sweeps is 1000, want 0 (meaning 5) or a positive number, at most 10: each sweep multiplies rounding noise by 3.4":     &optim.Muon{Sweeps: 1000},
		"optim: SGD: the rate with its schedule and groups, or its product with the decay, is +Inf, want finite numbers":                    &optim.SGD{Rate: 1e200, Schedule: optim.Constant(1e200)},
		"optim: Adagrad: the rate with its schedule and groups, or its product with the decay, is +Inf, want finite numbers":                &optim.Adagrad{Rate: 1e200, Groups: []optim.Group{{Names: []string{"x->h1"}, RateFactor: 1e200}}},
		"optim: AdamW: the rate with its schedule and groups, or its product with the decay, is +Inf, want finite numbers":                  &optim.AdamW{Rate: 1e200, Decay: 1e200},
		"optim: Momentum: a factor of group [x->h1] is +Inf, want 0 (meaning 1) or a positive number":                                       &optim.Momentum{Groups: []optim.Group{{Names: []string{"x->h1"}, RateFactor: math.Inf(1)}}},
		"optim: Nesterov: a factor of group [x->h1] is NaN, want 0 (meaning 1) or a positive number":                                        &optim.Nesterov{Groups: []optim.Group{{Names: []string{"x->h1"}, DecayFactor: math.NaN()}}},
		"optim: SignSGD: Schedule(0) is +Inf, want 0 or a positive number":                                                                  &optim.SignSGD{Schedule: func(int) float64 { return math.Inf(1) }},
		"optim: Clip: limit is +Inf, want a positive number":                                                                                optim.Clip(&optim.SGD{}, math.Inf(1)),
		"optim: ClipEntries: limit is -1, want a positive number":                                                                           optim.ClipEntries(&optim.SGD{}, -1),
	} {
		assert.EqualError(t, step(t, m), want)
	}
}

// TestScheduleSettings: a schedule that cannot be meant is refused where it is made, with a typed
// panic.
func TestScheduleSettings(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, f := range map[string]func(){
		"Cosine total":        func() { optim.Cosine(-5, 0) },
		"Cosine of no steps":  func() { optim.Cosine(0, 0) },
		"Cosine floor":        func() { optim.Cosine(5, -0.1) },
		"Cosine floor NaN":    func() { optim.Cosine(5, nan) },
		"Cosine floor above":  func() { optim.Cosine(5, 1.1) },
		"Decay every":         func() { optim.Decay(0, .5) },
		"Decay every -1":      func() { optim.Decay(-1, .5) },
		"Decay factor":        func() { optim.Decay(1, -0.5) },
		"Decay factor 0":      func() { optim.Decay(1, 0) },
		"Decay factor NaN":    func() { optim.Decay(1, nan) },
		"Decay factor Inf":    func() { optim.Decay(1, inf) },
		"Warmup":              func() { optim.Warmup(-1, nil) },
		"Constant":            func() { optim.Constant(-1) },
		"Constant NaN":        func() { optim.Constant(nan) },
		"Constant Inf":        func() { optim.Constant(inf) },
		"inside of a warm-up": func() { optim.Warmup(3, optim.Cosine(-5, 0)) },
	} {
		v := func() (v any) {
			defer func() { v = recover() }()
			f()
			return nil
		}()
		_, ok := v.(*optim.SettingError)
		assert.True(t, ok, "%s: %v", name, v)
	}
	assert.PanicsWithError(t, "optim: Cosine: total is -5, want 1 or more", func() { optim.Cosine(-5, 0) })
	assert.PanicsWithError(t, "optim: Decay: every is 0, want 1 or more", func() { optim.Decay(0, .5) })
	assert.Equal(t, 1.0, optim.Warmup(0, nil)(0))
	assert.Equal(t, []float64{0, 0}, []float64{optim.Constant(0)(3), optim.Cosine(1, 0)(1)})
	for _, s := range []optim.Settings{
		{GradTol: math.Inf(1)}, {MinDelta: math.Inf(1)}, {Target: math.Inf(1)}, {Target: math.Inf(-1)}, {Target: nan}, {MinDelta: -1}, {Patience: -1},
	} {
		var se *optim.SettingError
		_, err := optim.Minimize(context.Background(), bell{}, generic(t, layers.Tanh), &optim.SGD{}, &s)
		assert.ErrorAs(t, err, &se, "%+v", s)
	}
}

// TestRestoreRefuses: what no run leaves behind is an error that names the place, and the method
// stays as it was.
func TestRestoreRefuses(t *testing.T) {
	bad := map[string]float64{"NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1), "negative": -1e-9}
	methods := catalogued()
	var se *optim.StateError
	for name, m := range methods {
		method := m()
		require.NoError(t, minimize(generic(t, layers.Tanh), method, 3))
		state := method.Snapshot()
		assert.ErrorAs(t, method.Restore(optim.State{}), &se, "%s: the zero State", name)
		assert.ErrorAs(t, method.Restore(optim.State{Step: math.MaxInt, Reps: state.Reps, Scalars: state.Scalars}), &se, name)
		for key := range state.Reps {
			assert.ErrorAs(t, method.Restore(edited(state, key, func(*quiver.Rep) *quiver.Rep { return nil })), &se)
			assert.ErrorAs(t, method.Restore(edited(state, key, func(*quiver.Rep) *quiver.Rep { return &quiver.Rep{} })), &se)
			for kind, x := range bad {
				if kind == "negative" && !keeps(t, name, key+"²") {
					continue
				}
				err := method.Restore(edited(state, key, func(r *quiver.Rep) *quiver.Rep {
					r.Arrow("h1->h2").Set(2, 1, x)
					return r
				}))
				require.ErrorAs(t, err, &se, "%s: %s of %s", name, kind, key)
				assert.Contains(t, err.Error(), `arrow "h1->h2"`)
				assert.Contains(t, err.Error(), "(2,1)")
			}
		}
		after := method.Snapshot()
		assert.Equal(t, state.Step, after.Step)
		for key, r := range state.Reps {
			assert.Equal(t, r.Data(), after.Reps[key].Data(), "%s is as it was", name)
		}
		require.NoError(t, method.Restore(state), "the control")
		assert.NoError(t, m().Restore(m().Snapshot()), "%s: before the first step", name)
		assert.NoError(t, m().Restore((&optim.Adam{}).Snapshot()), "%s: before the first step there is nothing of another method", name)
	}
	a := &optim.Adam{}
	require.NoError(t, minimize(generic(t, layers.Tanh), a, 3))
	late := a.Snapshot()
	late.Step = 0
	assert.ErrorAs(t, a.Restore(late), &se, "second moments before the first step")
	huge := edited(a.Snapshot(), "v", func(r *quiver.Rep) *quiver.Rep { return fill(r, 1e307) })
	assert.ErrorAs(t, a.Restore(huge), &se, "v/(1−β₂³) would be infinite")

	l := &optim.LBFGS{}
	require.NoError(t, minimize(generic(t, layers.Tanh), l, 3))
	state := l.Snapshot()
	turned := edited(state, "y1", func(r *quiver.Rep) *quiver.Rep { r.Scale(-1); return r })
	assert.ErrorAs(t, l.Restore(turned), &se, "a pair of negative curvature")
	for key, x := range map[string]float64{"s0": 0.5, "y1": math.NaN(), "reach": -1, "pairs": 2.5} {
		edit := edited(state, "s0", func(r *quiver.Rep) *quiver.Rep { return r })
		edit.Scalars[key] = x
		assert.ErrorAs(t, l.Restore(edit), &se, key)
	}
}

// edited is a copy of a state with one memory changed.
func edited(s optim.State, key string, change func(*quiver.Rep) *quiver.Rep) optim.State {
	out := optim.State{Step: s.Step, Reps: map[string]*quiver.Rep{}, Scalars: map[string]float64{}}
	for k, r := range s.Reps {
		out.Reps[k] = r.Clone()
	}
	for k, x := range s.Scalars {
		out.Scalars[k] = x
	}
	out.Reps[key] = change(out.Reps[key])
	return out
}
