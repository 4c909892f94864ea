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

// zeros is a projector that only zeroes entries (none).
type zeros struct{ dense }

func (zeros) Coordinate() bool { return true }

// joint mixes the first arrow with its bias.
type joint struct{ dense }

func (joint) Joined() [][]string { return [][]string{{"y"}, {"x->h1", "one->h1"}} }

// nowhere holds no weights.
type nowhere struct{ zeros }

func (nowhere) Contains(*quiver.Rep) bool { return false }

// TestPairs holds what Projected accepts, and the words with which it refuses.
func TestPairs(t *testing.T) {
	biases := func(rate float64, no bool) []optim.Group {
		return []optim.Group{{Names: []string{"one->h1"}, RateFactor: rate, NoDecay: no}}
	}
	for _, c := range []struct {
		m    optim.Method
		p    optim.Projector
		want string // "" is accepted
	}{
		{&optim.SGD{}, zeros{}, ""},
		{&optim.Adam{}, zeros{}, ""},
		{&optim.Adam{Decay: 0.1}, zeros{}, ""},
		{&optim.Muon{}, zeros{}, ""},
		{&optim.Muon{Decay: 0.1, Decoupled: true}, zeros{}, ""},
		{optim.Clip(&optim.Adam{}, 1), zeros{}, ""},
		{optim.ClipEntries(&optim.SGD{}, 1), zeros{}, ""},
		{&optim.Muon{}, dense{}, ""},
		{optim.Clip(&optim.SGD{Decay: 0.1}, 1), dense{}, ""},
		{&optim.Nesterov{Groups: biases(2, true)}, dense{}, ""},
		{&optim.Nesterov{Groups: biases(1, false)}, joint{}, ""},
		{optim.Clip(&optim.Momentum{}, 1), joint{}, ""},
		{stranger{}, zeros{}, "optim: optim_test.stranger projected by optim_test.zeros: the method does not say whether it commutes with rotations or works entry by entry; implement optim.Trait"},
		{&optim.Adam{}, dense{}, "optim: optim.Adam projected by optim_test.dense: it does not commute with rotations and the projector mixes entries, so projected training is not reduced training; train symmetry's Rotated network with its Subspace"},
		{optim.ClipEntries(&optim.SGD{}, 1), dense{}, "optim: ClipEntries of optim.SGD projected by optim_test.dense: it does not commute with rotations and the projector mixes entries, so projected training is not reduced training; train symmetry's Rotated network with its Subspace"},
		{&optim.Muon{Decay: 0.1}, zeros{}, "optim: optim.Muon projected by optim_test.zeros: its norms and products see the decay of weights that the reduced network does not have; set Decoupled, or train the reduced network"},
		{lars{}, zeros{}, "optim: optim_test.lars projected by optim_test.zeros: lengths of the weights enter its step, and the reduced network does not have all of them; use another method, or train the reduced network"},
		{polar{}, zeros{}, "optim: optim_test.polar projected by optim_test.zeros: rows and columns of zeros in the gradient change its step; use another method, or train the reduced network"},
		{&optim.Muon{}, joint{}, "optim: optim.Muon projected by optim_test.joint: the projector mixes the arrows x->h1, one->h1, and the step of the joined matrix is not that of its parts; use SGD, Momentum, Nesterov or L-BFGS, or train the reduced network"},
		{&optim.SGD{Groups: biases(2, false)}, joint{}, "optim: optim.SGD projected by optim_test.joint: the projector mixes the arrows x->h1 and one->h1, which have the rate factors 1 and 2 and the decay factors 1 and 1; give them equal ones"},
		{optim.Clip(&optim.SGD{Groups: biases(1, true)}, 1), joint{}, "optim: Clip of optim.SGD projected by optim_test.joint: the projector mixes the arrows x->h1 and one->h1, which have the rate factors 1 and 1 and the decay factors 1 and 0; give them equal ones"},
		{&optim.SGD{}, nowhere{}, "optim: optim.SGD projected by optim_test.nowhere: the weights do not lie in the subspace, so projected training is not reduced training; start from the Rotated network"},
	} {
		w := generic(t, layers.Tanh)
		start := w.Clone()
		err := optim.Projected(c.m, c.p).Step(w, w.Like())
		if c.want == "" {
			assert.NoError(t, err)
			continue
		}
		assert.EqualError(t, err, c.want)
		assert.Equal(t, start.Data(), w.Data(), "a refused step changes nothing")
	}
	w := generic(t, layers.Tanh)
	s := newSetting(t, w)
	var outside *optim.StartError
	assert.ErrorAs(t, optim.Projected(&optim.SGD{}, s.sub).Step(w, w.Like()), &outside, "the original network in place of Rotated")
	var layout *quiver.LayoutError
	small := s.c.Reduced
	assert.ErrorAs(t, optim.Projected(&optim.SGD{}, s.sub).Step(small, small.Like()), &layout, "the reduced network in place of Rotated")
	inside, err := s.c.Rotated()
	require.NoError(t, err)
	method := optim.Projected(&optim.SGD{}, s.sub)
	require.NoError(t, method.Step(inside, inside.Like()))
	assert.NoError(t, method.Step(w, w.Like()), "the first step alone looks at the weights")
	var pair *optim.PairError
	clipped := optim.Clip(&optim.LBFGS{}, 1)
	assert.ErrorAs(t, clipped.Step(w, w.Like()), &pair)
	assert.EqualError(t, pair, "optim: Clip of optim.LBFGS: a line search chooses the length of its steps itself; use it without clipping")
	_, err = optim.Projected(&optim.LBFGS{Decay: 1}, zeros{}).(optim.Searcher).Search(context.Background(), bell{}, w, w.Like(), 1)
	assert.ErrorAs(t, err, &pair)
}

// TestClip: the gradient is shortened to the limit, and left alone below it.
func TestClip(t *testing.T) {
	w := generic(t, layers.Tanh)
	g := w.Like()
	for i := range g.Data() {
		g.Data()[i] = float64(i%3) - 1
	}
	moved := func(m optim.Method) *quiver.Rep {
		x := w.Clone()
		before := g.Clone()
		require.NoError(t, m.Step(x, g))
		assert.Equal(t, before.Data(), g.Data())
		x.AddScaled(-1, w)
		return x
	}
	assert.InDelta(t, 0.5, moved(optim.Clip(&optim.SGD{Rate: 1}, 0.5)).Norm(), 1e-12)
	assert.InDelta(t, g.Norm(), moved(optim.Clip(&optim.SGD{Rate: 1}, 1e6)).Norm(), 1e-12)
	for i, x := range moved(optim.ClipEntries(&optim.SGD{Rate: 1}, 0.25)).Data() {
		assert.InDelta(t, -0.25*g.Data()[i], x, 1e-12)
	}
	for _, limit := range []float64{0, -1, math.NaN()} {
		var se *optim.SettingError
		assert.ErrorAs(t, optim.Clip(&optim.SGD{}, limit).Step(w, g), &se)
	}
	for name, m := range map[string]optim.Method{
		"Clip":            optim.Clip(&optim.Adam{}, 0.1),
		"Projected":       optim.Projected(&optim.Adam{}, zeros{}),
		"Clip, Projected": optim.Clip(optim.Projected(&optim.Muon{}, zeros{}), 0.1),
	} {
		require.NoError(t, m.Step(w, g))
		assert.Zero(t, testing.AllocsPerRun(5, func() { _ = m.Step(w, g) }), name)
	}
}

// TestWrappedState: wrappers keep the state of the method inside, and only they that have one.
func TestWrappedState(t *testing.T) {
	s := newSetting(t, generic(t, layers.Tanh))
	wrap := func() optim.Method { return optim.Clip(optim.Projected(&optim.Adam{}, s.sub), 0.1) }
	whole, w := s.rotated.Clone(), s.rotated.Clone()
	require.NoError(t, minimize(whole, wrap(), 20))
	first, second := wrap(), wrap()
	require.NoError(t, minimize(w, first, 8))
	require.NoError(t, second.(optim.Stateful).Restore(first.(optim.Stateful).Snapshot()))
	require.NoError(t, minimize(w, second, 12))
	assert.Equal(t, whole.Data(), w.Data())

	for _, m := range []optim.Method{optim.Projected(stranger{}, zeros{}), optim.Clip(stranger{}, 1)} {
		_, ok := m.(optim.Stateful)
		assert.False(t, ok)
		_, ok = m.(optim.Searcher)
		assert.False(t, ok)
	}
	_, ok := optim.Projected(&optim.Adam{}, zeros{}).(optim.Searcher)
	assert.False(t, ok)
	m := optim.Projected(&optim.LBFGS{}, zeros{})
	_, ok = m.(optim.Searcher)
	assert.True(t, ok)
	_, ok = m.(optim.Stateful)
	assert.True(t, ok)
}
