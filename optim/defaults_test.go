package optim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// TestDefaults: a constant of 0 is the documented one, bit by bit, and each constant counts: the same run
// with another one ends elsewhere. The gradients are as small as ε, so that it is seen.
func TestDefaults(t *testing.T) {
	w, _ := winding(t)
	run := func(m optim.Method, size float64) []float64 {
		x, g := w.Clone(), w.Like()
		r := rand.New(rand.NewPCG(3, 1))
		for range 300 { // so many that a sign hangs on each constant somewhere
			for i := range g.Data() {
				g.Data()[i] = size * r.NormFloat64()
			}
			require.NoError(t, m.Step(x, g))
		}
		return x.Data()
	}
	for _, e := range optim.Catalogue() {
		if _, ok := e.New().(optim.Searcher); ok {
			continue
		}
		size := 1.0
		given := e.New()
		for _, s := range e.Settings {
			set(given, s.Field, s.Default)
			if s.Field == "Eps" {
				size = s.Default
			}
		}
		want := run(given, size)
		assert.Equal(t, want, run(e.New(), size), e.Name)
		for _, s := range e.Settings {
			if s.Default == 0 {
				continue
			}
			other, x := e.New(), 1.001*s.Default
			if s.Default >= 1 { // a count
				x = s.Default + 1
			}
			set(other, s.Field, x)
			assert.NotEqual(t, want, run(other, size), "%s: another %s", e.Name, s.Field)
		}
	}
}

// promise is a loss of 100 with a gradient of 1, of whose promise the k-th trial keeps the k-th share.
type promise struct {
	shares []float64
	calls  int
}

func (o *promise) LossGrad(grad, _ *quiver.Rep) (float64, error) {
	clear(grad.Data())
	grad.Data()[0] = 1
	share := o.shares[min(o.calls, len(o.shares)-1)]
	o.calls++
	return 100 - share*10, nil // the first step promises a tenth of the loss
}

// TestDefaultsOfTheSearch: a step is taken where the loss falls by more than 1e-4 of the promise, a
// search gives up after 30 evaluations, and ten pairs are kept.
func TestDefaultsOfTheSearch(t *testing.T) {
	for _, c := range []struct {
		shares []float64
		calls  int
	}{
		{[]float64{1.01e-4}, 1}, {[]float64{0.99e-4, 0.51e-4}, 2}, {[]float64{0.99e-4, 0.49e-4, 1}, 3},
	} {
		w := line(t)
		g := w.Like()
		g.Data()[0] = 1
		o := &promise{shares: c.shares}
		_, err := (&optim.LBFGS{}).Search(context.Background(), o, w, g, 100)
		require.NoError(t, err)
		assert.Equal(t, c.calls, o.calls, "%v", c.shares)
	}
	w := line(t)
	g := w.Like()
	g.Data()[0] = 1
	o := &promise{shares: []float64{-1}}
	_, err := (&optim.LBFGS{}).Search(context.Background(), o, w, g, 100)
	var se *optim.SearchError
	require.ErrorAs(t, err, &se)
	assert.Equal(t, []int{30, 30}, []int{se.Evaluations, o.calls})
	assert.Equal(t, []float64{100, 1}, []float64{se.Loss, se.GradNorm})

	for given, want := range map[int]float64{0: 10, 3: 3, 12: 12} {
		m := &optim.LBFGS{Memory: given}
		w, o := winding(t)
		_, err = optim.Minimize(context.Background(), o, w, m, &optim.Settings{Steps: 20})
		require.NoError(t, err)
		assert.Equal(t, want, m.Snapshot().Scalars["pairs"], given)
	}
}

// TestExponentsOfPairs: sizes up to 2^4096, whole powers of two, are what a state may hold.
func TestExponentsOfPairs(t *testing.T) {
	w, o := winding(t)
	m := &optim.LBFGS{}
	_, err := optim.Minimize(context.Background(), o, w, m, &optim.Settings{Steps: 3})
	require.NoError(t, err)
	require.Equal(t, 3.0, m.Snapshot().Scalars["pairs"], "an odd number, so that each has its own place")
	for _, key := range []string{"s0", "y1", "s2"} {
		for exponent, good := range map[float64]bool{4096: true, -4096: true, 4097: false, -4097: false, 0: true, 0.5: false} {
			s := m.Snapshot()
			s.Scalars[key] = exponent
			err := (&optim.LBFGS{}).Restore(s)
			assert.Equal(t, good, err == nil, "%s of %v: %v", key, exponent, err)
		}
		s := m.Snapshot()
		s.Scalars[key]++
		again := &optim.LBFGS{}
		require.NoError(t, again.Restore(s))
		for k, x := range again.Snapshot().Scalars {
			assert.Equal(t, s.Scalars[k], x, fmt.Sprint(k, " after ", key))
		}
	}
}
