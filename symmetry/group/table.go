package group

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// Symmetric is implemented by activations that know their group. Of asks it first,
// and believes it; it panics with *MembershipError where Classes or Sizes do not fit the dimension.
type Symmetric interface {
	quiver.Activation

	// Group returns the intertwiner group at dimension dim; its Origin is ignored.
	Group(dim int) Group
}

// The groups of two activations that are not pointwise, for those who implement them
// (derived; whether arXiv 2205.14258 treats them could not be checked against its full text):
//
//	softmax            A = P + 1cᵀ        φ(A) = P
//	LayerNorm, no gain A = s·Q + 1cᵀ      φ(A) = Q + 11ᵀ/n, Q orthogonal on the complement of 1, Q1 = 0
//
// LayerNorm's values are orthogonal to 1, so that φ(A) is free on 1; what is chosen here is
// invertible.
var (
	SoftmaxGroup   = Group{Kind: ShiftedPermutations, Origin: Table}
	LayerNormGroup = Group{Kind: Centered, Origin: Table}
)

// Of returns the group of an activation at dimension dim. What an activation declares
// (Symmetric) comes first, then the table of the catalogue:
//
//	identity, pointwise leakyrelu(1), power(1)     GeneralLinear         φ(A) = A
//	relu, leakyrelu(s), s ≠ ±1                     PositiveMonomial      φ(A) = A
//	abs, leakyrelu(−1)                             FullMonomial, even    φ(A) = |A|
//	power(k), k a whole number ≠ 0, 1              FullMonomial          φ(A) = A^{⊙k}
//	power(k), k not whole                          PositiveMonomial      φ(A) = A^{⊙k}
//	tanh, arctan, sin                              SignedPermutations    φ(A) = A
//	squash                                         SignedPermutations    φ(A) = |A|
//	sigmoid, gelu and all other functions, shift(h, s)   Permutations
//	unit, power(0)                                 Anything              φ(A) = I
//	radial(h), rmsnorm(d, ε), trainable, deadzone  Orthogonal            φ(A) = A
//	radial(power(k)), unit, square, rmsnorm(d, 0)  Conformal             φ(sQ) = s^k·Q
//	blocks(h, sizes)                               BlockOrthogonal       φ(A) = A
//	onenorm                                        SignedPermutations    φ(A) = A
//
// Each row is derived and sampled by the tests; that arXiv 2205.14258, Table 1, has the same rows
// could not be checked. Blocks of powers have scales too, which the row leaves out; all other rows are
// the whole group. Then come activations that commute with rotations, as their
// Restrict says on one random line, and a user's pointwise activation (quiver.PointJet), which is
// sampled by Detect. The rest is Pinned: gain, whose parameters would have to move too,
// quadratic, and restrictions.
func Of(act quiver.Activation, dim int) Group {
	mustDim(dim)
	if s, ok := act.(Symmetric); ok {
		g := s.Group(dim)
		g.Origin = Declared
		if n := len(g.Classes); g.Classes != nil && n != dim && dim > 0 {
			panic(&MembershipError{g.Kind, -1, -1, 0, fmt.Sprintf("%s declares classes of %d coordinates at dimension %d", act, n, dim)})
		}
		if n := sum(g.Sizes); g.Kind == BlockOrthogonal && n != dim && dim > 0 {
			panic(&MembershipError{g.Kind, -1, -1, 0, fmt.Sprintf("%s declares blocks of %d at dimension %d", act, n, dim)})
		}
		return g
	}
	if act == nil || act == quiver.Identity {
		return Group{Kind: GeneralLinear, Origin: Table}
	}
	if g, ok := tabulated(act); ok {
		return g
	}
	if dim > 0 && Commutes(quiver.Vertex{Dim: dim, Act: act}) {
		return Group{Kind: Orthogonal, Origin: Asked}
	}
	if _, trained := act.(quiver.Parametric); trained {
		return Group{}
	}
	if p, ok := act.(quiver.PointJet); ok {
		if g, err := Detect(func(t float64) float64 { return p.PointJet(0, t) }, 0); err == nil {
			return g
		}
	}
	return Group{}
}

// tabulated returns the row of an activation of package layers.
func tabulated(act quiver.Activation) (Group, bool) {
	if _, trained := act.(quiver.Parametric); trained {
		return Group{}, false
	}
	name := act.String()
	h, ok := act.(interface{ Func() layers.Func })
	switch {
	case ok && strings.HasPrefix(name, "pointwise("):
		pointwise, _ := scalar.Symmetries(h.Func())
		return declared(pointwise)
	case ok && (strings.HasPrefix(name, "radial(") || strings.HasPrefix(name, "rmsnorm(")):
		_, radial := scalar.Symmetries(h.Func())
		return declared(radial)
	case name == "onenorm":
		return Group{Kind: SignedPermutations, Parity: -1, Origin: Table}, true
	}
	if list, ok := strings.CutPrefix(name, "blocks("); ok {
		args := strings.Split(strings.TrimSuffix(list, ")"), ",")
		g := Group{Kind: BlockOrthogonal, Origin: Table}
		for i := len(args) - 1; i > 0; i-- { // the function may have commas of its own
			n, err := strconv.Atoi(args[i])
			if err != nil {
				break
			}
			g.Sizes = append([]int{n}, g.Sizes...)
		}
		return g, len(g.Sizes) > 0
	}
	return Group{}, false
}

// declared returns the group that the record of a function of the catalogue states, or false where it states none.
func declared(s scalar.Symmetry) (Group, bool) {
	kind, ok := map[scalar.SymmetryKind]Kind{
		scalar.Linear: GeneralLinear, scalar.Constant: Anything, scalar.RowSums: UnitRowSum, scalar.Positive: PositiveMonomial, scalar.Monomial: FullMonomial,
		scalar.Signed: SignedPermutations, scalar.Permuting: Permutations, scalar.Conformal: Conformal, scalar.Rotations: Orthogonal,
	}[s.Kind]
	return Group{Kind: kind, Degree: s.Degree, Parity: s.Parity, Origin: Table}, ok
}

// Commutes asks the activation whether it commutes with rotations: whether it is the
// same function on a random line as on the whole space (at dimension 1, after a change of
// sign). A radial activation says so; one that depends on the direction either refuses
// or becomes another function.
func Commutes(v quiver.Vertex) bool {
	if v.Act == nil || v.Act == quiver.Identity || v.Dim <= 0 {
		return true
	}
	b := mat.NewDense(v.Dim, 1, nil)
	b.Set(0, 0, -1)
	if v.Dim > 1 {
		rng := rand.New(rand.NewPCG(uint64(v.Dim), 1))
		for i := range v.Dim {
			b.Set(i, 0, rng.NormFloat64())
		}
		b.Scale(1/mat.Norm(b, 2), b)
	}
	a, ok := v.Act.Restrict(b)
	return ok && a.String() == v.Act.String()
}
