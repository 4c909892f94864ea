package verify

import (
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// hessian compares HessianVector in a random direction with differences of LossGrad, by a random combination of each segment, in double
// precision. Where second derivatives do not exist, or cannot be computed, nothing is said.
func (v *verifier) hessian() error {
	const law = "HessianVector = differences of LossGrad"
	p := v.Program
	if v.Model.Dtype == model.Dtype(true) {
		var err error
		if p, err = v.Double(); err != nil {
			return err
		}
	}
	rows := v.chosen()
	xs, ys := batch.Pick(v.xs, rows), batch.Pick(v.ys, rows)
	r, err := newReference(v.w, xs, len(rows))
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(5, 0x4e55))
	u, h, probe := r.direction(rng, func(quiver.Segment) bool { return true }), v.w.Like(), v.w.Like()
	for i := range probe.Data() {
		probe.Data()[i] = rng.NormFloat64()
	}
	if err := p.HessianVector(h, v.w, u, xs, ys); err != nil {
		why := err.Error()
		if order := (*fault.OrderError)(nil); errors.As(err, &order) {
			why = "an activation on the way has no second derivative"
		}
		v.undecided(law, "loss", why)
		return nil
	}
	g := v.w.Like()
	along := func(w *quiver.Rep, xs []*mat.Dense) []float64 {
		_, err := p.LossGrad(g, w, xs, ys)
		out := bySegment(probe, g)
		if err != nil {
			for i := range out {
				out[i] = math.NaN()
			}
		}
		return out
	}
	floor := make([]float64, len(bySegment(probe, h)))
	base := along(v.w, xs)
	for range wobbles {
		w, moved := wobbled(v.w, xs, doubleRounding, rng)
		for i, x := range along(w, moved) {
			if d := math.Abs(x - base[i]); d > floor[i] {
				floor[i] = d
			}
		}
	}
	d := differentiateAbove(floor, true, func(t float64) []float64 {
		w := v.w.Clone()
		w.AddScaled(t, u)
		return along(w, xs)
	})
	want := bySegment(probe, h)
	worst, largest, decided, k := "", -1.0, 0, 0
	for s := range v.w.Segments() {
		gap, n := d.component(k).compare(want[k : k+1])
		if decided += n; gap > largest {
			worst, largest = model.SegmentName(s), gap
		}
		k++
	}
	v.segments(law, decided, k, largest, worst)
	return nil
}

// segments says what follows from the largest gap of so many decided segments among all: a mistake counts
// wherever it is, and that there is none is said where half of them decide.
func (v *verifier) segments(law string, decided, all int, largest float64, worst string) {
	if 2*decided < all && !(largest > hessianAccuracy) {
		v.undecided(law, "loss", "the gradient is not smooth enough for differences")
		return
	}
	v.judge(law, "loss", max(largest, 0), hessianAccuracy, "a second derivative is wrong: of an activation, or of an operation in a custom loss; the gap is largest at "+worst)
}

const hessianAccuracy = 1e-5 // of second derivatives against differences of gradients

// bySegment returns the inner products of the segments.
func bySegment(a, b *quiver.Rep) (dots []float64) {
	at := 0
	for _, data := range a.Segments() {
		dots = append(dots, floats.Dot(data, b.Data()[at:at+len(data)]))
		at += len(data)
	}
	return dots
}

// wobbled returns weights and data of which each number is moved by about eps of itself.
func wobbled(w *quiver.Rep, xs []*mat.Dense, eps float64, rng *rand.Rand) (*quiver.Rep, []*mat.Dense) {
	w = w.Clone()
	for i := range w.Data() {
		w.Data()[i] *= 1 + eps*rng.NormFloat64()
	}
	var moved []*mat.Dense
	for _, x := range xs {
		y := x
		if !x.IsEmpty() {
			y = mat.DenseCopyOf(x)
			y.Apply(func(_, _ int, x float64) float64 { return x * (1 + eps*rng.NormFloat64()) }, y)
		}
		moved = append(moved, y)
	}
	return w, moved
}
