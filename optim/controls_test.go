package optim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// setting is a compressed network with its rotated form.
type setting struct {
	c       *symmetry.Compression
	sub     *symmetry.Subspace
	rotated *quiver.Rep
}

func newSetting(t *testing.T, w *quiver.Rep) setting {
	t.Helper()
	c, err := symmetry.Compress(w)
	require.NoError(t, err)
	sub, err := c.Subspace()
	require.NoError(t, err)
	rotated, err := c.Rotated()
	require.NoError(t, err)
	return setting{c, sub, rotated}
}

// gap trains the rotated network with one method and the reduced one with another, and
// returns the relative distance of the reduced weights.
func (s setting) gap(t *testing.T, large, small optim.Method, steps int) float64 {
	t.Helper()
	a, b := s.rotated.Clone(), s.c.Reduced.Clone()
	require.NoError(t, minimize(a, large, steps))
	require.NoError(t, minimize(b, small, steps))
	r, err := s.sub.Reduce(a)
	require.NoError(t, err)
	return distance(r, b)
}

func distance(a, b *quiver.Rep) float64 {
	d := a.Clone()
	d.AddScaled(-1, b)
	return d.Norm() / b.Norm()
}

// TestWherePlacementMatters: what may be projected depends on the method.
func TestWherePlacementMatters(t *testing.T) {
	s := newSetting(t, generic(t, layers.Sigmoid))
	ball := func() optim.Method { return &optim.Momentum{Rate: 0.02} }
	ahead := func() optim.Method { return &optim.Nesterov{Rate: 0.02} }
	assert.LessOrEqual(t, s.gap(t, optim.Projected(ball(), s.sub), ball(), 300), 1e-10)
	assert.LessOrEqual(t, s.gap(t, after{ball(), s.sub}, ball(), 300), 1e-10, "heavy ball stands the projection of the weights alone")
	assert.LessOrEqual(t, s.gap(t, optim.Projected(ahead(), s.sub), ahead(), 300), 1e-10)
	assert.LessOrEqual(t, s.gap(t, after{ahead(), s.sub}, ahead(), 300), 1e-10, "so does Nesterov's in this form, which never leaves the weights to look")
	// Nesterov's own form evaluates at w + μv, and must have a projected velocity.
	assert.LessOrEqual(t, s.lookAhead(t, s.sub.Project), 1e-10)
	assert.GreaterOrEqual(t, s.lookAhead(t, nil), 1e-4, "a velocity that is not projected must differ")

	const limit = 0.05
	short := func() optim.Method { return optim.Clip(&optim.SGD{Rate: 0.05}, limit) }
	assert.LessOrEqual(t, s.gap(t, optim.Projected(short(), s.sub), short(), 100), 1e-10)
	assert.LessOrEqual(t, s.gap(t, optim.Clip(optim.Projected(&optim.SGD{Rate: 0.05}, s.sub), limit), short(), 100), 1e-10, "Clip acts after masking in either order")
	assert.GreaterOrEqual(t, s.gap(t, clipFirst{masked{&optim.SGD{Rate: 0.05}, s.sub}, limit}, short(), 100), 1e-4, "a length before masking must differ")
	assert.GreaterOrEqual(t, s.gap(t, masked{&optim.SGD{Rate: 0.05}, s.sub}, short(), 100), 1e-4, "the clip is at work")
}

// lookAhead is the gap of v ← μv − η∇L(w + μv), w ← w + v with projected weights, and with
// projected gradients where there is a mask.
func (s setting) lookAhead(t *testing.T, mask func(*quiver.Rep) error) float64 {
	t.Helper()
	run := func(w *quiver.Rep, mask, onto func(*quiver.Rep) error) *quiver.Rep {
		const rate, mu = 0.02, 0.9
		v, g := w.Like(), w.Like()
		for range 300 {
			ahead := w.Clone()
			ahead.AddScaled(mu, v)
			_, err := bell{}.LossGrad(g, ahead)
			require.NoError(t, err)
			if mask != nil {
				require.NoError(t, mask(g))
			}
			v.Scale(mu)
			v.AddScaled(-rate, g)
			w.AddScaled(1, v)
			if onto != nil {
				require.NoError(t, onto(w))
			}
		}
		return w
	}
	a, err := s.sub.Reduce(run(s.rotated.Clone(), mask, s.sub.Project))
	require.NoError(t, err)
	return distance(a, run(s.c.Reduced.Clone(), nil, nil))
}

// TestRefusedPairsDiffer: what Projected refuses really is another training.
func TestRefusedPairsDiffer(t *testing.T) {
	s := newSetting(t, generic(t, layers.Sigmoid))
	assert.GreaterOrEqual(t, s.gap(t, masked{lars{}, s.sub}, lars{}, 30), 1e-4, "LARS")

	// One sample: the gradients have rank 1, and an exact polar factor fills in the rest.
	a, b := s.rotated.Clone(), s.c.Reduced.Clone()
	require.NoError(t, minimizeOn(one{}, a, masked{polar{}, s.sub}, 5))
	require.NoError(t, minimizeOn(one{}, b, polar{}, 5))
	la, err := one{}.LossGrad(a.Like(), a)
	require.NoError(t, err)
	lb, err := one{}.LossGrad(b.Like(), b)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, math.Abs(la-lb), 1e-4, "the exact polar factor")
	a, b = s.rotated.Clone(), s.c.Reduced.Clone()
	require.NoError(t, minimizeOn(one{}, a, optim.Projected(&optim.Muon{}, s.sub), 5))
	require.NoError(t, minimizeOn(one{}, b, &optim.Muon{}, 5))
	r, err := s.sub.Reduce(a)
	require.NoError(t, err)
	assert.LessOrEqual(t, distance(r, b), 1e-10, "the control: Muon on one sample")
	assert.LessOrEqual(t, s.gap(t, masked{&optim.Muon{}, s.sub}, &optim.Muon{}, 30), 1e-10, "the control: Muon without decay")
}

// TestOriginalFrame: methods that commute with rotations may be projected without turning the
// weights; the others are refused, and rightly.
func TestOriginalFrame(t *testing.T) {
	w := generic(t, layers.Sigmoid)
	s := newSetting(t, w)
	g, err := s.c.Element()
	require.NoError(t, err)
	p := turned{s.sub, g, g.Inverse()}
	both := func(m func() optim.Method, wrap func(optim.Method, optim.Projector) optim.Method, steps int) float64 {
		a, b := w.Clone(), s.rotated.Clone()
		require.NoError(t, minimize(a, wrap(m(), p), steps))
		require.NoError(t, minimize(b, optim.Projected(m(), s.sub), steps))
		gb, err := symmetry.Act(g, b)
		require.NoError(t, err)
		return distance(a, gb)
	}
	unchecked := func(m optim.Method, p optim.Projector) optim.Method { return masked{m, p} }
	for _, r := range rows(0.01) {
		for kind, form := range r.forms {
			if gone := refused(t, w, form(), p); !gone {
				assert.LessOrEqual(t, both(form, optim.Projected, 10), 1e-10, "%s, %v", r.name, kind)
			} else if traits(form()).Rotates {
				continue // refused for its decay, which is no matter of the frame
			} else {
				assert.GreaterOrEqual(t, both(form, unchecked, 10), 1e-4, "%s, %v, in the original frame", r.name, kind)
			}
		}
	}
	adam := func() optim.Method { return &optim.Adam{Rate: 0.01} }
	var pe *optim.PairError
	require.ErrorAs(t, optim.Projected(adam(), p).Step(w.Clone(), w.Like()), &pe)
}

// TestLongRuns: the equality holds for thousands of steps on a small network, with a schedule
// and with rates and decays per arrow, and the free part keeps its bits.
func TestLongRuns(t *testing.T) {
	s := newSetting(t, generic(t, layers.Squash))
	groups := []optim.Group{{Names: []string{"one->*"}, RateFactor: 2, NoDecay: true}, {Names: []string{"h1->h2"}, RateFactor: 0.3}}
	schedule := optim.Warmup(5, optim.Cosine(300, 0.1))
	for name, m := range map[string]func() optim.Method{
		"SGD":  func() optim.Method { return &optim.SGD{Groups: groups, Schedule: schedule} },
		"Adam": func() optim.Method { return &optim.Adam{Groups: groups, Schedule: schedule} },
	} {
		assert.LessOrEqual(t, s.gap(t, optim.Projected(m(), s.sub), m(), 300), 1e-12, name)
	}
	slow := func() optim.Method { return &optim.SGD{Rate: 0.01} }
	for _, steps := range []int{1, 2, 10, 300, 3000} {
		assert.LessOrEqual(t, s.gap(t, optim.Projected(slow(), s.sub), slow(), steps), 1e-12, "%d steps", steps)
	}
	g, err := s.c.Element()
	require.NoError(t, err)
	w, turned := generic(t, layers.Squash), s.rotated.Clone()
	require.NoError(t, minimize(w, slow(), 3000))
	require.NoError(t, minimize(turned, slow(), 3000))
	back, err := symmetry.Act(g, turned)
	require.NoError(t, err)
	assert.LessOrEqual(t, distance(back, w), 1e-12, "E1 over 3000 steps")

	a := s.rotated.Clone()
	require.NoError(t, minimize(a, optim.Projected(&optim.Adam{}, s.sub), 300))
	small, err := s.sub.Reduce(s.rotated)
	require.NoError(t, err)
	same, err := s.sub.Embed(small, a)
	require.NoError(t, err)
	assert.Equal(t, s.rotated.Data(), same.Data(), "U has not moved by a bit")
}

// TestCompressThenTrain is not training then compressing.
func TestCompressThenTrain(t *testing.T) {
	w := generic(t, layers.Squash)
	s := newSetting(t, w)
	a := train(t, w, &optim.SGD{Rate: 0.1}, 1)
	b := train(t, s.c.Reduced.Clone(), &optim.SGD{Rate: 0.1}, 1)
	t.Logf("full %.5f, reduced %.5f", a, b)
	assert.GreaterOrEqual(t, math.Abs(a-b), 1e-4)
}
