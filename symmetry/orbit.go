package symmetry

import (
	"context"
	"math"
	"strings"

	"github.com/quivernet/quivernet/internal/matching"

	"github.com/quivernet/quivernet/quiver"
)

// Verdict is an answer that knows when it does not know.
type Verdict uint8

// The three verdicts.
const (
	Undecided Verdict = iota
	Yes
	No
)

// String returns "undecided", "yes" or "no".
func (v Verdict) String() string {
	switch v {
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return "undecided"
}

// Orbit is the answer to the question whether two networks are the same up to the symmetries
// of their hidden vertices.
type Orbit struct {
	Reduced  Verdict // their reduced networks are: they have the same function by symmetry
	Full     Verdict // the networks themselves are, the parts that nothing reaches included
	Distance float64 // |g·a − b| / |b| for the g that was found; +Inf where none was
	Element  Element // that g, where Full is Yes
	Reason   string  // why a verdict is Undecided, or ""
}

const singularLow = 1e-10 // a smallest singular value below is zero

// SameOrbit decides whether b = g·a for a g of the symmetry group: rotations, and permutations
// with signs and positive scales at pointwise vertices (GroupOf), to the relative precision tol
// in the norm of all matrices, fixed ones included.
//
// The full networks: at pointwise vertices rows are brought to norm 1 where scales are in the
// group, and units are assigned by what comes in, measured so that rotations elsewhere do not matter;
// units with equal rows by what goes out. What is left are rotations: the linear system
// X_t W_a = V_a X_s, X_s W_aᵀ = V_aᵀ X_t over all arrows of both, with X = I at all other
// vertices, is solved from a random start. If every X_v of that random
// solution is invertible, their polar factors are an element that maps a to b, and the
// answer is yes (it is checked); where no solution comes near, or the random solution is
// singular, it is no. Undecided is what lies between; a solver that did not converge within
// its limit of work, which networks wider than a few hundred can meet; and instead of no where
// units have equal rows or none, so that another assignment may do.
//
// The reduced networks are those of Compress with Rank(0): "yes" there means equal functions by
// symmetry, even if the parts that nothing reaches differ. Yes for the full networks implies
// it. Both are Undecided instead of No where a direction that reaches a vertex is so weak that
// rounding turns it by more than tol. A "no" does not say that the functions differ: at linear vertices the
// symmetry is larger, GL(n), and a power of the norm lets scales through that are not looked for.
// Where the group of some hidden vertex is not searched (block-radial, a gain, unknown ones) the
// answer is Undecided instead of No.
// Derived. Errors: *quiver.LayoutError, *quiver.NonFiniteError.
func SameOrbit(a, b *quiver.Rep, tol float64) (Orbit, error) {
	return SameOrbitContext(context.Background(), a, b, tol)
}

// SameOrbitContext is SameOrbit with a search that ends when ctx does. What is not decided then is
// Undecided, and Reason says what was not searched; the end of ctx is no error.
func SameOrbitContext(ctx context.Context, a, b *quiver.Rep, tol float64) (Orbit, error) {
	if err := network(a, b); err != nil {
		return Orbit{}, err
	}
	o := Orbit{Distance: math.Inf(1)}
	if err := a.Fits(b); err != nil {
		return o, err
	}
	for _, w := range []*quiver.Rep{a, b} {
		if err := w.CheckFinite(); err != nil {
			return o, err
		}
	}
	g, d, v, why, err := sameOrbit(ctx, a, b, tol)
	if err != nil {
		return o, err
	}
	o.Full, o.Distance, o.Reason = v, d, prefixed("the full networks: ", why)
	if v == Yes {
		o.Reduced, o.Element = Yes, g
		return o, nil
	}
	ra, err := Compress(a, Rank(0))
	if err != nil {
		return o, err
	}
	rb, err := Compress(b, Rank(0))
	if err != nil {
		return o, err
	}
	o.Reduced = No
	if ra.Reduced.Fits(rb.Reduced) == nil {
		if _, _, o.Reduced, why, err = sameOrbit(ctx, ra.Reduced, rb.Reduced, tol); err != nil {
			return o, err
		}
		o.because("the reduced networks: ", why)
	} else if !matching.New(ctx, a.Quiver(), nil).Complete() {
		o.Reduced = Undecided
		o.because("the reduced networks: ", notSearched)
	}
	if o.Reduced != No && o.Full != No {
		return o, nil
	}
	firm, err := firmRank(tol, ra, rb)
	for _, v := range []*Verdict{&o.Full, &o.Reduced} {
		if *v == No && !firm {
			*v = Undecided
			o.because("", "a direction that reaches a vertex is so weak that rounding turns it")
		}
	}
	return o, err
}

// firmRank says whether no direction that the compressions keep is so weak that rounding
// turns it by more than tol: the widths are those of a much coarser rank.
func firmRank(tol float64, cs ...*Compression) (bool, error) {
	guard := min(0.5, 128*0x1p-52/max(tol, 0x1p-52))
	for _, c := range cs {
		d, err := Compress(c.original, Rank(guard))
		if err != nil {
			return false, err
		}
		for i, w := range c.Widths {
			if d.Widths[i].To != w.To {
				return false, nil
			}
		}
	}
	return true, nil
}

const (
	notSearched = "the group of a hidden vertex is not searched (block-radial, a gain, or unknown)"
	notFirm     = "units have equal rows or none, so that another assignment may do"
	notSolved   = "the linear system was not solved within its limit of work"
	interrupted = "the context ended before the linear system was solved"
	notNear     = "the rotations that were found do not map one to the other to the precision"
)

func prefixed(what, why string) string {
	if why == "" {
		return ""
	}
	return what + why
}

// because adds a reason.
func (o *Orbit) because(what, why string) {
	switch why = prefixed(what, why); {
	case why == "" || strings.Contains(o.Reason, why):
	case o.Reason == "":
		o.Reason = why
	default:
		o.Reason += "; " + why
	}
}

// sameOrbit decides for two networks of one layout, and says why it does not.
func sameOrbit(ctx context.Context, a, b *quiver.Rep, tol float64) (_ Element, distance float64, _ Verdict, why string, _ error) {
	plan := matching.New(ctx, a.Quiver(), nil)
	no := No
	if !plan.Complete() {
		no, why = Undecided, notSearched
	}
	size := matching.Norm(b)
	for v := range a.Quiver().NumVertices() { // symmetries leave activation parameters alone
		for i, x := range a.ParamsAt(v) {
			if y := b.ParamsAt(v)[i]; math.Abs(x-y) > tol*max(math.Abs(x), math.Abs(y), 1) {
				return Element{}, math.Inf(1), No, "", nil
			}
		}
	}
	matched, moved, edge := Identity(a.Quiver()), a, tol
	if plan.Has(matching.Monomials) {
		m := matching.Pair(plan, a, b)
		matched, edge = Element{a.Quiver(), m.Factors()}, tol*m.Spread(b)
		if !m.Firm || 8*edge > m.Gap {
			no, why = Undecided, notFirm
		}
		var err error
		if moved, err = Act(matched, a); err != nil { // a scale left the range of numbers
			return Element{}, math.Inf(1), Undecided, "a scale left the range of numbers", nil
		}
	}
	s := plan.Intertwiner(moved, b)
	// Singular values do not turn: where they differ by more than the precision allows, no
	// rotation does. That takes no search.
	if s.Lower(func(k int) bool { return s.Free[k] }, plan.Open) > (2*edge+1e-9)*size {
		return Element{}, math.Inf(1), no, why, nil
	}
	residual, converged := s.Solve(matching.Steps)
	// If b = g·a + E then g is a solution up to √2·|E|, so a larger residual excludes it.
	if converged && residual > 2*edge*size {
		return Element{}, math.Inf(1), no, why, nil
	}
	turns, least := s.Polar()
	if least > singularLow {
		g := Element{a.Quiver(), turns}.Mul(matched)
		moved, err := Act(g, a)
		if err != nil {
			return g, math.Inf(1), Undecided, "", err
		}
		d := matching.Distance(moved, b)
		if size > 0 {
			d /= size
		}
		if d <= tol {
			return g, d, Yes, "", nil
		}
		return Element{}, d, Undecided, unsolved(s, converged, notNear), nil
	}
	if converged {
		return Element{}, math.Inf(1), no, why, nil
	}
	return Element{}, math.Inf(1), Undecided, unsolved(s, false, ""), nil
}

// unsolved says why the system was not solved, or else what else is wrong.
func unsolved(s *matching.Intertwiner, converged bool, other string) string {
	switch {
	case s.Plan.Stopped():
		return interrupted
	case !converged:
		return notSolved
	}
	return other
}
