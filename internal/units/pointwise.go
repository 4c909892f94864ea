package units

import (
	"slices"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// pointwise is an activation that works coordinate by coordinate: what the reduction of units
// needs of it.
type pointwise struct {
	enclose.Scalar
	group group.Group // of monomial matrices
}

// pointwiseOf returns what is known of a pointwise activation without parameters, or false for
// another one. Of a group that was detected by sampling equality alone is trusted: what
// Compress does is proved. A user's activation that declares its group (Symmetric) is believed.
func pointwiseOf(v quiver.Vertex) (pointwise, bool) {
	u := pointwise{Scalar: enclose.Scalar{Act: v.Act}}
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
		u.Func = f.Func()
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
func (u *pointwise) factor(c float64) (phi, offset float64, ok bool) {
	if c == -1 && u.Func == layers.Sigmoid {
		return -1, 1, true
	}
	phi, ok = u.group.Multiplier(c)
	return phi, 0, ok
}
