package symmetry

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/internal/linalg"
)

// monomial is a Monomial as a factor: it acts in one pass over a matrix.
type monomial struct{ m group.Monomial }

// scaleAt returns the scale of row i.
func scaleAt(m group.Monomial, i int) float64 {
	if m.Scale == nil {
		return 1
	}
	return m.Scale[i]
}

func (f *monomial) Dim() int { return f.m.Dim() }

func (f *monomial) Left(m linalg.Matrix, inverse bool) {
	a := f.m
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

func (f *monomial) Right(m linalg.Matrix, inverse bool) {
	a := f.m
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

// asMonomial returns a factor that is known to be a monomial matrix as one.
func asMonomial(f linalg.Factor) (group.Monomial, bool) {
	switch f := f.(type) {
	case *monomial:
		return f.m, true
	case *linalg.Permutation:
		m := group.Monomial{Perm: make([]int, len(f.At))}
		for j, i := range f.At {
			m.Perm[i] = j
		}
		return m, true
	case *linalg.Inverted:
		m, ok := asMonomial(f.F)
		if !ok {
			return m, false
		}
		return m.Inverse(), true
	case *linalg.Composed:
		a, ok := asMonomial(f.F)
		if !ok {
			return a, false
		}
		b, ok := asMonomial(f.G)
		if !ok {
			return b, false
		}
		return a.Mul(b), true
	}
	return group.Monomial{}, false
}

// general is a factor that need not be orthogonal.
type general struct{ linalg.Invertible }

// newGeneral returns the factor of an invertible matrix; nil where it has no inverse.
func newGeneral(m *mat.Dense) linalg.Factor {
	n, _ := m.Dims()
	var inv mat.Dense
	if n == 0 || inv.Inverse(m) != nil {
		return nil
	}
	return &general{linalg.Invertible{A: linalg.Of(mat.DenseCopyOf(m), n, n), Inv: linalg.Of(&inv, n, n)}}
}

// orthogonal says whether a factor is known to be orthogonal.
func orthogonal(f linalg.Factor) bool {
	switch f := f.(type) {
	case *general:
		return false
	case *monomial:
		for i := range f.m.Perm {
			if s := scaleAt(f.m, i); s != 1 && s != -1 {
				return false
			}
		}
	case *linalg.Inverted:
		return orthogonal(f.F)
	case *linalg.Composed:
		return orthogonal(f.F) && orthogonal(f.G)
	}
	return true
}
