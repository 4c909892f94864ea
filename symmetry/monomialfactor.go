package symmetry

import "gonum.org/v1/gonum/mat"

// monomial is a Monomial as a factor: it acts in one pass over a matrix.
type monomial struct{ m Monomial }

func (f *monomial) dim() int { return f.m.Dim() }

func (f *monomial) left(m grid, inverse bool) {
	a := f.m
	if inverse {
		a = a.Inverse()
	}
	old := m.clone()
	for i, j := range a.Perm {
		s, from := a.scale(i), old.row(j)
		for k := range m.row(i) {
			m.a[i*m.c+k] = s * from[k]
		}
	}
}

func (f *monomial) right(m grid, inverse bool) {
	a := f.m
	if inverse {
		a = a.Inverse()
	}
	old := m.clone()
	for i, j := range a.Perm { // column j of m·A is column i of m, scaled
		s := a.scale(i)
		for k := range m.r {
			m.a[k*m.c+j] = old.a[k*m.c+i] * s
		}
	}
}

// asMonomial returns a factor that is known to be a monomial matrix as one.
func asMonomial(f factor) (Monomial, bool) {
	switch f := f.(type) {
	case *monomial:
		return f.m, true
	case *permutation:
		m := Monomial{Perm: make([]int, len(f.at))}
		for j, i := range f.at {
			m.Perm[i] = j
		}
		return m, true
	case *inverted:
		m, ok := asMonomial(f.f)
		if !ok {
			return m, false
		}
		return m.Inverse(), true
	case *composed:
		a, ok := asMonomial(f.f)
		if !ok {
			return a, false
		}
		b, ok := asMonomial(f.g)
		if !ok {
			return b, false
		}
		return a.Mul(b), true
	}
	return Monomial{}, false
}

// general is a factor that need not be orthogonal.
type general struct{ matrix }

// newGeneral returns the factor of an invertible matrix; nil where it has no inverse.
func newGeneral(m *mat.Dense) factor {
	n, _ := m.Dims()
	var inv mat.Dense
	if n == 0 || inv.Inverse(m) != nil {
		return nil
	}
	return &general{matrix{gridOf(mat.DenseCopyOf(m), n, n), gridOf(&inv, n, n)}}
}

// orthogonal says whether a factor is known to be orthogonal.
func orthogonal(f factor) bool {
	switch f := f.(type) {
	case *general:
		return false
	case *monomial:
		for i := range f.m.Perm {
			if s := f.m.scale(i); s != 1 && s != -1 {
				return false
			}
		}
	case *inverted:
		return orthogonal(f.f)
	case *composed:
		return orthogonal(f.f) && orthogonal(f.g)
	}
	return true
}
