package symmetry

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/group"
)

// The groups of activations have a package of their own, group; its names are here too.
type (
	// Group is the intertwiner group of an activation: group.Group.
	Group = group.Group
	// Kind names a family of groups: group.Kind.
	Kind = group.Kind
	// Origin says how a group was found: group.Origin.
	Origin = group.Origin
	// Monomial is a matrix with one entry in each row and column: group.Monomial.
	Monomial = group.Monomial
	// Symmetric is implemented by activations that know their group: group.Symmetric.
	Symmetric = group.Symmetric
	// MembershipError reports a matrix that is not in a group: group.MembershipError.
	MembershipError = group.MembershipError
	// DetectionError reports a function that cannot be sampled: group.DetectionError.
	DetectionError = group.DetectionError
	// SingularError reports that σ(I_n) is not invertible: group.SingularError.
	SingularError = group.SingularError
)

// The kinds of package group, which says what each is.
const (
	Pinned              = group.Pinned
	Permutations        = group.Permutations
	SignedPermutations  = group.SignedPermutations
	PositiveMonomial    = group.PositiveMonomial
	FullMonomial        = group.FullMonomial
	Orthogonal          = group.Orthogonal
	Conformal           = group.Conformal
	BlockOrthogonal     = group.BlockOrthogonal
	UnitRowSum          = group.UnitRowSum
	GeneralLinear       = group.GeneralLinear
	Anything            = group.Anything
	ShiftedPermutations = group.ShiftedPermutations
	Centered            = group.Centered
)

// The origins of package group, which says what each is.
const (
	Unknown  = group.Unknown
	Table    = group.Table
	Declared = group.Declared
	Asked    = group.Asked
	Detected = group.Detected
)

// The groups of two activations that are not pointwise, for those who implement them: group.SoftmaxGroup and
// group.LayerNormGroup.
var (
	SoftmaxGroup   = group.SoftmaxGroup
	LayerNormGroup = group.LayerNormGroup
)

// GroupOf returns the group of an activation at dimension dim: group.Of, which has the table.
func GroupOf(act quiver.Activation, dim int) Group { return group.Of(act, dim) }

// DetectGroup samples a scalar function and returns the group of its pointwise activation: group.Detect.
func DetectGroup(f func(t float64) float64, tol float64) (Group, error) { return group.Detect(f, tol) }

// PhiByIdentity returns σ(A)·σ(I)⁻¹, σ entry by entry: group.PhiByIdentity.
func PhiByIdentity(f func(t float64) float64, a mat.Matrix) (*mat.Dense, error) {
	return group.PhiByIdentity(f, a)
}

// MonomialOf reads a monomial matrix: group.MonomialOf.
func MonomialOf(a mat.Matrix) (Monomial, error) { return group.MonomialOf(a) }

// Inhomogeneity returns how far a function is from being homogeneous of degree 1 at a scale: group.Inhomogeneity.
func Inhomogeneity(f func(t float64) float64, lambda float64) float64 {
	return group.Inhomogeneity(f, lambda)
}
