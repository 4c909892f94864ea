package monomial

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/internal/linalg"
)

// Factor is a Monomial as a factor: it acts in one pass over a matrix.
type Factor struct{ M group.Monomial }

// scaleAt returns the scale of row i.
func scaleAt(m group.Monomial, i int) float64 {
	if m.Scale == nil {
		return 1
	}
	return m.Scale[i]
}

// Dim is n.
func (f *Factor) Dim() int { return f.M.Dim() }

// Left multiplies m from the left, see [linalg.Factor].
func (f *Factor) Left(m linalg.Matrix, inverse bool) {
	a := f.M
	if inverse {
		a = a.Inverse()
	}
	old := m.Clone()
	for i, j := range a.Perm {
		s, from := scaleAt(a, i), old.Row(j)
		for k := range m.Row(i) {
			m.Data[i*m.Cols+k] = s * from[k]
		}
	}
}

// Right multiplies m from the right, see [linalg.Factor].
func (f *Factor) Right(m linalg.Matrix, inverse bool) {
	a := f.M
	if inverse {
		a = a.Inverse()
	}
	old := m.Clone()
	for i, j := range a.Perm { // column j of m·A is column i of m, scaled
		s := scaleAt(a, i)
		for k := range m.Rows {
			m.Data[k*m.Cols+j] = old.Data[k*m.Cols+i] * s
		}
	}
}

// Of returns a factor that is known to be a monomial matrix as one.
func Of(f linalg.Factor) (group.Monomial, bool) {
	switch f := f.(type) {
	case *Factor:
		return f.M, true
	case *linalg.Permutation:
		m := group.Monomial{Perm: make([]int, len(f.At))}
		for j, i := range f.At {
			m.Perm[i] = j
		}
		return m, true
	case *linalg.Inverted:
		m, ok := Of(f.F)
		if !ok {
			return m, false
		}
		return m.Inverse(), true
	case *linalg.Composed:
		a, ok := Of(f.F)
		if !ok {
			return a, false
		}
		b, ok := Of(f.G)
		if !ok {
			return b, false
		}
		return a.Mul(b), true
	}
	return group.Monomial{}, false
}

// general is a factor that need not be orthogonal.
type general struct{ linalg.Invertible }

// General returns the factor of an invertible matrix; nil where it has no inverse.
func General(m *mat.Dense) linalg.Factor {
	n, _ := m.Dims()
	var inv mat.Dense
	if n == 0 || inv.Inverse(m) != nil {
		return nil
	}
	return &general{linalg.Invertible{A: linalg.Of(mat.DenseCopyOf(m), n, n), Inv: linalg.Of(&inv, n, n)}}
}

// Orthogonal says whether a factor is known to be orthogonal.
func Orthogonal(f linalg.Factor) bool {
	switch f := f.(type) {
	case *general:
		return false
	case *Factor:
		for i := range f.M.Perm {
			if s := scaleAt(f.M, i); s != 1 && s != -1 {
				return false
			}
		}
	case *linalg.Inverted:
		return Orthogonal(f.F)
	case *linalg.Composed:
		return Orthogonal(f.F) && Orthogonal(f.G)
	}
	return true
}
