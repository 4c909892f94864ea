package optim_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// bowls is ½ Σ cᵢ(wᵢ − aᵢ)²: each entry has a loss of its own. Where cᵢ is 0 it has none. The constant
// keeps the loss away from 0, and with it the first step of a line search.
type bowls struct{ c, a []float64 }

func (o bowls) LossGrad(grad, w *quiver.Rep) (loss float64, err error) {
	for i, x := range w.Data() {
		d := x - o.a[i]
		grad.Data()[i] = o.c[i] * d
		loss += o.c[i] * d * d / 2
	}
	return loss + 10, nil
}

// reflected is an objective in other coordinates: its value at w is that of the other at Rw, with R = 1 − 2uuᵀ.
type reflected struct {
	optim.Objective
	u []float64
}

func (o reflected) turn(w *quiver.Rep) *quiver.Rep {
	out := w.Clone()
	s := 0.0
	for i, x := range w.Data() {
		s += o.u[i] * x
	}
	for i, u := range o.u {
		out.Data()[i] -= 2 * s * u
	}
	return out
}

func (o reflected) LossGrad(grad, w *quiver.Rep) (float64, error) {
	loss, err := o.Objective.LossGrad(grad, o.turn(w))
	grad.CopyFrom(o.turn(grad))
	return loss, err
}

// matrices are random weights of a network of two matrices n×m and m×n, and random bowls on them.
func matrices(t *testing.T, n, m int) (*quiver.Rep, bowls) {
	t.Helper()
	q, err := quiver.New(quiver.Input("x", n), quiver.Hidden("h", m, quiver.Identity), quiver.Output("y", n, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(uint64(n), uint64(m)))
	w := quiver.Zero(q)
	o := bowls{make([]float64, len(w.Data())), make([]float64, len(w.Data()))}
	for i := range w.Data() {
		w.Data()[i], o.c[i], o.a[i] = r.NormFloat64(), 0.5+r.Float64(), 3*r.NormFloat64()
	}
	return w, o
}

// afterFive returns the weights after five steps.
func afterFive(t *testing.T, o optim.Objective, w *quiver.Rep, m optim.Method) *quiver.Rep {
	t.Helper()
	w = w.Clone()
	require.NoError(t, minimizeOn(o, w, m, 5))
	return w
}

// TestTraitsByTrial measures what each method declares of itself. A trait that is declared must hold, one that is not
// must have a counterexample.
func TestTraitsByTrial(t *testing.T) {
	for name, m := range forms0() {
		is := traits(m())
		w, o := matrices(t, 3, 4)
		plain := afterFive(t, o, w, m())
		require.Greater(t, distance(plain, w), 1e-4, name)

		// One entry pulls elsewhere: who else hears of it?
		bent := bowls{o.c, append([]float64(nil), o.a...)}
		bent.a[5] = 2.5*w.Data()[5] - 1.5*bent.a[5]
		other := afterFive(t, bent, w, m())
		assert.NotEqual(t, plain.Data()[5], other.Data()[5])
		alone := true
		for i := range plain.Data() {
			alone = alone && (i == 5 || plain.Data()[i] == other.Data()[i])
		}
		assert.Equal(t, is.Entrywise, alone, "%s: Entrywise", name)
		assert.Equal(t, is.Global, !alone, "%s: Global", name)
		still := bowls{append([]float64(nil), o.c...), o.a}
		still.c[5] = 0
		if is.Entrywise {
			assert.Equal(t, w.Data()[5], afterFive(t, still, w, m()).Data()[5], "%s: an entry without a gradient stays", name)
		}

		// The same in a larger network whose further rows and columns have no gradient.
		large, pad := matrices(t, 5, 6)
		clear(pad.c)
		at := make([]int, len(w.Data())) // where the entries of the small network stand in the large one
		for i := range at[:12] {         // 4×3 in 6×5
			at[i] = i/3*5 + i%3
		}
		for i := range at[12:] { // 3×4 in 5×6
			at[12+i] = 30 + i/4*6 + i%4
		}
		for i, k := range at {
			large.Data()[k], pad.c[k], pad.a[k] = w.Data()[i], o.c[i], o.a[i]
		}
		padded := afterFive(t, pad, large, m())
		gap, moved := 0.0, 0.0
		for i, k := range at {
			gap = max(gap, math.Abs(padded.Data()[k]-plain.Data()[i]))
			padded.Data()[k] = large.Data()[k]
		}
		moved = distance(padded, large)
		assert.Equal(t, is.Pads, gap <= 1e-10 && moved == 0, "%s: Pads, gap %v, moved %v", name, gap, moved)

		// The same in coordinates that mix all entries.
		r := rand.New(rand.NewPCG(7, 8))
		turned := reflected{o, make([]float64, len(w.Data()))}
		length := 0.0
		for i := range turned.u {
			turned.u[i] = r.NormFloat64()
			length += turned.u[i] * turned.u[i]
		}
		for i := range turned.u {
			turned.u[i] /= math.Sqrt(length)
		}
		gap = distance(turned.turn(afterFive(t, turned, turned.turn(w), m())), plain)
		assert.Equal(t, is.Isotropic, gap <= 1e-10, "%s: Isotropic, gap %v", name, gap)
		assert.True(t, gap <= 1e-10 || gap >= 1e-4, "%s: Isotropic, gap %v", name, gap)

		// The same with the origin elsewhere: do the sizes of the weights enter?
		away := bowls{o.c, append([]float64(nil), o.a...)}
		shift := w.Clone()
		for i := range away.a {
			shift.Data()[i] = 10 * r.NormFloat64()
			away.a[i] += shift.Data()[i]
		}
		start := w.Clone()
		start.AddScaled(1, shift)
		far := afterFive(t, away, start, m())
		far.AddScaled(-1, shift)
		assert.Equal(t, is.Weights, distance(far, plain) > 1e-10, "%s: Weights, gap %v", name, distance(far, plain))
	}
}

// forms0 are all methods without a decay that could be seen.
func forms0() map[string]func() optim.Stateful {
	out := make(map[string]func() optim.Stateful)
	for name, m := range catalogued() {
		kinds := decaying(m, 5e-324)
		if out[name] = kinds[optim.NoDecay]; out[name] == nil {
			out[name] = kinds[optim.Decoupled]
		}
	}
	return out
}

// TestDecayByTrial: a decay is of the kind that Traits say. In the gradient it is that of a loss with λ‖w‖²/2 more;
// decoupled it is a factor 1−ηλ on the weights beside a step that does not see it.
func TestDecayByTrial(t *testing.T) {
	const lambda = 0.25
	for name, m := range catalogued() {
		w, o := matrices(t, 3, 4)
		none := forms0()[name]
		for kind, form := range decaying(m, lambda) {
			got := afterFive(t, o, w, form())
			want := w.Clone()
			switch kind {
			case optim.NoDecay:
				want = afterFive(t, o, w, none())
			case optim.L2:
				want = afterFive(t, penalized{o, lambda}, w, none())
			case optim.Decoupled:
				step, g := none(), w.Like()
				for range 5 {
					_, err := o.LossGrad(g, want)
					require.NoError(t, err)
					want.Scale(1 - rate(name)*lambda)
					require.NoError(t, step.Step(want, g))
				}
			}
			assert.LessOrEqual(t, distance(got, want), 1e-12, "%s: %v", name, kind)
			if kind != optim.NoDecay {
				assert.GreaterOrEqual(t, distance(got, afterFive(t, o, w, none())), 1e-5, "%s: %v is seen", name, kind)
			}
		}
	}
}

// penalized is a loss with λ‖w‖²/2.
type penalized struct {
	optim.Objective
	lambda float64
}

func (o penalized) LossGrad(grad, w *quiver.Rep) (float64, error) {
	loss, err := o.Objective.LossGrad(grad, w)
	grad.AddScaled(o.lambda, w)
	return loss + o.lambda/2*w.Dot(w), err
}

// rate is the default of a method's Rate.
func rate(name string) float64 {
	for _, e := range optim.Catalogue() {
		for _, s := range e.Settings {
			if e.Name == name && s.Field == "Rate" {
				return s.Default
			}
		}
	}
	return 0
}
