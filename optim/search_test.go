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

// bend is cos on one weight, which starts where the curvature is negative.
type bend struct{ at, losses []float64 }

func (o *bend) LossGrad(grad, w *quiver.Rep) (float64, error) {
	x := w.Data()[0]
	clear(grad.Data())
	grad.Data()[0] = -math.Sin(x)
	o.at, o.losses = append(o.at, x), append(o.losses, math.Cos(x))
	return math.Cos(x), nil
}

// TestNegativeCurvature: a pair with ⟨s, y⟩ < 0 is left out; a good one is kept.
func TestNegativeCurvature(t *testing.T) {
	w := line(t)
	w.Data()[0] = 0.5
	g := w.Like()
	o := &bend{}
	loss, err := o.LossGrad(g, w)
	require.NoError(t, err)
	m := &optim.LBFGS{}
	for concave := true; concave; {
		before := w.Data()[0]
		loss, err = m.Search(context.Background(), o, w, g, loss)
		require.NoError(t, err)
		// y = −sin after + sin before, s > 0: ⟨s, y⟩ has the sign of sin before − sin after.
		if concave = math.Sin(w.Data()[0]) >= math.Sin(before); concave {
			assert.Zero(t, m.Snapshot().Scalars["pairs"], "from %v to %v", before, w.Data()[0])
		}
	}
	assert.Equal(t, 1.0, m.Snapshot().Scalars["pairs"])
	r, err := optim.Minimize(context.Background(), o, w, m, &optim.Settings{Steps: 30})
	require.NoError(t, err)
	assert.InDelta(t, -1, r.Loss, 1e-12)
}

// TestSufficientDecrease: of the points tried, those left fall by less than Armijo times what the
// slope promises, the one taken by at least that.
func TestSufficientDecrease(t *testing.T) {
	for _, armijo := range []float64{1e-4, 0.5, 0.9, 0.99} {
		w := line(t)
		w.Data()[0] = 2 // cos falls to π with the slope −sin 2, then rises
		g := w.Like()
		o := &bend{}
		loss, err := o.LossGrad(g, w)
		require.NoError(t, err)
		slope := g.Data()[0]
		got, err := (&optim.LBFGS{Armijo: armijo}).Search(context.Background(), lifted{o}, w, g, loss+100)
		require.NoError(t, err)
		n := len(o.at) - 1
		require.Greater(t, n, 2, "the first step is too long")
		for k := 1; k <= n; k++ {
			enough := o.losses[k] <= loss+armijo*slope*(o.at[k]-2)
			assert.Equal(t, k == n, enough, "Armijo %v, trial %d at %v", armijo, k, o.at[k])
		}
		assert.Equal(t, o.losses[n]+100, got)
		assert.Equal(t, o.at[n], w.Data()[0])
	}
}

// lifted adds 100 to the loss, so that a tenth of it is a long way.
type lifted struct{ o *bend }

func (o lifted) LossGrad(grad, w *quiver.Rep) (float64, error) {
	l, err := o.o.LossGrad(grad, w)
	return l + 100, err
}

// TestForgetsPairs: where the step of the pairs fails, the same search goes on along the gradient
// without them.
func TestForgetsPairs(t *testing.T) {
	w := line(t)
	g := w.Like()
	m := &optim.LBFGS{Trials: 1}
	flat := &bent{1, 0}
	loss, err := flat.LossGrad(g, w)
	require.NoError(t, err)
	for range 2 {
		loss, err = m.Search(context.Background(), flat, w, g, loss)
		require.NoError(t, err)
	}
	require.Positive(t, m.Snapshot().Scalars["pairs"])
	w.Scale(0)
	steep := &bent{400, 0} // the pairs know another curvature, and their step is far too long
	loss, err = steep.LossGrad(g, w)
	require.NoError(t, err)
	after, err := m.Search(context.Background(), steep, w, g, loss)
	require.NoError(t, err)
	assert.Less(t, after, loss)
	assert.Equal(t, 3, steep.calls)
	assert.Equal(t, 1.0, m.Snapshot().Scalars["pairs"], "that of the last step alone")
}

// slope is the loss w₀ − at.
type slope struct{ at float64 }

func (o slope) LossGrad(grad, w *quiver.Rep) (float64, error) {
	clear(grad.Data())
	grad.Data()[0] = 1
	return w.Data()[0] - o.at, nil
}

// TestThroughZero: a loss of 0 is no place to stop, though the first step promises a tenth of the
// loss; without a pair to tell the curvature steps grow.
func TestThroughZero(t *testing.T) {
	for _, c := range [][2]float64{{1, 0}, {1e-12, 0}, {0, 0}, {-1e-12, 0}, {math.Nextafter(1, 2), 1}, {math.Nextafter(-1e9, 0), -1e9}} {
		w := line(t)
		w.Data()[0] = c[0]
		r, err := optim.Minimize(context.Background(), slope{c[1]}, w, &optim.LBFGS{}, &optim.Settings{Steps: 60})
		require.NoError(t, err, "from %v, 0 at %v", c[0], c[1])
		assert.Less(t, r.Loss, -10.0, "from %v, 0 at %v", c[0], c[1])
	}
}

// bent is c·(w₀ − 1)²/2.
type bent struct {
	c     float64
	calls int
}

func (o *bent) LossGrad(grad, w *quiver.Rep) (float64, error) {
	o.calls++
	d := w.Data()[0] - 1
	clear(grad.Data())
	grad.Data()[0] = o.c * d
	return o.c * d * d / 2, nil
}

// TestExactMinimum: where the gradient is 0, a search evaluates nothing and changes nothing.
func TestExactMinimum(t *testing.T) {
	w := generic(t, layers.Tanh)
	for i := range w.Data() {
		w.Data()[i] = 1
	}
	start, g := w.Clone(), w.Like()
	loss, err := (bowl{}).LossGrad(g, w)
	require.NoError(t, err)
	m := &optim.LBFGS{}
	none := &fragile{at: 1}
	got, err := m.Search(context.Background(), none, w, g, loss)
	require.NoError(t, err)
	assert.Zero(t, none.calls)
	assert.Equal(t, loss, got)
	assert.Equal(t, start.Data(), w.Data())
	assert.Equal(t, 1, m.Snapshot().Step)
	r, err := optim.Minimize(context.Background(), bowl{}, w, &optim.LBFGS{}, &optim.Settings{Steps: 3})
	require.NoError(t, err)
	assert.Equal(t, optim.StepsDone, r.Reason)
	assert.Equal(t, start.Data(), w.Data())

	// Beside it: one ulp away there is a step, or an honest error.
	w.Data()[3] = math.Nextafter(1, 2)
	_, err = optim.Minimize(context.Background(), bowl{}, w, &optim.LBFGS{}, &optim.Settings{Steps: 3})
	var se *optim.SearchError
	assert.True(t, err == nil || errors.As(err, &se), "%v", err)
	assert.Positive(t, none.at)
}
