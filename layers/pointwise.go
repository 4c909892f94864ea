package layers

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Pointwise returns the activation v ↦ (h(v_1), …, h(v_n)).
//
// It keeps only coordinate subspaces, and those only where h(0) = 0; its Closure is
// the span of the live coordinates.
func Pointwise(h Func) quiver.Activation {
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
	switch k {
	case 0:
		return a.h.Value(x)
	case 1:
		return a.h.Slope(x)
	}
	p := jetPool.Get().(*[]float64)
	defer jetPool.Put(p)
	if cap(*p) < k+1 {
		*p = make([]float64, k+1)
	}
	c := (*p)[:k+1]
	a.h.Jet(c, x)
	d := c[k]
	for j := 2; j <= k; j++ {
		d *= float64(j)
	}
	return d
}

// Func returns the scalar function.
func (a *pointwise) Func() Func { return a.h }

// Restrict keeps a subspace with an orthonormal basis of coordinate vectors, up to
// order, provided that h(0) = 0.
func (a *pointwise) Restrict(b *mat.Dense) (quiver.Activation, bool) {
	if b.IsEmpty() {
		return a, a.h.Value(0) == 0
	}
	n, k := b.Dims()
	if n == k && isEye(b) {
		return a, true
	}
	if a.h.Value(0) != 0 {
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
// |z| ≤ hi in every dimension, hi·sup|h(x)/x|, which is infinite where h(0) ≠ 0.
func (a *pointwise) Lipschitz(_, hi float64) (lip, sup float64) {
	_, lip = suprema(a.h, -hi, hi)
	if a.h.Value(0) != 0 {
		return lip, math.Inf(1)
	}
	if hi == 0 {
		return lip, 0
	}
	r := ratio(a.h, math.SmallestNonzeroFloat64, hi)
	r = max(r, ratio(&mirrored{a.h}, math.SmallestNonzeroFloat64, hi))
	return lip, hi * r
}

// mirrored is x ↦ h(−x).
type mirrored struct{ Func }

func (f *mirrored) Value(x float64) float64 { return f.Func.Value(-x) }
func (f *mirrored) Slope(x float64) float64 { return -f.Func.Slope(-x) }
func (f *mirrored) Extrema() (at, jump []float64) {
	at, jump = f.Func.Extrema()
	for i := range at {
		at[i] = -at[i]
	}
	for i := range jump {
		jump[i] = -jump[i]
	}
	return at, jump
}
