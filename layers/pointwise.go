package layers

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/quiver"
)

// Pointwise returns the activation v ↦ (h(v_1), …, h(v_n)).
//
// It keeps only coordinate subspaces, and those only where h(0) = 0: a dead coordinate of
// a sigmoid carries ½. Its Closure is the span of the live coordinates. It does not
// commute with rotations, only with permutations.
func Pointwise(h Func) quiver.Activation {
	scalar.MustFunc("pointwise", h)
	return &pointwise{h: h, name: "pointwise(" + h.String() + ")"}
}

type pointwise struct {
	h    Func
	name string
}

func (a *pointwise) String() string { return a.name }

func (a *pointwise) Apply(dst, z []float64) {
	for i, x := range z {
		dst[i] = a.h.Value(x)
	}
}

func (a *pointwise) VJP(dst, z, g []float64) {
	for i, x := range z {
		dst[i] = a.h.Slope(x) * g[i]
	}
}

// PointJet returns h⁽ᵏ⁾(x).
func (a *pointwise) PointJet(k int, x float64) float64 {
	return scalar.Derivative(a.h, k, x)
}

// Func returns the scalar function.
func (a *pointwise) Func() Func { return a.h }

// Restrict keeps a subspace with an orthonormal basis of coordinate vectors, in any
// order, provided that h(0) = 0 or that it is the whole space.
func (a *pointwise) Restrict(b *mat.Dense) (quiver.Activation, bool) {
	zero := a.h.Value(0) == 0
	if b.IsEmpty() {
		return a, zero
	}
	n, k := b.Dims()
	if n != k && !zero {
		return nil, false
	}
	for j := range k {
		ones := 0
		for i := range n {
			switch b.At(i, j) {
			case 0:
			case 1:
				ones++
			default:
				return nil, false
			}
		}
		if ones != 1 {
			return nil, false
		}
	}
	return a, true
}

// Closure returns the span of the coordinates on which some vector of b is not
// zero, or false where h(0) ≠ 0 (a dead coordinate carries h(0) then).
func (a *pointwise) Closure(b *mat.Dense) (*mat.Dense, bool) {
	if a.h.Value(0) != 0 {
		return nil, false
	}
	if b.IsEmpty() {
		return &mat.Dense{}, true
	}
	return coordinates(b), true
}

// coordinates returns the unit vectors e_i of the rows of b that are not zero.
func coordinates(b *mat.Dense) *mat.Dense {
	n, _ := b.Dims()
	var live []int
	for i := range n {
		if slices.ContainsFunc(b.RawRowView(i), func(x float64) bool { return x != 0 }) {
			live = append(live, i)
		}
	}
	if len(live) == 0 {
		return &mat.Dense{}
	}
	e := mat.NewDense(n, len(live), nil)
	for j, i := range live {
		e.Set(i, j, 1)
	}
	return e
}

func isEye(b *mat.Dense) bool {
	n, k := b.Dims()
	for i := range n {
		for j := range k {
			if want := i == j; want != (b.At(i, j) == 1) || !want && b.At(i, j) != 0 {
				return false
			}
		}
	}
	return n == k
}

// Lipschitz returns sup|h′| over |x| ≤ hi, and the supremum of |ρ(z)| over
// |z| ≤ hi and all dimensions. A shell in two dimensions or more projects onto all of
// |x| ≤ hi, so lo does not matter. The dimension is not known here: the second constant is
// hi·sup|h(x)/x|, which no dimension exceeds and a high one attains, and +Inf where
// h(0) ≠ 0, since |ρ(0)| = |h(0)|·√n.
func (a *pointwise) Lipschitz(_, hi float64) (lip, sup float64) {
	hi = max(hi, 0)
	lip, quotient := scalar.PointwiseSuprema(a.h, hi)
	return lip, scalar.Known(hi * quotient)
}
