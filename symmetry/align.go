package symmetry

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Alignment is an element g that brings one network near another, with bounds of the best
// possible distance, min_g |g·a − b| in the norm of all matrices.
type Alignment struct {
	Element Element
	Upper   float64 // |g·a − b| for this g
	Lower   float64 // no element does better

	Unsearched string // what the search left out when its context ended, or ""
}

const (
	alignSweeps = 500
	alignStarts = 4    // random ones
	alignWork   = 2e10 // multiplications of the sweeps of one start; the best is then swept on
)

// Aligned looks for the element that brings a nearest to b: rotations, and at pointwise
// vertices permutations with the signs and positive scales of their group. The
// problem is not convex: Upper is what was reached by alternating steps (one polar
// factor, or one linear assignment, per vertex) from several starts, the first of which, the
// matching and the solution of the linear system of SameOrbit, is exact for copies on a's orbit,
// over-wide ones included. Lower is proved: by
// Mirsky's inequality Σ_a |σ(W_a)−σ(V_a)|², and by nuclear norms where one end of an arrow cannot
// turn; arrows at a vertex that can be scaled, or whose group is not searched, add nothing to it. At
// linear vertices and powers of the norm only rotations are looked for, and Lower is theirs. Derived; for permutations the
// alternation is the weight matching of arXiv 2209.04836. Errors: *quiver.LayoutError,
// *quiver.NonFiniteError.
func Aligned(a, b *quiver.Rep) (Alignment, error) { return AlignedContext(context.Background(), a, b) }

// AlignedContext is Aligned with a search that ends when ctx does: Upper is then that of the best
// element found so far, at worst the identity, Lower holds all the same, and Unsearched says what was
// left out. The end of ctx is no error.
func AlignedContext(ctx context.Context, a, b *quiver.Rep) (Alignment, error) {
	if err := network(a, b); err != nil {
		return Alignment{}, err
	}
	p := newPlan(a.Quiver())
	p.ctx = ctx
	return aligned(p, a, b)
}

// AlignedRigid is Aligned among the elements that leave fixed matrices as they are: the ends of
// an identity skip share one factor, those of other fixed arrows stay. It is what averaging
// and the straight line between residual networks need, which have one fixed matrix for both. Fixed
// matrices that differ give a *RigidError.
func AlignedRigid(a, b *quiver.Rep) (Alignment, error) {
	return AlignedRigidContext(context.Background(), a, b)
}

// AlignedRigidContext is AlignedRigid with a search that ends when ctx does, as AlignedContext.
func AlignedRigidContext(ctx context.Context, a, b *quiver.Rep) (Alignment, error) {
	if err := network(a, b); err != nil {
		return Alignment{}, err
	}
	if err := a.Fits(b); err != nil {
		return Alignment{Upper: math.Inf(1)}, err
	}
	if name := otherFixed(a, b); name != "" {
		return Alignment{Upper: math.Inf(1)}, &RigidError{Arrow: name}
	}
	p := rigid(b)
	p.ctx = ctx
	return aligned(p, a, b)
}

// RigidError reports a fixed arrow with different matrices in two networks.
type RigidError struct{ Arrow string }

func (e *RigidError) Error() string {
	return fmt.Sprintf("symmetry: arrow %q is fixed and has different matrices in the two networks; Aligned may move it", e.Arrow)
}

// otherFixed returns the name of the first fixed arrow with different matrices, or "".
func otherFixed(a, b *quiver.Rep) string {
	for i, arrow := range a.Quiver().Arrows() {
		if arrow.Fixed && arrow.Rows*arrow.Cols > 0 && !mat.Equal(a.Fixed(i), b.Fixed(i)) {
			return arrow.Name
		}
	}
	return ""
}

// unmoved is the alignment of the identity.
func unmoved(a, b *quiver.Rep) Alignment {
	return Alignment{Element: Identity(a.Quiver()), Upper: weightDistance(a, b)}
}

func unsearched(starts int) string {
	return fmt.Sprintf("the context ended after %d of %d starts; Upper may not be the best", starts, 2+alignStarts)
}

func aligned(p *plan, a, b *quiver.Rep) (Alignment, error) {
	best := Alignment{Upper: math.Inf(1)}
	if err := a.Fits(b); err != nil {
		return best, err
	}
	for _, w := range []*quiver.Rep{a, b} {
		if err := w.CheckFinite(); err != nil {
			return best, err
		}
	}
	if p.has(monomials) {
		return matched(p, a, b)
	}
	s := p.intertwiner(a, b)
	best = unmoved(a, b)
	var at []linalg.Matrix // the best factors, nil for the identity
	size := math.Max(weightNorm(a), weightNorm(b))
	s.solve(orbitSteps)
	rng := rand.New(rand.NewPCG(orbitSeed, 1))
	for start := range 2 + alignStarts {
		if p.stopped() {
			best.Unsearched = unsearched(start)
			break
		}
		u := make([]linalg.Matrix, len(s.x))
		for k, x := range s.x {
			u[k] = linalg.Eye(x.Rows)
			switch {
			case !s.free[k]:
			case start == 0:
				if p, _ := polar(x); p != nil {
					u[k] = linalg.Full(p, x.Rows)
				}
			case start > 1:
				u[k] = linalg.Full(linalg.Haar(x.Rows, rng), x.Rows)
			}
		}
		if d := s.sweep(u, alignWork); d < best.Upper {
			best.Upper, at = d, u
		}
		if best.Upper <= 1e-12*size { // one more start finds nothing better
			break
		}
	}
	if best.Upper > 1e-12*size && at != nil {
		best.Upper = s.sweep(at, orbitWork)
	}
	if at != nil {
		best.Element = s.element(at)
	}
	best.Lower = math.Min(s.lower(func(k int) bool { return s.free[k] }, p.open), best.Upper)
	return best, nil
}

// Average returns the mean of b and of a after alignment, (g·a + b)/2. Activation
// parameters are averaged. Where both have the same fixed matrices the alignment leaves them
// alone (AlignedRigid); else g·a's come near b's, and the mean has b's.
func Average(a, b *quiver.Rep) (*quiver.Rep, error) {
	if err := network(a, b); err != nil {
		return nil, err
	}
	if err := a.Fits(b); err != nil {
		return nil, err
	}
	p := newPlan(a.Quiver())
	if otherFixed(a, b) == "" {
		p = rigid(b)
	}
	al, err := aligned(p, a, b)
	if err != nil {
		return nil, err
	}
	moved, err := Act(al.Element, a)
	if err != nil {
		return nil, err
	}
	out := b.Clone()
	out.Scale(0.5)
	out.AddScaled(0.5, moved)
	return out, nil
}

func (s *intertwiner) element(u []linalg.Matrix) Element {
	g := Identity(s.q)
	for k, members := range s.cl.members {
		if !s.free[k] {
			continue
		}
		f := &linalg.Invertible{A: u[k], Inv: u[k].Transpose()}
		for _, v := range members {
			g.factor[v] = f
		}
	}
	return g
}

// distance returns |u·W − V|.
func (s *intertwiner) distance(u []linalg.Matrix) float64 {
	var sum float64
	for i, a := range s.as {
		if s.w[i] != nil {
			t, c := s.cl.of[a.Target], s.cl.of[a.Source]
			sum += squares([]linalg.Matrix{minus(linalg.Mul(linalg.Mul(u[t], *s.w[i]), u[c].Transpose()), *s.v[i])})
		}
	}
	return math.Sqrt(sum)
}

// sweep runs alternating Procrustes steps from u, in place, until nothing moves: the
// factor at a vertex is the polar factor of Σ_in V g_s Wᵀ + Σ_out Vᵀ g_t W. A step that does not
// improve (where a tied arrow has both ends in one class) is taken back. It spends at most that work,
// in multiplications, but five sweeps.
func (s *intertwiner) sweep(u []linalg.Matrix, work float64) float64 {
	d := s.distance(u)
	sweeps := min(alignSweeps, max(5, int(work/s.work()/float64(len(u)))))
	for range sweeps {
		if s.plan.stopped() {
			break
		}
		before := d
		for k := range u {
			if !s.free[k] {
				continue
			}
			sum := linalg.New(u[k].Rows, u[k].Rows)
			for i, a := range s.as {
				if s.w[i] == nil {
					continue
				}
				t, c := s.cl.of[a.Target], s.cl.of[a.Source]
				if t == k {
					sum.Add(1, linalg.FastMul(linalg.FastMul(*s.v[i], u[c]), *s.wt[i]))
				}
				if c == k {
					sum.Add(1, linalg.FastMul(linalg.FastMul(*s.vt[i], u[t]), *s.w[i]))
				}
			}
			p, _ := polar(sum)
			if p == nil {
				continue
			}
			old := u[k]
			u[k] = linalg.Full(p, old.Rows)
			if next := s.distance(u); next <= d {
				d = next
			} else {
				u[k] = old
			}
		}
		if before-d <= 1e-9*before {
			break
		}
	}
	return d
}

// lower returns a lower bound of the distance for every element whose factors are orthogonal
// at the classes that turn, anything at those that are open, and the identity elsewhere.
func (s *intertwiner) lower(turns, open func(class int) bool) float64 {
	var sum float64
	for i, a := range s.as {
		if s.w[i] == nil {
			continue
		}
		t, c := turns(s.cl.of[a.Target]), turns(s.cl.of[a.Source])
		if open(s.cl.of[a.Target]) || open(s.cl.of[a.Source]) {
			continue
		}
		w, v := *s.w[i], *s.v[i]
		if !t && !c {
			sum += squares([]linalg.Matrix{minus(w.Clone(), v)})
			continue
		}
		var part float64
		x, y := singular(w), singular(v)
		for k := range x {
			part += (x[k] - y[k]) * (x[k] - y[k])
		}
		if t != c {
			m := linalg.Mul(*s.wt[i], v) // the source turns
			if t {
				m = linalg.Mul(w, *s.vt[i])
			}
			total := squares([]linalg.Matrix{w, v})
			var nuclear float64
			for _, z := range singular(m) {
				nuclear += z
			}
			if d := total - 2*nuclear; d > 1e-12*total { // below, the difference is rounding
				part = max(part, d-1e-13*total)
			}
		}
		sum += part
	}
	return math.Sqrt(sum)
}

// singular returns the singular values, largest first.
func singular(g linalg.Matrix) []float64 {
	var svd mat.SVD
	if !svd.Factorize(g.Dense(), mat.SVDNone) {
		return make([]float64, min(g.Rows, g.Cols))
	}
	v := svd.Values(nil)
	slices.SortFunc(v, func(a, b float64) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	return v
}
