package symmetry

import (
	"math"

	"gonum.org/v1/gonum/mat"

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
}

const (
	orbitSteps   = 20000 // of the iterative solver
	orbitWork    = 5e10  // multiplications that it may spend: about ten seconds
	orbitSeed    = 14
	singularLow  = 1e-10 // a smallest singular value below is zero
	singularHigh = 1e-6  // above it is not
)

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
	g, d, v, err := sameOrbit(a, b, tol)
	if err != nil {
		return o, err
	}
	o.Full, o.Distance = v, d
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
		if _, _, o.Reduced, err = sameOrbit(ra.Reduced, rb.Reduced, tol); err != nil {
			return o, err
		}
	} else if !newPlan(a.Quiver()).complete() {
		o.Reduced = Undecided
	}
	if o.Reduced != No && o.Full != No {
		return o, nil
	}
	firm, err := firmRank(tol, ra, rb)
	for _, v := range []*Verdict{&o.Full, &o.Reduced} {
		if *v == No && !firm {
			*v = Undecided
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

// sameOrbit decides for two networks of one layout.
func sameOrbit(a, b *quiver.Rep, tol float64) (Element, float64, Verdict, error) {
	plan := newPlan(a.Quiver())
	no := No
	if !plan.complete() {
		no = Undecided
	}
	size := weightNorm(b)
	for v := range a.Quiver().NumVertices() { // symmetries leave activation parameters alone
		for i, x := range a.ParamsAt(v) {
			if y := b.ParamsAt(v)[i]; math.Abs(x-y) > tol*max(math.Abs(x), math.Abs(y), 1) {
				return Element{}, math.Inf(1), No, nil
			}
		}
	}
	matched, moved, edge := Identity(a.Quiver()), a, tol
	if plan.has(monomials) {
		m := pair(plan, a, b)
		matched, edge = m.element(), tol*m.spread(b)
		if !m.firm || 8*edge > m.gap {
			no = Undecided
		}
		var err error
		if moved, err = Act(matched, a); err != nil { // a scale left the range of numbers
			return Element{}, math.Inf(1), Undecided, nil
		}
	}
	s := newIntertwiner(moved, b)
	residual, converged := s.solve(orbitSteps)
	// If b = g·a + E then g is a solution up to √2·|E|, so a larger residual excludes it.
	if converged && residual > 2*edge*size {
		return Element{}, math.Inf(1), no, nil
	}
	g, least := s.polar()
	if least > singularLow {
		g = g.Mul(matched)
		moved, err := Act(g, a)
		if err != nil {
			return g, math.Inf(1), Undecided, err
		}
		d := weightDistance(moved, b)
		if size > 0 {
			d /= size
		}
		if d <= tol {
			return g, d, Yes, nil
		}
		return Element{}, d, Undecided, nil
	}
	if converged {
		return Element{}, math.Inf(1), no, nil
	}
	return Element{}, math.Inf(1), Undecided, nil
}

// weightNorm returns the norm of all matrices, tied ones once, fixed ones included.
func weightNorm(w *quiver.Rep) float64 { return math.Sqrt(weightSum(w, w.Matrix)) }

// weightDistance returns the norm of the difference of all matrices.
func weightDistance(a, b *quiver.Rep) float64 {
	return math.Sqrt(weightSum(a, func(i int) mat.Matrix {
		m := a.Matrix(i)
		if r, c := m.Dims(); r == 0 || c == 0 {
			return m
		}
		var d mat.Dense
		d.Sub(m, b.Matrix(i))
		return &d
	}))
}

func weightSum(w *quiver.Rep, matrix func(int) mat.Matrix) (s float64) {
	for i, a := range w.Quiver().Arrows() {
		if a.TiedTo != "" || a.Rows*a.Cols == 0 {
			continue
		}
		n := mat.Norm(matrix(i), 2)
		s += n * n
	}
	return s
}
