package group

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Kind names a family of groups of n×n matrices.
type Kind uint8

// The groups of activations. P is a permutation matrix, D a diagonal one, Q an orthogonal one.
const (
	Pinned              Kind = iota // {I}: no symmetry is known
	Permutations                    // P
	SignedPermutations              // P·D, D = ±1
	PositiveMonomial                // P·D, D > 0
	FullMonomial                    // P·D, D ≠ 0
	Orthogonal                      // Q
	Conformal                       // s·Q, s > 0
	BlockOrthogonal                 // Q₁ ⊕ … ⊕ Q_k, and permutations of blocks of one size
	UnitRowSum                      // A·1 = 1
	GeneralLinear                   // A invertible
	Anything                        // A invertible, with φ(A) = I: the activation is constant
	ShiftedPermutations             // P + 1cᵀ, with φ(A) = P
	Centered                        // s·Q + 1cᵀ with Q orthogonal on the complement of 1 and Q1 = 0
)

var kindNames = [...]string{
	"pinned", "permutations", "signed permutations", "positive monomial", "monomial", "orthogonal", "conformal",
	"block orthogonal", "unit row sum", "general linear", "anything", "shifted permutations", "centered",
}

// String returns the name of the kind.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Origin says how a group was found.
type Origin uint8

// The origins.
const (
	Unknown  Origin = iota // nobody said anything
	Table                  // the table of the catalogue: proved
	Declared               // the activation implements Symmetric
	Asked                  // Restrict answered on one random line as it does on the whole space
	Detected               // Detect sampled the function
)

// String returns the name of the origin.
func (o Origin) String() string {
	return [...]string{"unknown", "table", "declared", "asked", "detected"}[min(o, Detected)]
}

// Group is the intertwiner group of an activation σ on ℝⁿ,
//
//	G_σ = { A ∈ GL(n) : σ(Ax) = φ(A)σ(x) for all x, for some φ(A) ∈ GL(n) },
//
// with the homomorphism φ (arXiv 2205.14258). A change of basis A at a hidden vertex
// multiplies the incoming matrices by A and the outgoing ones by φ(A)⁻¹.
//
// For a pointwise σ that is continuous, not constant and not affine, A is P·D, and
// φ(P·diag(d)) = P·diag(b(d)) with σ(at) = b(a)σ(t), b(a) = |a|^Degree and b(−|a|) = Parity·b(|a|)
// (derived: where a row of A has two non-zero entries, σ solves Pexider's equation).
//
// The zero value is Pinned.
type Group struct {
	Kind    Kind
	Degree  float64 // b(a) = |a|^Degree: monomial kinds and Conformal
	Parity  int     // b(−1): −1 for an odd activation, +1 for an even one, 0 where −1 is not in the group
	Sizes   []int   // BlockOrthogonal: the sizes of the blocks
	Classes []int   // monomial kinds: coordinates change places only within a class; nil is one class
	Origin  Origin
}

// String returns the kind, its constants and the origin.
func (g Group) String() string {
	var b strings.Builder
	b.WriteString(g.Kind.String())
	if g.Kind == PositiveMonomial || g.Kind == FullMonomial || g.Kind == Conformal {
		fmt.Fprintf(&b, ", degree %v", g.Degree)
	}
	switch {
	case g.Kind != SignedPermutations && g.Kind != FullMonomial:
	case g.Parity > 0:
		b.WriteString(", even")
	default:
		b.WriteString(", odd")
	}
	if g.Kind == BlockOrthogonal {
		fmt.Fprintf(&b, " %v", g.Sizes)
	}
	if g.Classes != nil {
		fmt.Fprintf(&b, ", classes %v", g.Classes)
	}
	return b.String() + " (" + g.Origin.String() + ")"
}

// IsMonomial says whether all elements of g are monomial matrices.
func (g Group) IsMonomial() bool { return g.Kind >= Permutations && g.Kind <= FullMonomial }

// HasSigns says whether diag(−1, 1, …) is in g, of a monomial kind.
func (g Group) HasSigns() bool { return g.Kind == SignedPermutations || g.Kind == FullMonomial }

// HasScales says whether diag(a, 1, …) with a > 0 is in g, of a monomial kind.
func (g Group) HasScales() bool { return g.Kind == PositiveMonomial || g.Kind == FullMonomial }

// HasRotations says whether g contains all orthogonal matrices, with φ(Q) = Q.
func (g Group) HasRotations() bool {
	return g.Kind == Orthogonal || g.Kind == Conformal || g.Kind == GeneralLinear
}

// same says whether two groups are one group with one φ.
func (g Group) same(h Group) bool {
	return g.Kind == h.Kind && g.Degree == h.Degree && g.Parity == h.Parity && slices.Equal(g.Sizes, h.Sizes) && slices.Equal(g.Classes, h.Classes)
}

// Multiplier returns b(a), the factor of σ(at) = b(a)·σ(t) of a monomial kind, or false where
// diag(a, 1, …) is not in the group.
func (g Group) Multiplier(a float64) (float64, bool) {
	if !g.IsMonomial() || a == 0 || math.IsNaN(a) || math.IsInf(a, 0) || a < 0 && !g.HasSigns() || math.Abs(a) != 1 && !g.HasScales() {
		return 0, false
	}
	b := 1.0
	if g.HasScales() {
		switch b = math.Abs(a); g.Degree {
		case 1:
		case 2:
			b *= b
		default:
			b = math.Pow(b, g.Degree)
		}
	}
	if a < 0 && g.Parity < 0 {
		b = -b
	}
	return b, b != 0 && !math.IsInf(b, 0)
}

// Meet returns a group that lies in both and has the φ of both: what vertices that
// tied arrows tie together can do. It may be smaller than the intersection.
func Meet(g, h Group) Group {
	m := Group{Origin: max(g.Origin, h.Origin)}
	if g.same(h) {
		g.Origin = m.Origin
		return g
	}
	if g.HasRotations() && h.HasRotations() {
		m.Kind = Orthogonal
		return m
	}
	g, h = g.MonomialPart(), h.MonomialPart()
	if !g.IsMonomial() || !h.IsMonomial() {
		return m
	}
	m.Kind = Permutations
	sign := g.HasSigns() && h.HasSigns() && g.Parity == h.Parity
	scale := g.HasScales() && h.HasScales() && g.Degree == h.Degree
	switch {
	case sign && scale:
		m.Kind, m.Degree, m.Parity = FullMonomial, g.Degree, g.Parity
	case sign:
		m.Kind, m.Parity = SignedPermutations, g.Parity
	case scale:
		m.Kind, m.Degree = PositiveMonomial, g.Degree
	}
	m.Classes = finer(g.Classes, h.Classes)
	return m
}

// MonomialPart returns a group of monomial matrices in g with the same φ.
func (g Group) MonomialPart() Group {
	switch g.Kind {
	case Orthogonal, Conformal:
		return Group{Kind: SignedPermutations, Parity: -1, Origin: g.Origin}
	case GeneralLinear:
		return Group{Kind: FullMonomial, Degree: 1, Parity: -1, Origin: g.Origin}
	case UnitRowSum, ShiftedPermutations, Centered:
		return Group{Kind: Permutations, Origin: g.Origin}
	}
	return g
}

// finer returns the classes of the pairs.
func finer(a, b []int) []int {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	number := make(map[[2]int]int)
	c := make([]int, min(len(a), len(b)))
	for i := range c {
		k := [2]int{a[i], b[i]}
		if _, ok := number[k]; !ok {
			number[k] = len(number)
		}
		c[i] = number[k]
	}
	return c
}
