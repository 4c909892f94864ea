package group

import (
	"math"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"
)

// Phi returns φ(A) with σ(Ax) = φ(A)σ(x), n×n; &mat.Dense{} at dimension 0. It is a
// homomorphism of groups. A matrix that is not in g gives a *MembershipError.
func (g Group) Phi(a mat.Matrix) (*mat.Dense, error) {
	p, err := g.split(a)
	if err != nil {
		return nil, err
	}
	n, _ := p.whole.Dims()
	if n == 0 {
		return p.whole, nil
	}
	switch g.Kind {
	case Permutations, SignedPermutations, PositiveMonomial, FullMonomial:
		return g.Multipliers(p.m).Dense(), nil
	case Conformal: // s^k·Q
		p.whole.Scale(math.Pow(p.s, g.Degree-1), p.whole)
	case Anything:
		return linalg.Eye(n).Dense(), nil
	case ShiftedPermutations:
		return p.m.Dense(), nil
	case Centered:
		if n == 1 { // the activation is 0
			return linalg.Eye(1).Dense(), nil
		}
		p.whole.Apply(func(_, _ int, x float64) float64 { return x/p.s + 1/float64(n) }, p.whole)
	}
	return p.whole, nil
}

// PhiMonomial is Phi for a monomial matrix of a group of such matrices, of the orthogonal
// ones, or of all: kinds whose φ of a monomial matrix is one. Errors: *MembershipError.
func (g Group) PhiMonomial(m Monomial) (Monomial, error) {
	if err := g.ContainsMonomial(m); err != nil {
		return Monomial{}, err
	}
	if g.IsMonomial() {
		return g.Multipliers(m), nil
	}
	a, err := g.Phi(m.Dense())
	if err != nil {
		return Monomial{}, err
	}
	return MonomialOf(a)
}

// Multipliers replaces each entry a by b(a), 0 where a has none (Multiplier): φ(m) for an m that is known to be in g,
// of a monomial kind.
func (g Group) Multipliers(m Monomial) Monomial {
	m.must()
	p := Monomial{m.Perm, make([]float64, m.Dim())}
	for i := range p.Scale {
		p.Scale[i], _ = g.Multiplier(m.scale(i))
	}
	return p
}
