package optim

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/quivernet/quivernet/quiver"
)

var (
	_ Stateful = (*LBFGS)(nil)
	_ Searcher = (*LBFGS)(nil)
)

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
}

func (e *SearchError) Error() string {
	return fmt.Sprintf("optim: LBFGS: no smaller loss than %v in %d evaluations, the gradient's length is %v; the weights are as good as rounding allows, or the gradient is wrong", e.Loss, e.Evaluations, e.GradNorm)
}

// ObjectiveError reports Step on a method that needs to evaluate the loss.
type ObjectiveError struct{ Method string }

func (e *ObjectiveError) Error() string {
	return fmt.Sprintf("optim: %s: a line search evaluates the loss; use Minimize, or call Search instead of Step", e.Method)
}

// LBFGS is the limited-memory method of Broyden, Fletcher, Goldfarb and Shanno (Nocedal 1980)
// with a line search that looks at losses alone: the step is halved until the loss falls by
// a fraction Armijo of what the gradient promises. A pair (s, y) with too small a
// product ⟨s, y⟩ is left out, so that the direction always descends.
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

	core
	s, y         []*quiver.Rep // oldest first
	rho, alpha   []float64     // 1/⟨s, y⟩, scratch
	d, w0, g0, g *quiver.Rep
}

// Traits says that the step is made of inner products.
func (m *LBFGS) Traits() Traits {
	return Traits{Rotates: true, Pads: true, Isotropic: true, Global: true, Weights: m.Decay != 0, Decay: decayKind(m.Decay, false)}
}

// Step returns an *ObjectiveError: the method needs the loss.
func (m *LBFGS) Step(_, _ *quiver.Rep) error { return &ObjectiveError{"LBFGS"} }

func (m *LBFGS) settings() (common, error) {
	if m.Memory < 0 {
		return common{}, &SettingError{"LBFGS", "Memory", float64(m.Memory), "0 or more"}
	}
	if m.Trials < 0 {
		return common{}, &SettingError{"LBFGS", "Trials", float64(m.Trials), "0 or more"}
	}
	if a := orElse(m.Armijo, 1e-4); !(a > 0 && a < 1) {
		return common{}, &SettingError{"LBFGS", "Armijo", a, "a number between 0 and 1"}
	}
	return common{name: "LBFGS", fallback: 1, decay: m.Decay}, nil
}

// Search moves w along the quasi-Newton direction. It returns a *SearchError where no smaller
// loss is found, and the errors of Step and of the objective.
func (m *LBFGS) Search(ctx context.Context, o Objective, w, grad *quiver.Rep, loss float64) (float64, error) {
	s, err := m.settings()
	if err != nil {
		return loss, err
	}
	if _, err := m.check(s, w, grad); err != nil {
		return loss, err
	}
	for _, r := range []**quiver.Rep{&m.d, &m.w0, &m.g0, &m.g} {
		like(r, w)
	}
	m.w0.CopyFrom(w)
	total := m.decayed(m.g0, w, grad, loss)
	if m.g0.Norm() == 0 {
		m.step++
		return loss, nil
	}
	for tried := 0; ; {
		slope := m.direction()
		next, n, err := m.descend(ctx, o, w, grad, total, slope)
		tried += n
		if err == nil {
			m.step++
			m.remember(w)
			return next, nil
		}
		w.CopyFrom(m.w0)
		var failed *SearchError
		switch {
		case !errors.As(err, &failed):
			return loss, err
		case len(m.s) == 0:
			return loss, &SearchError{loss, m.g0.Norm(), tried}
		}
		m.s, m.y = nil, nil // once more, along the gradient
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

// direction sets d to −Hg by the two-loop recursion and returns the slope ⟨d, g⟩ < 0.
func (m *LBFGS) direction() (slope float64) {
	m.d.CopyFrom(m.g0)
	k := len(m.s)
	m.alpha, m.rho = append(m.alpha[:0], make([]float64, k)...), append(m.rho[:0], make([]float64, k)...)
	for i := k - 1; i >= 0; i-- {
		m.rho[i] = 1 / m.s[i].Dot(m.y[i])
		m.alpha[i] = m.rho[i] * m.s[i].Dot(m.d)
		m.d.AddScaled(-m.alpha[i], m.y[i])
	}
	if k > 0 {
		y := m.y[k-1]
		m.d.Scale(1 / (m.rho[k-1] * y.Dot(y)))
	}
	for i := range k {
		m.d.AddScaled(m.alpha[i]-m.rho[i]*m.y[i].Dot(m.d), m.s[i])
	}
	m.d.Scale(-1)
	if slope = m.d.Dot(m.g0); !(slope < 0) || math.IsInf(slope, 0) { // rounding: forget the pairs
		m.s, m.y = nil, nil
		m.d.CopyFrom(m.g0)
		m.d.Scale(-1)
		slope = m.d.Dot(m.g0)
	}
	return slope
}

// descend tries steps of decreasing length. It leaves w, grad and, with the decay, m.g at the
// one that it takes, and returns the loss there and the number of evaluations.
func (m *LBFGS) descend(ctx context.Context, o Objective, w, grad *quiver.Rep, total, slope float64) (float64, int, error) {
	trials, c := orElse(m.Trials, 30), orElse(m.Armijo, 1e-4)
	t := 1.0
	if len(m.s) == 0 {
		t = min(1, 1/m.d.Norm())
	}
	for k := 1; k <= trials; k, t = k+1, t/2 {
		if err := ctx.Err(); err != nil {
			return 0, k, err
		}
		w.CopyFrom(m.w0)
		w.AddScaled(t, m.d)
		if !finite(w.Data()) {
			continue
		}
		next, err := o.LossGrad(grad, w)
		if err != nil {
			return 0, k, fmt.Errorf("optim: LBFGS: %w", err)
		}
		if there := m.decayed(m.g, w, grad, next); there <= total+c*t*slope && there < total && finite(grad.Data()) {
			return next, k, nil
		}
	}
	return 0, trials, &SearchError{}
}

// remember keeps the pair of the last step.
func (m *LBFGS) remember(w *quiver.Rep) {
	keep := orElse(m.Memory, 10)
	var s, y *quiver.Rep
	if len(m.s) >= keep { // the oldest pair's room
		s, y = m.s[0], m.y[0]
		m.s, m.y = append(m.s[:0], m.s[1:]...), append(m.y[:0], m.y[1:]...)
	} else {
		s, y = w.Like(), w.Like()
	}
	s.CopyFrom(w)
	s.AddScaled(-1, m.w0)
	y.CopyFrom(m.g)
	y.AddScaled(-1, m.g0)
	if sy := s.Dot(y); sy > 1e-10*s.Norm()*y.Norm() {
		m.s, m.y = append(m.s, s), append(m.y, y)
	}
}

// Snapshot returns the pairs, oldest first, as s0, y0, s1, y1, …
func (m *LBFGS) Snapshot() State {
	st := State{Step: m.step, Reps: make(map[string]*quiver.Rep), Scalars: map[string]float64{"pairs": float64(len(m.s))}}
	for i := range m.s {
		st.Reps[fmt.Sprint("s", i)], st.Reps[fmt.Sprint("y", i)] = m.s[i].Clone(), m.y[i].Clone()
	}
	return st
}

// Restore sets the pairs.
func (m *LBFGS) Restore(st State) error {
	n := st.Scalars["pairs"]
	if !(n >= 0) || n != math.Trunc(n) || 2*n != float64(len(st.Reps)) {
		return &StateError{"LBFGS", fmt.Sprintf("the state has %v pairs in %d representations; restore it into the method that made it", n, len(st.Reps))}
	}
	s, y, mem := make([]*quiver.Rep, int(n)), make([]*quiver.Rep, int(n)), make(memory)
	for i := range s {
		mem[fmt.Sprint("s", i)], mem[fmt.Sprint("y", i)] = &s[i], &y[i]
	}
	c := m.core
	if err := restore("LBFGS", &c, mem, st); err != nil {
		return err
	}
	m.core, m.s, m.y = c, s, y
	return nil
}
