package stitch

import (
	"fmt"

	"github.com/quivernet/quivernet/symmetry"
)

// Class is a class of maps between features, c₂×c₁ matrices M that act as H ↦ H·Mᵀ.
type Class uint8

// The classes. At different numbers of channels permutations are partial: each channel
// of the smaller side meets one of the larger.
const (
	Permutation       Class = iota // P
	SignedPermutation              // P·D, D = ±1
	PositiveMonomial               // P·D, D ≥ 0: ReLU
	Monomial                       // P·D
	Orthogonal                     // MᵀM = I, or MMᵀ = I
	Linear                         // any
)

// String returns the name of the class.
func (c Class) String() string {
	names := [...]string{"permutation", "signed permutation", "positive monomial", "monomial", "orthogonal", "linear"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("class %d", uint8(c))
}

func (c Class) signs() bool  { return c == SignedPermutation || c == Monomial }
func (c Class) scales() bool { return c == PositiveMonomial || c == Monomial }
func (c Class) pairs() bool  { return c <= Monomial }

// Of returns the class of φ(A), A in the group g: how features, which come after the
// activation, move. An unknown group has permutations only.
func Of(g symmetry.Group) Class {
	scale := g.Degree != 0
	switch g.Kind {
	case symmetry.SignedPermutations:
		if g.Parity < 0 {
			return SignedPermutation
		}
	case symmetry.PositiveMonomial:
		if scale {
			return PositiveMonomial
		}
	case symmetry.FullMonomial:
		switch {
		case scale && g.Parity < 0:
			return Monomial
		case scale:
			return PositiveMonomial
		case g.Parity < 0:
			return SignedPermutation
		}
	case symmetry.Orthogonal, symmetry.Conformal, symmetry.Centered:
		return Orthogonal
	case symmetry.GeneralLinear, symmetry.UnitRowSum:
		return Linear
	}
	return Permutation
}
