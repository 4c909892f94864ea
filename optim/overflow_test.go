package optim_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// moments are the methods that keep squares, velocities the others that keep something, with and without a decay.
func moments() map[string]func() optim.Stateful { return keeping(true) }

func velocities() map[string]func() optim.Stateful { return keeping(false) }

func keeping(squares bool) map[string]func() optim.Stateful {
	out := make(map[string]func() optim.Stateful)
	for name, m := range steppers() {
		for kind, form := range decaying(m, 0.1) {
			names, err := optim.Keeps(name)
			if err == nil && len(names) > 0 && squares == strings.Contains(fmt.Sprint(names), "²") {
				out[fmt.Sprint(name, ", ", kind)] = form
			}
		}
	}
	return out
}

func fill(r *quiver.Rep, x float64) *quiver.Rep {
	for i := range r.Data() {
		r.Data()[i] = x
	}
	return r
}

// TestTooLargeAGradient: a gradient whose square is no number is an error that names arrow and step
// before anything changes, and a method that has returned it goes on as if it had not seen it.
func TestTooLargeAGradient(t *testing.T) {
	for name, m := range moments() {
		for _, large := range []float64{1e160, -1e160, 2e154, 1e200, math.MaxFloat64} {
			w, untouched := generic(t, layers.Tanh), generic(t, layers.Tanh)
			method, other := m(), m()
			g := fill(w.Like(), 1)
			for range 3 {
				require.NoError(t, method.Step(w, g))
				require.NoError(t, other.Step(untouched, g))
			}
			bad := g.Clone()
			bad.Arrow("h1->h2").Set(2, 1, large)
			before := method.Snapshot()
			err := method.Step(w, bad)
			var oe *optim.OverflowError
			require.ErrorAs(t, err, &oe, "%s, %v", name, large)
			assert.Equal(t, []any{`arrow "h1->h2"`, 2, 1, 3}, []any{oe.Where, oe.Row, oe.Col, oe.Step})
			after := method.Snapshot()
			assert.Equal(t, before.Step, after.Step)
			for k := range before.Reps {
				assert.Equal(t, before.Reps[k].Data(), after.Reps[k].Data(), "%s: %s", name, k)
			}
			for range 5 {
				require.NoError(t, method.Step(w, g))
				require.NoError(t, other.Step(untouched, g))
			}
			assert.Equal(t, untouched.Data(), w.Data(), name)
		}
		// What is not too large is taken, and the step is that of any first gradient.
		for _, fine := range []float64{1e154, -1e150, 1e100} {
			w := generic(t, layers.Tanh)
			start, g := w.Clone(), w.Like()
			g.Arrow("h1->h2").Set(2, 1, fine)
			one := g.Clone()
			one.Arrow("h1->h2").Set(2, 1, math.Copysign(1, fine))
			like := start.Clone()
			require.NoError(t, m().Step(w, g), name)
			require.NoError(t, m().Step(like, one), name)
			assert.InDelta(t, like.Arrow("h1->h2").At(2, 1), w.Arrow("h1->h2").At(2, 1), 1e-4, "%s, %v", name, fine)
			assert.NotEqual(t, start.Arrow("h1->h2").At(2, 1), w.Arrow("h1->h2").At(2, 1), name)
		}
	}
	assert.EqualError(t, func() error {
		w := generic(t, layers.Tanh)
		g := w.Like()
		g.Arrow("x->h1").Set(0, 0, 1e160)
		return (&optim.Adam{}).Step(w, g)
	}(), `optim: Adam: step 0: arrow "x->h1": entry (0,0) of the gradient is 1e+160, and the method's second moment would overflow; nothing was changed; wrap the method in optim.Clip, or scale the loss`)
}

// TestNoMemoryBecomesInfinite: the largest gradients, again and again, leave finite memory, or are an error that
// changes nothing.
func TestNoMemoryBecomesInfinite(t *testing.T) {
	for name, m := range steppers() {
		for kind, form := range decaying(m, 0.1) {
			for _, large := range []float64{math.MaxFloat64, -math.MaxFloat64, 1e308, 1e154} {
				w := fill(generic(t, layers.Tanh), 0)
				method := form()
				require.NoError(t, method.Step(w, fill(w.Like(), 1)))
				full := method.Snapshot() // of what is as large as it may be
				full.Step = 1 << 40
				for what, r := range full.Reps {
					if fill(r, math.Copysign(math.MaxFloat64, large)); keeps(t, name, what+"²") {
						fill(r, 1e308)
					}
				}
				require.NoError(t, method.Restore(full))
				for k := range 30 {
					before := w.Clone()
					if err := method.Step(w, fill(w.Like(), large)); err != nil {
						var oe *optim.OverflowError
						require.ErrorAs(t, err, &oe, "%s, %v, step %d", name, kind, k)
						require.Equal(t, before.Data(), w.Data())
					}
					for what, r := range method.Snapshot().Reps {
						require.NoError(t, r.CheckFinite(), "%s, %v: %s after step %d of %v", name, kind, what, k, large)
					}
					fill(w, 0)
				}
			}
		}
	}
}

// TestSumsThatOverflow: what is fine by itself may be too large in a sum, for Adagrad's sum of
// squares, for velocities, and with a decay in the gradient.
func TestSumsThatOverflow(t *testing.T) {
	var oe *optim.OverflowError
	w := generic(t, layers.Tanh)
	g := fill(w.Like(), 1e154)
	a := &optim.Adagrad{}
	require.NoError(t, a.Step(w, g))
	start := w.Clone()
	require.ErrorAs(t, a.Step(w, g), &oe)
	assert.Equal(t, start.Data(), w.Data())
	require.NoError(t, (&optim.RMSProp{}).Step(w, g), "a mean of the same squares is none too large")

	for name, m := range velocities() {
		w := fill(generic(t, layers.Tanh), 0)
		method := m()
		g := fill(w.Like(), 1e308)
		steps := 0
		for ; steps < 10; steps++ {
			before := w.Clone()
			if err := method.Step(w, g); err != nil {
				require.ErrorAs(t, err, &oe, name)
				assert.Equal(t, before.Data(), w.Data())
				break
			}
		}
		for _, r := range method.Snapshot().Reps {
			assert.NoError(t, r.CheckFinite(), "%s: after %d steps", name, steps)
		}
		for range 20 { // and the method goes on
			require.NoError(t, method.Step(w, fill(g, -1e305)), name)
		}
		assert.NoError(t, w.CheckFinite())
	}

	w = fill(generic(t, layers.Tanh), 1e100)
	require.ErrorAs(t, (&optim.Adam{Decay: 1e60}).Step(w, w.Like()), &oe, "λw")
	require.NoError(t, (&optim.Adam{Decay: 1e50}).Step(w, w.Like()))
	require.ErrorAs(t, (&optim.Adam{Decay: 1e60, Groups: []optim.Group{{Names: []string{"x->h1"}, NoDecay: true}}}).Step(w, w.Like()), &oe)
	assert.NotEqual(t, `arrow "x->h1"`, oe.Where)
	g = w.Like()
	_, err := (&optim.LBFGS{Decay: 1e250}).Search(context.Background(), bowl{}, w, g, 1)
	require.ErrorAs(t, err, &oe, "a decay that overflows in a search")
	w.Data()[0] = math.NaN()
	var ne *quiver.NonFiniteError
	require.ErrorAs(t, (&optim.Adam{Decay: 1}).Step(w, w.Like()), &ne, "weights that are no number, where they are part of the gradient")

	// An arrow that is held has no part in a step.
	for name, form := range having(forms(optim.L2, 1e10), "Groups", []optim.Group{{Names: []string{"h1->h2"}, Hold: true}}) {
		m := form()
		w := generic(t, layers.Tanh)
		w.Arrow("h1->h2").Set(0, 0, 1e300) // times the decay it is no number
		before := w.Clone()
		require.NoError(t, m.Step(w, w.Like()), name)
		assert.Equal(t, before.Arrow("h1->h2"), w.Arrow("h1->h2"), name)
		assert.NotEqual(t, before.Arrow("x->h1"), w.Arrow("x->h1"), name)
	}
	w = generic(t, layers.Tanh)
	g = fill(w.Like(), 1)
	g.Arrow("h1->h2").Set(0, 0, 1e200)
	m := &optim.Adam{Groups: []optim.Group{{Names: []string{"h1->h2"}, Hold: true}}}
	require.NoError(t, m.Step(w, g))
	require.NoError(t, m.Step(w, g))
}

// TestFullSecondMoments: where a second moment is as large as it may be, a gradient whose squares are
// lost in its last place is taken in any number of steps and leaves it as it is; a larger one is an error.
func TestFullSecondMoments(t *testing.T) {
	const full = 1e308
	for decay, weight := range map[float64]float64{0: 1, 0.5: 1e144} {
		w := fill(generic(t, layers.Tanh), weight)
		m := &optim.Adagrad{Decay: decay}
		require.NoError(t, m.Restore(optim.State{Method: "Adagrad", Step: 3, Reps: map[string]*quiver.Rep{"v": fill(w.Like(), full)}}))
		for k := range 1000 {
			require.NoError(t, m.Step(w, fill(w.Like(), 1e144)), "step %d", k)
		}
		v := m.Snapshot().Reps["v"].Data()
		assert.Equal(t, fill(w.Like(), full).Data(), v, "decay %v", decay)
		if decay == 0 {
			assert.Less(t, w.Data()[0], weight, "and the weights move on")
		}
		g := fill(w.Like(), 1)
		g.Arrow("h1->h2").Set(2, 1, 1e150)
		before := w.Clone()
		var oe *optim.OverflowError
		require.ErrorAs(t, m.Step(w, g), &oe)
		assert.Equal(t, []any{`arrow "h1->h2"`, 2, 1}, []any{oe.Where, oe.Row, oe.Col})
		assert.Equal(t, before.Data(), w.Data())
		// So are a gradient and a decay that are large together.
		both := &optim.Adagrad{Decay: 1}
		x, g := fill(w.Clone(), 0), fill(w.Like(), 0)
		x.Arrow("h1->h2").Set(2, 1, 0.9e154)
		g.Arrow("h1->h2").Set(2, 1, 0.9e154)
		require.ErrorAs(t, both.Step(x, g), &oe)
		g.Arrow("h1->h2").Set(2, 1, -0.9e154)
		require.NoError(t, both.Step(x, g), "they cancel")
		// So is a decay that makes it large.
		large := &optim.Adagrad{Decay: 0.5}
		require.NoError(t, large.Restore(m.Snapshot()))
		require.ErrorAs(t, large.Step(fill(w.Clone(), 1e150), w.Like()), &oe)
	}
}

// TestClipOfTheLargest: Clip is what the errors advise, so it stands every finite gradient.
func TestClipOfTheLargest(t *testing.T) {
	for name, m := range moments() {
		w := generic(t, layers.Tanh)
		g := fill(w.Like(), math.MaxFloat64)
		clip := optim.Clip(m(), 1)
		require.NoError(t, clip.Step(w, g), name)
		start := w.Clone()
		for range 1000 {
			require.NoError(t, clip.Step(w, fill(g, 1)), name)
		}
		start.AddScaled(-1, w)
		assert.Greater(t, start.Norm(), 0.1, "%s trains on", name)
	}
	for _, c := range []struct{ entry, limit float64 }{{math.MaxFloat64, 1}, {1e300, 1e-20}, {1e200, 1e-200}, {1, 1e-300}, {1e-300, 1e-305}, {5e-310, 1e-312}} {
		w := fill(generic(t, layers.Tanh), 0)
		g := fill(w.Like(), c.entry)
		require.NoError(t, optim.Clip(&optim.SGD{Rate: 1}, c.limit).Step(w, g))
		want := c.limit / math.Sqrt(float64(len(w.Data())))
		for _, x := range w.Data() {
			assert.InDelta(t, -1, x/want, 1e-9, "entries of %v to length %v", c.entry, c.limit)
		}
	}
}

// TestMuonOfExtremes: the step does not depend on the scale of the gradient, down to denormals and
// up to where a length is no number; it is 0 for 0, and of rank one for rank one.
func TestMuonOfExtremes(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 5), quiver.Output("y", 4, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	u, v := []float64{1, -2, 0, 4}, []float64{1, 0, -8, 2, 1}
	for _, scale := range []float64{5e-324, 1e-320, 0x1p-1000, 1, 0x1p1000, 1e306} {
		w, g := quiver.Zero(q), quiver.Zero(q)
		g.Arrow("x->y").Outer(scale, mat.NewVecDense(4, u), mat.NewVecDense(5, v))
		require.NoError(t, (&optim.Muon{Rate: 1}).Step(w, g))
		var svd mat.SVD
		require.True(t, svd.Factorize(w.Arrow("x->y"), mat.SVDNone))
		s := svd.Values(nil)
		assert.InDelta(t, 0.95, s[0], 0.35, "scale %v", scale)
		if scale < 1e-310 {
			continue // the sum of gradient and velocity is rounded to few digits, and has rank two
		}
		assert.Less(t, s[1], 1e-12, "scale %v: rank one stays rank one", scale)
		// Along −u vᵀ.
		got := mat.Inner(mat.NewVecDense(4, u), w.Arrow("x->y"), mat.NewVecDense(5, v)) / math.Sqrt(21*70)
		assert.InDelta(t, -s[0], got, 1e-12)
	}
	w := quiver.Zero(q)
	require.NoError(t, (&optim.Muon{}).Step(w, quiver.Zero(q)))
	assert.Zero(t, w.Norm())
	require.NoError(t, (&optim.Muon{Rate: 1}).Step(w, fill(quiver.Zero(q), 0.9e308)), "finite, but not its length")
	assert.InDelta(t, 0.95, w.Norm(), 0.35)
}

// TestDivergenceIsOneError: Minimize says *DivergedError, whoever finds the number.
func TestDivergenceIsOneError(t *testing.T) {
	ctx := context.Background()
	var de *optim.DivergedError
	for name, m := range map[string]optim.Method{
		"SGD":      &optim.SGD{Rate: 1e60},
		"Momentum": &optim.Momentum{Rate: 1e200},
		"Muon":     &optim.Muon{Rate: 1e100},
		"Adam":     &optim.Adam{Rate: 1e100},
	} {
		w, o := exposure(t)
		start := w.Clone()
		r, err := optim.Minimize(ctx, o, w, m, nil)
		require.ErrorAs(t, err, &de, name)
		assert.Equal(t, 1, de.Step, name)
		assert.Equal(t, optim.Failed, r.Reason)
		assert.Equal(t, start.Data(), w.Data(), "%s: the weights are the last finite ones", name)
		assert.InDelta(t, 21.955, r.Loss, 1e-12)
		assert.Contains(t, err.Error(), "rate", name)
	}
	// A gradient too large for the method is one too.
	w := line(t)
	_, err := optim.Minimize(ctx, scaled{1e160, 1}, w, &optim.Adam{}, nil)
	var oe *optim.OverflowError
	require.ErrorAs(t, err, &de)
	require.ErrorAs(t, err, &oe)
	assert.Equal(t, `arrow "x->y"`, oe.Where)
	assert.Equal(t, []float64{0, 0}, w.Data())
	// So is the gradient of a cross entropy with inputs of 1e160, which are legal data.
	q, err := layers.MLP(layers.Pointwise(layers.Tanh), 2, 2)
	require.NoError(t, err)
	p, err := graph.Compile(q, graph.Loss("y", graph.SoftmaxCE, 1))
	require.NoError(t, err)
	data := p.Problem([]*mat.Dense{mat.NewDense(1, 2, []float64{1e160, -1})}, []*mat.Dense{mat.NewDense(1, 1, []float64{1})})
	for name, m := range moments() {
		w := quiver.Zero(q)
		_, err = optim.Minimize(ctx, data, w, m(), nil)
		require.ErrorAs(t, err, &oe, name)
		assert.Equal(t, []any{`arrow "x->y"`, 0, 0}, []any{oe.Where, oe.Row, oe.Col}, name)
		_, err = optim.Minimize(ctx, data, w, optim.Clip(m(), 1), &optim.Settings{Steps: 5})
		assert.NoError(t, err, "%s: clipped", name)
		assert.Positive(t, w.Norm(), name)
	}
	// The control: an error of another kind stays what it is.
	_, err = optim.Minimize(ctx, &fragile{at: 2}, generic(t, layers.Tanh), &optim.SGD{}, nil)
	require.ErrorIs(t, err, errBoom)
	assert.NotErrorAs(t, err, &de)
}
