package optim_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// line is y = wx + b as a quiver.
func line(t *testing.T) *quiver.Rep {
	t.Helper()
	q, err := quiver.New(quiver.Input("x", 1), quiver.Bias("one"), quiver.Output("y", 1, nil), quiver.Connect("x", "y"), quiver.Connect("one", "y"))
	require.NoError(t, err)
	return quiver.Zero(q)
}

// scaled is the loss scale·mean (units·w·x + b − y)² of the line through (1,1), (2,2), (3,3.5):
// with units, w counts in 1/units.
type scaled struct{ scale, units float64 }

func (s scaled) LossGrad(grad, w *quiver.Rep) (loss float64, err error) {
	x, g := w.Data(), grad.Data()
	clear(g)
	for _, p := range [][2]float64{{1, 1}, {2, 2}, {3, 3.5}} {
		a, b := s.units*p[0], s.units
		r := a*x[0] + b*x[1] - p[1]
		loss += s.scale * r * r / 3
		g[0] += s.scale * 2 * r * a / 3
		g[1] += s.scale * 2 * r * b / 3
	}
	return loss, nil
}

// iterates are the weights after each of some steps of L-BFGS, from 0.
func iterates(t *testing.T, o optim.Objective, m *optim.LBFGS, steps int) [][]float64 {
	t.Helper()
	w := line(t)
	g := w.Like()
	loss, err := o.LossGrad(g, w)
	require.NoError(t, err)
	out := [][]float64{}
	for k := range steps {
		loss, err = m.Search(context.Background(), o, w, g, loss)
		require.NoError(t, err, "%+v, step %d", o, k)
		out = append(out, append([]float64(nil), w.Data()...))
	}
	return out
}

// TestNoScaleEnters: the iterates of L-BFGS do not depend on the scale of the loss, and those in
// other units are those in units; for powers of two bit by bit.
func TestNoScaleEnters(t *testing.T) {
	const steps = 5
	plain := iterates(t, scaled{1, 1}, &optim.LBFGS{}, steps)
	end := plain[steps-1]
	assert.InDelta(t, 1.25, end[0], 1e-3, "the slope of the regression line")
	assert.InDelta(t, -1.0/3, end[1], 1e-3)
	for _, e := range []int{-900, -500, -60, -1, 1, 60, 500, 900} {
		assert.Equal(t, plain, iterates(t, scaled{math.Ldexp(1, e), 1}, &optim.LBFGS{}, steps), "loss × 2^%d", e)
	}
	for _, c := range []float64{1e-280, 1e-18, 1e160, 1e290, 1e305} {
		for k, w := range iterates(t, scaled{c, 1}, &optim.LBFGS{}, steps) {
			assert.InDeltaSlice(t, plain[k], w, 1e-9, "loss × %v, step %d", c, k)
		}
	}
	for _, e := range []int{-400, -60, 60, 400} {
		for k, w := range iterates(t, scaled{1, math.Ldexp(1, e)}, &optim.LBFGS{}, steps) {
			for i, x := range w {
				assert.Equal(t, plain[k][i], math.Ldexp(x, e), "units of 2^%d, step %d", e, k)
			}
		}
	}
	// The control: the gradient of another loss gives other iterates.
	assert.NotEqual(t, plain, iterates(t, scaled{1, 1.5}, &optim.LBFGS{}, steps))

	for _, c := range []float64{1e-18, 1, 1e160} {
		r, err := optim.Minimize(context.Background(), scaled{c, 1}, line(t), &optim.LBFGS{}, &optim.Settings{Steps: 100})
		require.NoError(t, err, "loss × %v", c)
		assert.InDelta(t, 1.0/72, r.Loss/c, 1e-9, "the residual of the regression line, 1/24 in all")
	}
}

// TestNoScaleEntersCompiled is the same on the library's own objective, whose loss has a weight, and
// under Projected.
func TestNoScaleEntersCompiled(t *testing.T) {
	x, y := mat.NewDense(3, 1, []float64{1, 2, 3}), mat.NewDense(3, 1, []float64{1, 2, 3.5})
	for _, c := range []float64{1e-200, 1e-18, 1, 1e160, 1e290} {
		for name, m := range map[string]optim.Method{"plain": &optim.LBFGS{}, "projected": optim.Projected(&optim.LBFGS{}, zeros{})} {
			w := line(t)
			p, err := graph.Compile(w.Quiver(), graph.Loss("y", graph.MSE, c))
			require.NoError(t, err)
			_, err = optim.Minimize(context.Background(), p.Problem([]*mat.Dense{x}, []*mat.Dense{y}), w, m, &optim.Settings{Steps: 50})
			require.NoError(t, err, "%s, loss × %v", name, c)
			assert.InDelta(t, 1.25, w.Arrow("x->y").At(0, 0), 1e-6, "%s, loss × %v", name, c)
			assert.InDelta(t, -1.0/3, w.Arrow("one->y").At(0, 0), 1e-6)
		}
	}
}

// exposure is a Poisson-like regression: rates exp(w·area + b), compiled.
func exposure(t *testing.T, opts ...graph.Option) (*quiver.Rep, *graph.Problem) {
	t.Helper()
	q, err := quiver.New(quiver.Input("area", 1), quiver.Bias("one"), quiver.Output("rate", 1, layers.Pointwise(layers.Exp)),
		quiver.Connect("area", "rate"), quiver.Connect("one", "rate"))
	require.NoError(t, err)
	p, err := graph.Compile(q, append(opts, graph.Loss("rate", graph.MSE, 1))...)
	require.NoError(t, err)
	x := mat.NewDense(6, 1, []float64{50, 80, 120, 200, 400, 900})
	y := mat.NewDense(6, 1, []float64{1, 1.2, 1.5, 2.2, 4, 12})
	return quiver.Zero(q), p.Problem([]*mat.Dense{x}, []*mat.Dense{y})
}

// TestTooLongAStep: a trial point at which the loss is no number is a step too long, whichever way
// the objective says so.
func TestTooLongAStep(t *testing.T) {
	w, o := exposure(t)
	g := w.Like()
	start, err := o.LossGrad(g, w)
	require.NoError(t, err)
	assert.InDelta(t, 21.955, start, 1e-12)
	r, err := optim.Minimize(context.Background(), o, w, &optim.LBFGS{}, &optim.Settings{Steps: 200})
	require.NoError(t, err)
	assert.InDelta(t, 0.1121250075067987, r.Loss, 1e-9, "the least squares, by Gauss-Newton")
	assert.InDelta(t, 0.0025185709220813418, w.Arrow("area->rate").At(0, 0), 1e-6)
	last := math.Inf(1)
	for _, p := range r.Trace {
		assert.Less(t, p.Loss, last)
		last = p.Loss
	}

	for name, far := range map[string]func() (float64, error){
		"+Inf":              func() (float64, error) { return math.Inf(1), nil },
		"-Inf":              func() (float64, error) { return math.Inf(-1), nil },
		"NaN":               func() (float64, error) { return math.NaN(), nil },
		"graph's error":     func() (float64, error) { return 0, &graph.NonFiniteError{Where: `vertex "y"`} },
		"wrapped":           func() (float64, error) { return 0, fmt.Errorf("batch 7: %w", &graph.NonFiniteError{}) },
		"quiver's error":    func() (float64, error) { return 0, &quiver.NonFiniteError{Where: `arrow "x->y"`} },
		"an error of a own": func() (float64, error) { return 0, overflown{true} },
	} {
		w := line(t)
		o := &walled{far: far}
		r, err := optim.Minimize(context.Background(), o, w, &optim.LBFGS{}, &optim.Settings{Steps: 60})
		require.NoError(t, err, name)
		assert.Positive(t, o.met, "%s: the wall is met", name)
		assert.Less(t, r.Loss, -0.98, name)
	}
	// The control: any other error ends the run, at the point before.
	for _, other := range []error{errBoom, overflown{false}} {
		w := line(t)
		_, err := optim.Minimize(context.Background(), &walled{far: func() (float64, error) { return 0, other }}, w, &optim.LBFGS{}, nil)
		require.ErrorIs(t, err, other)
	}
	// No point but the start gives a number: an error that says what the objective said.
	w = line(t)
	r, err = optim.Minimize(context.Background(), &walled{far: func() (float64, error) { return 0, overflown{true} }, island: true}, w, &optim.LBFGS{}, nil)
	var de *optim.DivergedError
	var se *optim.SearchError
	require.ErrorAs(t, err, &de)
	require.ErrorAs(t, err, &se)
	require.ErrorIs(t, err, overflown{true})
	assert.Equal(t, 30, se.Evaluations)
	for _, number := range []float64{math.NaN(), math.Inf(1)} {
		_, err = optim.Minimize(context.Background(), &walled{far: func() (float64, error) { return number, nil }, island: true}, line(t), &optim.LBFGS{}, nil)
		require.ErrorAs(t, err, &de)
	}
	assert.Equal(t, optim.Failed, r.Reason)
	assert.Equal(t, []float64{0, 0}, w.Data())
}

type overflown struct{ yes bool }

func (overflown) Error() string     { return "overflown" }
func (o overflown) NonFinite() bool { return o.yes }

// walled falls to −1 at w₀ = 0.01, just before a wall behind which there are no numbers. An island
// has numbers at its start alone.
type walled struct {
	far    func() (float64, error)
	met    int
	island bool
}

func (o *walled) LossGrad(grad, w *quiver.Rep) (float64, error) {
	x, g := w.Data(), grad.Data()
	if x[0] > 0.0101 || o.island && x[0] != 0 {
		o.met++
		return o.far()
	}
	u := 100*x[0] - 1
	g[0], g[1] = 400*u*u*u, 2*x[1]
	return 1000*(u*u*u*u) - 1 + x[1]*x[1] - 999*u*u*u*u, nil
}
