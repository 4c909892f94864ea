package symmetry

import (
	"math"
	"slices"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// unitwise is an activation that works coordinate by coordinate: what the reduction of units
// needs of it.
type unitwise struct {
	act   quiver.Activation
	h     layers.Func // nil at a user's activation and at the identity
	group group.Group // of monomial matrices
}

// unitwiseOf returns what is known of a pointwise activation without parameters, or false for
// another one. Of a group that was detected by sampling equality alone is trusted: what
// Compress does is proved. A user's activation that declares its group (Symmetric) is believed.
func unitwiseOf(v quiver.Vertex) (unitwise, bool) {
	u := unitwise{act: v.Act}
	if p, ok := v.Act.(quiver.Parametric); ok && p.NumParams(v.Dim) > 0 {
		return u, false
	}
	if s, ok := v.Act.(quiver.Sized); ok && s.Dim() >= 0 {
		return u, false
	}
	if _, ok := v.Act.(quiver.PointJet); !ok {
		return u, false
	}
	if u.group = group.Of(v.Act, 2).MonomialPart(); u.group.Origin == group.Detected || !u.group.IsMonomial() {
		u.group = group.Group{Kind: group.Permutations}
	}
	if f, ok := v.Act.(interface{ Func() layers.Func }); ok {
		u.h = f.Func()
	}
	return u, u.group.Classes == nil
}

// entrywise reports whether an activation that does not say so (quiver.PointJet) seems to work
// entry by entry: values of one coordinate do not depend on the others.
func entrywise(v quiver.Vertex) bool {
	_, says := v.Act.(quiver.PointJet)
	if p, ok := v.Act.(quiver.Parametric); says || v.Dim < 2 || ok && p.NumParams(v.Dim) > 0 {
		return false
	}
	for _, x := range []float64{-1.7, -0.3, 0.4, 2.1} {
		var first float64
		for k, other := range []float64{0, 1, -2.5, 40} {
			y, z := make([]float64, v.Dim), slices.Repeat([]float64{other}, v.Dim)
			z[0] = x
			v.Act.Apply(y, z)
			if k == 0 {
				first = y[0]
			}
			if y[0] != first {
				return false
			}
		}
	}
	return true
}

// factor returns φ and the offset o with σ(c·t) = φ·σ(t) + o, or false where there is no such
// law for c. The offset is that of the sigmoid, σ(−t) = 1 − σ(t), which no group has.
func (u *unitwise) factor(c float64) (phi, offset float64, ok bool) {
	if c == -1 && u.h == layers.Sigmoid {
		return -1, 1, true
	}
	phi, ok = u.group.Multiplier(c)
	return phi, 0, ok
}

// value returns σ(x).
func (u *unitwise) value(x float64) float64 {
	y := []float64{x}
	u.act.Apply(y, y)
	return y[0]
}

// line reports whether σ is a + b·x on the interval.
func (u *unitwise) line(lo, hi float64) (a, b float64, ok bool) {
	switch {
	case u.act == quiver.Identity:
		return 0, 1, true
	case u.h == nil:
		return 0, 0, false
	}
	return layers.Line(u.h, lo, hi)
}

// image returns an enclosure of σ on the interval.
func (u *unitwise) image(lo, hi float64) (float64, float64) {
	switch {
	case u.act == quiver.Identity:
		return lo, hi
	case u.h != nil:
		return layers.Range(u.h, lo, hi)
	}
	l, ok := u.act.(quiver.Lipschitz)
	if !ok || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		return math.Inf(-1), math.Inf(1)
	}
	slope, _ := l.Lipschitz(0, max(math.Abs(lo), math.Abs(hi)))
	mid := lo + (hi-lo)/2
	y := u.value(mid)
	r := slope*(hi-lo)*(1+0x1p-50) + 64*0x1p-53*math.Abs(y) // twice the radius: the rounding of mid is inside
	if r = r + y - y; math.IsNaN(r) {
		return math.Inf(-1), math.Inf(1)
	}
	return y - r, y + r
}

// bends returns the points of (lo, hi) at which σ passes from one line to another, as far as it
// is a line on one side at least.
func (u *unitwise) bends(lo, hi float64) []float64 {
	if u.h == nil {
		return nil
	}
	var out []float64
	at, jump := u.h.Extrema()
	for _, x := range append(at, jump...) {
		if !(lo < x && x < hi) {
			continue
		}
		step := max(1, math.Abs(x)) * 0x1p-40
		_, _, left := layers.Line(u.h, x-2*step, x-step)
		_, _, right := layers.Line(u.h, x+step, x+2*step)
		if left || right {
			out = append(out, x)
		}
	}
	return out
}
