package scalar

// A Symmetry says which invertible matrices A a vector activation lets through: ρ(Av) = φ(A)ρ(v).
type Symmetry struct {
	Kind   SymmetryKind
	Degree float64 // φ(sA) = s^Degree·φ(A) for s > 0, where A may be scaled
	Parity int     // h is even (1) or odd (−1), where A may change signs
}

// SymmetryKind is a kind of group of matrices.
type SymmetryKind int

// The kinds. Those of a pointwise activation are told by h(sx) for numbers s; those of a radial one, v ↦ h(|v|)/|v|·v, by h
// on x ≥ 0 alone.
const (
	Undeclared SymmetryKind = iota // nothing is known
	Linear                         // all: ρ is linear
	Constant                       // all: a pointwise ρ is constant
	RowSums                        // of a pointwise ρ, those with A·1 = 1: h is affine
	Positive                       // permutations with positive factors: h(sx) = s^Degree·h(x) for s > 0
	Monomial                       // permutations with any factors: besides, h(−x) = Parity·h(x)
	Signed                         // permutations with signs: h(−x) = Parity·h(x)
	Permuting                      // permutations alone
	Conformal                      // of a radial ρ, rotations with factors: h(sx) = s^Degree·h(x) for s, x > 0
	Rotations                      // of a radial ρ, rotations alone
)

// Symmetries returns the symmetries of the pointwise and the radial activation of f. Of x ↦ h(x−s), s ≠ 0, no factor and no
// sign survives, unless h is affine. Nothing is known of the pointwise activation of a function that is not of the catalogue; a
// radial one commutes with rotations whatever h is.
func Symmetries(f Func) (pointwise, radial Symmetry) {
	in, s := Unshifted(f)
	h, ok := in.(*Function)
	switch {
	case !ok:
		return Symmetry{}, Symmetry{Kind: Rotations}
	case s == 0 || h.Pointwise.Kind == Constant:
		return h.Pointwise, h.Radial
	case h.Pointwise.Kind == Undeclared:
		return Symmetry{}, Symmetry{Kind: Rotations}
	case h.Pointwise.Kind == Linear:
		return Symmetry{Kind: RowSums}, Symmetry{Kind: Rotations}
	}
	return Symmetry{Kind: Permuting}, Symmetry{Kind: Rotations}
}
