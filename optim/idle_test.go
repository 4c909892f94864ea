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

// TestHeldBits: an arrow that is held keeps its bits, the sign of a zero among them, whichever sign its gradient has.
func TestHeldBits(t *testing.T) {
	hold := []optim.Group{{Names: []string{"h1->h2"}, Hold: true}}
	for name, form := range having(steppers(), "Groups", hold) {
		m := form()
		w := generic(t, layers.Tanh)
		held := w.Arrow("h1->h2").RawMatrix().Data
		for i := range held {
			held[i] = math.Copysign(0, float64(i%2)-0.5)
		}
		moved := w.Arrow("x->h1").At(0, 0)
		for _, sign := range []float64{1, -1} {
			require.NoError(t, m.Step(w, fill(w.Like(), sign)), name)
			for i, x := range held {
				assert.True(t, x == 0 && math.Signbit(x) == (i%2 == 0), "%s, gradient %v, entry %d: %v", name, sign, i, x)
			}
			assert.NotEqual(t, moved, w.Arrow("x->h1").At(0, 0), name)
			moved = w.Arrow("x->h1").At(0, 0)
		}
	}
}

// quartic is Σ (w − 3)⁴.
type quartic struct{}

func (quartic) LossGrad(grad, w *quiver.Rep) (loss float64, err error) {
	for i, x := range w.Data() {
		d := x - 3
		loss += d * d * d * d
		grad.Data()[i] = 4 * d * d * d
	}
	return loss, nil
}

// counted counts the evaluations of an objective.
type counted struct {
	optim.Objective
	calls int
}

func (c *counted) LossGrad(grad, w *quiver.Rep) (float64, error) {
	c.calls++
	return c.Objective.LossGrad(grad, w)
}

// TestPairsThatLeadToInfinity: where the pairs of a state promise a step beyond all numbers they are forgotten at once, and the
// search goes on along the gradient: no trial is spent on them.
func TestPairsThatLeadToInfinity(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	for k := range 20 {
		w, o := quiver.Zero(q), quartic{} // of one number, so that the pair explains the whole gradient
		w.Data()[0] = float64(k-10) / 4
		m := &optim.LBFGS{Memory: 1}
		_, err = optim.Minimize(context.Background(), o, w, m, &optim.Settings{Steps: 2})
		require.NoError(t, err)
		s := m.Snapshot()
		require.Equal(t, 1.0, s.Scalars["pairs"])
		s.Scalars["s0"], s.Scalars["y0"] = 4096, -4096
		far := &optim.LBFGS{Memory: 1}
		require.NoError(t, far.Restore(s))
		g := w.Like()
		before, err := o.LossGrad(g, w)
		require.NoError(t, err)
		c := &counted{Objective: o}
		after, err := far.Search(context.Background(), c, w, g, before)
		require.NoError(t, err)
		assert.Less(t, after, before)
		assert.Equal(t, 1, c.calls)
	}
}
