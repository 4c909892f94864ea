package stitch

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/assign"
	"github.com/quivernet/quivernet/quiver"
)

// Learner gives a loss and its gradient for all weights: *graph.Program, for one.
type Learner interface {
	LossGrad(grad, w *quiver.Rep, xs, ys []*mat.Dense) (float64, error)
}

// Batch returns the data of a step, counted from 0.
type Batch func(step int) (xs, ys []*mat.Dense)

// Settings of Train. Zero values stand for the usual constants.
type Settings struct {
	Steps    int     // 0 means 200
	Rate     float64 // of gradient descent; 0 means 0.1
	Momentum float64 // 0 ≤ … < 1
	Alpha    float64 // the weight of −‖U‖, which pulls U towards permutations; 0 means 0.1, less than 0 none
	Sinkhorn int     // iterations after each step; 0 means 16
	Settle   int     // further steps of PositiveMonomial after U was rounded, in which s alone moves

	// Source starts U of a permutation class uniform at random, as the authors do; without it the
	// map that the network carries is the start.
	Source rand.Source
}

// DivergedError reports a loss that is not finite.
type DivergedError struct {
	Step int
	Loss float64
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("stitch: the loss is %v at step %d; lower the rate", e.Loss, e.Step)
}

// Train trains the map of a stitched network (Network) within a class by gradient descent on the
// loss of the learner, and returns the network with the last map; the one given is not changed.
//
//   - Permutation and PositiveMonomial (arXiv 2205.14258, after the authors' code; square maps):
//     M = U·diag(s) with U in the Birkhoff polytope, the loss less α‖U‖. After each step
//     U ← Sinkhorn(max(U, 0)) and s ← max(s, 0); s moves in the second half of the steps only,
//     and for Permutation never. In the end U is rounded to the permutation
//     that maximises Σ U[i,π(i)], so that the map is in the class. Settle is not theirs.
//   - Orthogonal: the polar factor after each step. Linear: no constraint.
//
// It is a local search. Errors: *FeatureError for other classes and bad settings, *DivergedError,
// those of the learner.
func Train(class Class, w *quiver.Rep, l Learner, batch Batch, s Settings) (*quiver.Rep, error) {
	if err := w.Fits(w); err != nil {
		return nil, err
	}
	if s.Steps == 0 {
		s.Steps = 200
	}
	if s.Rate == 0 {
		s.Rate = 0.1
	}
	if s.Alpha == 0 {
		s.Alpha = 0.1
	}
	if s.Sinkhorn == 0 {
		s.Sinkhorn = 16
	}
	if _, ok := w.Lookup(Arrow); !ok {
		return nil, &FeatureError{"Train", fmt.Sprintf("the network has no arrow %q; make it with Network", Arrow)}
	}
	if l == nil || batch == nil {
		return nil, &FeatureError{"Train", "no learner, or no batches"}
	}
	w = w.Clone()
	m := w.Arrow(Arrow)
	r, c := m.Dims()
	switch {
	case s.Steps < 0 || s.Settle < 0 || !(s.Rate > 0) || math.IsInf(s.Rate, 1) || !(s.Momentum >= 0 && s.Momentum < 1) || s.Sinkhorn < 0 || math.IsNaN(s.Alpha):
		return nil, &FeatureError{"Train", fmt.Sprintf("steps %d, rate %v, momentum %v, alpha %v, sinkhorn %d; want steps ≥ 0, rate > 0, 0 ≤ momentum < 1", s.Steps, s.Rate, s.Momentum, s.Alpha, s.Sinkhorn)}
	case class != Permutation && class != PositiveMonomial && class != Orthogonal && class != Linear:
		return nil, &FeatureError{"Train", fmt.Sprintf("no training for %s maps; Fit has them", class)}
	case (class == Permutation || class == PositiveMonomial) && r != c:
		return nil, &FeatureError{"Train", fmt.Sprintf("the map is %d×%d; %s maps are trained between as many channels", r, c, class)}
	}
	t := &trainer{w: w, m: m, grad: w.Like(), learner: l, batch: batch, Settings: s}
	switch class {
	case Permutation, PositiveMonomial:
		return w, t.birkhoff(class)
	}
	return w, t.plain(class)
}

type trainer struct {
	w       *quiver.Rep
	m       *mat.Dense // a view of the map
	grad    *quiver.Rep
	learner Learner
	batch   Batch
	Settings
}

// slope stores the gradient of the loss in the map.
func (t *trainer) slope(step int) (*mat.Dense, error) {
	xs, ys := t.batch(step)
	loss, err := t.learner.LossGrad(t.grad, t.w, xs, ys)
	if err != nil {
		return nil, err
	}
	g := t.grad.Arrow(Arrow)
	if math.IsNaN(loss) || math.IsInf(loss, 0) || math.IsNaN(mat.Sum(g)) {
		return nil, &DivergedError{step, loss}
	}
	return g, nil
}

// descend is one step of gradient descent with momentum: v ← μv + g, x ← x − ηv.
func (t *trainer) descend(x, v, g []float64) {
	for i := range x {
		v[i] = t.Momentum*v[i] + g[i]
		x[i] -= t.Rate * v[i]
	}
}

func (t *trainer) plain(class Class) error {
	r, c := t.m.Dims()
	v, x := make([]float64, r*c), mat.DenseCopyOf(t.m)
	for step := range t.Steps {
		g, err := t.slope(step)
		if err != nil {
			return err
		}
		t.descend(x.RawMatrix().Data, v, mat.DenseCopyOf(g).RawMatrix().Data)
		if class == Orthogonal {
			var svd mat.SVD
			var a, b mat.Dense
			if !svd.Factorize(x, mat.SVDThin) {
				return &DivergedError{step, math.NaN()}
			}
			svd.UTo(&a)
			svd.VTo(&b)
			x.Mul(&a, b.T())
		}
		t.m.Copy(x)
	}
	return nil
}

// birkhoff trains M = U·diag(s).
func (t *trainer) birkhoff(class Class) error {
	n, _ := t.m.Dims()
	u, s := t.start(n)
	vu, vs, gs := make([]float64, n*n), make([]float64, n), make([]float64, n)
	gu := mat.NewDense(n, n, nil)
	free := class == PositiveMonomial
	if !free {
		for j := range s {
			s[j] = 1
		}
	}
	for step := range t.Steps + t.Settle {
		if step == t.Steps {
			if err := t.round(u); err != nil {
				return err
			}
			clear(vs)
			if !free {
				break
			}
		}
		t.put(u, s)
		g, err := t.slope(step)
		if err != nil {
			return err
		}
		norm := mat.Norm(u, 2)
		clear(gs)
		for i := range n {
			for j := range n {
				gu.Set(i, j, g.At(i, j)*s[j])
				if t.Alpha > 0 && norm > 0 {
					gu.Set(i, j, gu.At(i, j)-t.Alpha*u.At(i, j)/norm)
				}
				gs[j] += g.At(i, j) * u.At(i, j)
			}
		}
		if step < t.Steps {
			t.descend(u.RawMatrix().Data, vu, gu.RawMatrix().Data)
			u.Apply(func(_, _ int, x float64) float64 { return max(x, 0) }, u)
			Sinkhorn(u, t.Sinkhorn)
		}
		if free && step >= t.Steps/2 {
			t.descend(s, vs, gs)
			for j := range s {
				s[j] = max(s[j], 0)
			}
		}
	}
	if t.Settle == 0 {
		if err := t.round(u); err != nil {
			return err
		}
	}
	t.put(u, s)
	return nil
}

// round replaces U by the permutation that maximises Σ U[i,π(i)].
func (t *trainer) round(u *mat.Dense) error {
	n, _ := u.Dims()
	cost := make([]float64, 0, n*n)
	for i := range n {
		for _, x := range u.RawRowView(i) {
			cost = append(cost, -x)
		}
	}
	best, ok := assign.Min(cost, n, n)
	if !ok {
		return &DivergedError{t.Steps, math.NaN()}
	}
	u.Zero()
	for i, j := range best.To {
		u.Set(i, j, 1)
	}
	return nil
}

// start returns U and s: from the map that is there, half way to the middle of the
// polytope, or at random.
func (t *trainer) start(n int) (*mat.Dense, []float64) {
	u, s := mat.NewDense(n, n, nil), make([]float64, n)
	for j := range s {
		s[j] = 1
	}
	if t.Source != nil {
		rng := rand.New(t.Source)
		u.Apply(func(_, _ int, _ float64) float64 { return rng.Float64() }, u)
		Sinkhorn(u, 100)
		return u, s
	}
	for j := range n {
		if x := mat.Max(t.m.ColView(j)); x > 0 {
			s[j] = x
		}
	}
	u.Apply(func(i, j int, _ float64) float64 { return max(t.m.At(i, j), 0)/s[j]/2 + 0.5/float64(n) }, u)
	Sinkhorn(u, 100)
	return u, s
}

// put stores U·diag(s) in the network.
func (t *trainer) put(u *mat.Dense, s []float64) {
	t.m.Apply(func(i, j int, _ float64) float64 { return u.At(i, j) * s[j] }, t.m)
}
