package optim

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/quivernet/quivernet/quiver"
)

var _ Searcher = (*LBFGS)(nil)

// Searcher is a method that evaluates the objective at points of its own choice. Search moves
// w by one step; on entry grad and loss are those of w, on return grad is the gradient at
// the new w and the loss there is returned. When it fails, or finds nothing better, w is
// where it was. Minimize uses Search instead of Step where a method has it.
type Searcher interface {
	Method
	Search(ctx context.Context, o Objective, w, grad *quiver.Rep, loss float64) (float64, error)
}

// SearchError reports a line search that found no smaller loss, even along the gradient: w is as
// good as the precision of the loss allows, or the gradient is not that of the loss.
type SearchError struct {
	Loss, GradNorm float64
	Evaluations    int
	Err            error // where no evaluation gave a number, what the objective said of the last one
}

func (e *SearchError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("optim: LBFGS: the loss is %v, and at none of %d trial points, down to the weights themselves, is it a number: %v; check what changes between evaluations", e.Loss, e.Evaluations, e.Err)
	}
	return fmt.Sprintf("optim: LBFGS: no smaller loss than %v in %d evaluations, the gradient's length is %v; the weights are as good as rounding allows, or the gradient is wrong", e.Loss, e.Evaluations, e.GradNorm)
}

// Unwrap returns Err.
func (e *SearchError) Unwrap() error { return e.Err }

// ObjectiveError reports Step on a method that needs to evaluate the loss.
type ObjectiveError struct{ Method string }

func (e *ObjectiveError) Error() string {
	return fmt.Sprintf("optim: %s: a line search evaluates the loss; use Minimize, or call Search instead of Step", e.Method)
}

// LBFGS is the limited-memory method of Broyden, Fletcher, Goldfarb and Shanno (Nocedal 1980)
// with a line search that looks at losses alone: the step is halved, after ten times faster and
// faster, until the loss falls by a fraction Armijo of what the gradient promises. A point at which the
// loss, its gradient or the weights are not finite is a step too long; so is one at which the
// objective returns an error with NonFinite. A pair (s, y) with too small a product ⟨s, y⟩ is left
// out, so that the direction always descends.
//
// No scale enters: the first step promises a tenth of the loss, −g·|L|/(10‖g‖²), and pairs are kept
// as directions with an exponent. So for c·L in place of L the iterates are the same, for c a
// power of two bit by bit, and a change of the units of the weights or the data changes the
// units of the iterates, as long as loss and gradient are numbers.
//
// It is made of inner products over the whole slab, so it commutes with rotations, and
// projected training equals reduced training because Projected hides what it masks from
// the pairs too. Rounding decides between steps of the search sooner or later: the
// equalities are good for some ten steps. A decay is a term of the loss here, λ‖w‖²/2, and
// its products see weights that the reduced network does not have: Projected refuses it.
type LBFGS struct {
	Memory int     // pairs kept; 0 means 10
	Decay  float64 // λ: λ‖w‖²/2 is added to the loss that is minimized, not to the one reported
	Armijo float64 // 0 means 1e-4
	Trials int     // evaluations in one search at most; 0 means 30

	memory
	pairs        []secant  // oldest first
	alpha        []float64 // scratch
	reach        float64   // the length of the last step
	d, w0, g0, g *quiver.Rep
}

var lbfgs = record{
	name: "LBFGS", make: func() Stateful { return new(LBFGS) }, rate: 1,
	own:    []setting{{"Memory", 10, &counts}, {"Armijo", 1e-4, &fraction}, {"Trials", 30, &counts}},
	traits: Traits{Rotates: true, Pads: true, Isotropic: true, Global: true},
}

func (m *LBFGS) values() values {
	exist(m, lbfgs.name)
	return values{record: &lbfgs, decay: m.Decay, own: [4]float64{float64(m.Memory), m.Armijo, float64(m.Trials)}}
}

// Traits says that the step is made of inner products.
func (m *LBFGS) Traits() Traits { return m.values().traits() }

// Step returns an *ObjectiveError: the method needs the loss.
func (m *LBFGS) Step(_, _ *quiver.Rep) error { return &ObjectiveError{lbfgs.name} }

// Search moves w along the quasi-Newton direction. It returns a *SearchError where no smaller
// loss is found, and the errors of Step and of the objective.
func (m *LBFGS) Search(ctx context.Context, o Objective, w, grad *quiver.Rep, loss float64) (float64, error) {
	s := m.values()
	s.fill()
	if err := checkRun(s.name, ctx, o); err != nil {
		return loss, err
	}
	if err := m.check(&s, w, grad); err != nil {
		return loss, err
	}
	if err := m.finiteGrad(&s, w, grad); err != nil {
		return loss, err
	}
	if !anyNumber.has(loss) {
		return loss, &SettingError{s.name, "the loss", loss, anyNumber.want}
	}
	for _, r := range []**quiver.Rep{&m.d, &m.w0, &m.g0, &m.g} {
		like(r, w)
	}
	m.w0.CopyFrom(w)
	total := m.decayed(m.g0, w, grad, loss)
	if !finite(m.g0.Data()) {
		number := func(d, _ float64) bool { return math.Abs(d) <= math.MaxFloat64 }
		return loss, m.entries(&s, w, grad, nil, number, "decay in the gradient")
	}
	norm := m.g0.Norm()
	unit, zero := normalize(m.g0)
	if zero {
		m.step++
		return loss, nil
	}
	for tried := 0; ; {
		slope := m.direction(total, unit)
		next, n, err := m.descend(ctx, &s, o, w, grad, total, slope, unit)
		tried += n
		if err == nil {
			m.step++
			m.remember(w, unit, s.count(0))
			return next, nil
		}
		w.CopyFrom(m.w0)
		var failed *SearchError
		switch {
		case !errors.As(err, &failed):
			return loss, err
		case len(m.pairs) == 0:
			return loss, &SearchError{loss, norm, tried, failed.Err}
		}
		m.pairs = nil // once more, along the gradient
	}
}

// decayed sets g to the gradient with the decay and returns the loss with it.
func (m *LBFGS) decayed(g, w, grad *quiver.Rep, loss float64) float64 {
	g.CopyFrom(grad)
	if m.Decay == 0 {
		return loss
	}
	g.AddScaled(m.Decay, w)
	return loss + m.Decay/2*w.Dot(w)
}

// descend tries steps of decreasing length. It leaves w, grad and, with the decay, m.g at the
// one that it takes, and returns the loss there, total where it takes none, and the number of
// evaluations. The slope is in units of 2^unit.
func (m *LBFGS) descend(ctx context.Context, s *values, o Objective, w, grad *quiver.Rep, total, slope float64, unit int) (float64, int, error) {
	armijo, trials := s.own[1], s.count(2)
	var bad error
	number := false // some trial gave one
	for k, exponent := 1, 0; k <= trials; k, exponent = k+1, exponent-1-max(0, k-10) {
		if err := ctx.Err(); err != nil {
			return total, k, err
		}
		t := math.Ldexp(1, exponent)
		if t == 0 { // whatever Trials allows, there is nowhere else to look
			trials = k - 1
			break
		}
		w.CopyFrom(m.w0)
		w.AddScaled(t, m.d)
		if !finite(w.Data()) {
			continue
		}
		next, err := o.LossGrad(grad, w)
		if nonFinite(err) {
			bad = err
			continue
		}
		if err != nil {
			return total, k, fmt.Errorf("optim: LBFGS: %w", err)
		}
		if !anyNumber.has(next) || !finite(grad.Data()) {
			bad = &DivergedError{m.step, next, grad.Norm(), grad.CheckFinite()}
			continue
		}
		number = true
		there := m.decayed(m.g, w, grad, next)
		if there <= total+math.Ldexp(armijo*t*slope, unit) && there < total && finite(m.g.Data()) {
			return next, k, nil
		}
	}
	if number {
		bad = nil
	}
	return total, trials, &SearchError{Err: bad}
}
