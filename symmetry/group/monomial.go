package group

import (
	"fmt"
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"
)

// Monomial is the n×n matrix A with one non-zero entry in each row and column,
//
//	(A x)[i] = Scale[i]·x[Perm[i]].
//
// A product, an inverse and the action on a matrix take O(1) per entry. A nil Scale is all ones.
type Monomial struct {
	Perm  []int
	Scale []float64
}

// Dim returns n.
func (m Monomial) Dim() int { return len(m.Perm) }

// scale returns Scale[i].
func (m Monomial) scale(i int) float64 {
	if m.Scale == nil {
		return 1
	}
	return m.Scale[i]
}

// Check returns a *MembershipError where Perm is no permutation, the lengths differ, or a
// scale is 0, NaN or infinite.
func (m Monomial) Check() error {
	n := len(m.Perm)
	if m.Scale != nil && len(m.Scale) != n {
		return &MembershipError{Kind: FullMonomial, Row: -1, Col: -1, Reason: fmt.Sprintf("%d places and %d scales; want as many", n, len(m.Scale))}
	}
	row := make([]int, n)
	for i, j := range m.Perm {
		switch {
		case j < 0 || j >= n:
			return &MembershipError{Kind: FullMonomial, Row: i, Col: -1, Value: float64(j), Reason: fmt.Sprintf("Perm names column %d of %d", j, n)}
		case row[j] > 0:
			return &MembershipError{Kind: FullMonomial, Row: i, Col: j, Value: float64(j), Reason: fmt.Sprintf("Perm is not a permutation: row %d has that column too", row[j]-1)}
		}
		row[j] = i + 1
	}
	for i, s := range m.Scale {
		if s == 0 || math.IsNaN(s) || math.IsInf(s, 0) {
			return &MembershipError{Kind: FullMonomial, Row: i, Col: m.Perm[i], Value: s, Reason: "want a finite scale other than 0"}
		}
	}
	return nil
}

// MonomialOf reads a monomial matrix; its other entries must be exactly 0. Errors:
// *MembershipError, with the entry that offends.
func MonomialOf(a mat.Matrix) (Monomial, error) {
	n, err := squareFinite(FullMonomial, a)
	if err != nil {
		return Monomial{}, err
	}
	m := Monomial{make([]int, n), make([]float64, n)}
	row := make([]int, n)
	for i := range n {
		m.Perm[i] = -1
		for j := range n {
			x := a.At(i, j)
			switch {
			case x == 0:
				continue
			case m.Perm[i] >= 0:
				return Monomial{}, &MembershipError{FullMonomial, i, j, x, "a second entry in its row; want one in each row and column"}
			case row[j] > 0:
				return Monomial{}, &MembershipError{FullMonomial, i, j, x, "a second entry in its column; want one in each row and column"}
			}
			m.Perm[i], m.Scale[i], row[j] = j, x, i+1
		}
		if m.Perm[i] < 0 {
			return Monomial{}, &MembershipError{FullMonomial, i, -1, 0, "the row is zero, so the matrix is singular"}
		}
	}
	return m, nil
}

// Dense returns A as a matrix; &mat.Dense{} at dimension 0.
func (m Monomial) Dense() *mat.Dense {
	m.must()
	return m.matrix().Dense()
}

func (m Monomial) matrix() linalg.Matrix {
	g := linalg.New(m.Dim(), m.Dim())
	for i, j := range m.Perm {
		g.Data[i*g.Cols+j] = m.scale(i)
	}
	return g
}

// Mul returns the product m·h. The dimensions must agree; it panics with *MembershipError
// where they do not.
func (m Monomial) Mul(h Monomial) Monomial {
	m.must()
	h.must()
	if m.Dim() != h.Dim() {
		panic(&MembershipError{FullMonomial, -1, -1, 0, fmt.Sprintf("dimensions %d and %d have no product", m.Dim(), h.Dim())})
	}
	p := Monomial{make([]int, m.Dim()), make([]float64, m.Dim())}
	for i, k := range m.Perm {
		p.Perm[i], p.Scale[i] = h.Perm[k], m.scale(i)*h.scale(k)
	}
	return p
}

// Inverse returns A⁻¹: the pattern transposed, the entries inverted.
func (m Monomial) Inverse() Monomial {
	m.must()
	p := Monomial{make([]int, m.Dim()), make([]float64, m.Dim())}
	for i, j := range m.Perm {
		p.Perm[j], p.Scale[j] = i, 1/m.scale(i)
	}
	return p
}

// Spread returns A ⊗ I_s: an element on channels as it acts on s positions of each, channel
// by channel. Structured layers such as convolutions take their elements so.
func (m Monomial) Spread(s int) Monomial {
	m.must()
	if mustDim(s); m.Dim() > 0 {
		mustDim(s / m.Dim() * m.Dim())
	}
	p := Monomial{make([]int, m.Dim()*s), make([]float64, m.Dim()*s)}
	for i, j := range m.Perm {
		for k := range s {
			p.Perm[i*s+k], p.Scale[i*s+k] = j*s+k, m.scale(i)
		}
	}
	return p
}

// Features returns H·Aᵀ, the features of n samples (one a row) after A acted on each.
func (m Monomial) Features(h mat.Matrix) (*mat.Dense, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	if linalg.IsNil(h) {
		return nil, &MembershipError{FullMonomial, -1, -1, 0, "the features are nil"}
	}
	r, c := h.Dims()
	if c != m.Dim() || r < 0 {
		return nil, &MembershipError{FullMonomial, -1, -1, 0, fmt.Sprintf("features are %d×%d, want %d columns", r, c, m.Dim())}
	}
	g := linalg.New(r, c)
	for k := range r {
		row := g.Row(k)
		for i, j := range m.Perm {
			row[i] = m.scale(i) * h.At(k, j)
		}
	}
	return g.Dense(), nil
}

// Equal says whether two monomials are one matrix.
func (m Monomial) Equal(h Monomial) bool {
	m.must()
	h.must()
	if !slices.Equal(m.Perm, h.Perm) {
		return false
	}
	for i := range m.Perm {
		if m.scale(i) != h.scale(i) {
			return false
		}
	}
	return true
}
