package linalg

// Factor is an invertible n×n matrix at one vertex. A nil factor is the identity.
type Factor interface {
	Dim() int
	Left(m Matrix, inverse bool)  // m ← Q·m, or Q⁻¹·m
	Right(m Matrix, inverse bool) // m ← m·Q, or m·Q⁻¹
}

// Full returns the factor as an n×n matrix.
func Full(f Factor, n int) Matrix {
	g := Eye(n)
	if f != nil {
		f.Left(g, false)
	}
	return g
}

// Invertible is a factor given by its entries, with its inverse.
type Invertible struct{ A, Inv Matrix }

// Dim is n.
func (f *Invertible) Dim() int { return f.A.Rows }

// Left multiplies m from the left, see [Factor].
func (f *Invertible) Left(m Matrix, inverse bool) { copy(m.Data, Mul(f.pick(inverse), m).Data) }

// Right multiplies m from the right, see [Factor].
func (f *Invertible) Right(m Matrix, inverse bool) { copy(m.Data, Mul(m, f.pick(inverse)).Data) }

func (f *Invertible) pick(inverse bool) Matrix {
	if inverse {
		return f.Inv
	}
	return f.A
}

// Permutation is the factor whose column j is the unit vector e_{at[j]}.
type Permutation struct{ At []int }

// Dim is n.
func (f *Permutation) Dim() int { return len(f.At) }

// Left multiplies m from the left, see [Factor].
func (f *Permutation) Left(m Matrix, inverse bool) {
	old := m.Clone()
	for j, i := range f.At {
		if inverse {
			copy(m.Row(j), old.Row(i))
		} else {
			copy(m.Row(i), old.Row(j))
		}
	}
}

// Right multiplies m from the right, see [Factor].
func (f *Permutation) Right(m Matrix, inverse bool) {
	old := m.Clone()
	for j, i := range f.At {
		if inverse {
			i, j = j, i
		}
		for k := range m.Rows {
			m.Data[k*m.Cols+j] = old.Data[k*m.Cols+i]
		}
	}
}

// Inverted is the inverse of a factor.
type Inverted struct{ F Factor }

// Dim is n.
func (f *Inverted) Dim() int { return f.F.Dim() }

// Left multiplies m from the left, see [Factor].
func (f *Inverted) Left(m Matrix, inverse bool) { f.F.Left(m, !inverse) }

// Right multiplies m from the right, see [Factor].
func (f *Inverted) Right(m Matrix, inverse bool) { f.F.Right(m, !inverse) }

// Composed is the product f·g, never multiplied out.
type Composed struct{ F, G Factor }

// Dim is n.
func (c *Composed) Dim() int { return c.F.Dim() }

// Left multiplies m from the left, see [Factor].
func (c *Composed) Left(m Matrix, inverse bool) {
	if inverse {
		c.F.Left(m, true)
		c.G.Left(m, true)
		return
	}
	c.G.Left(m, false)
	c.F.Left(m, false)
}

// Right multiplies m from the right, see [Factor].
func (c *Composed) Right(m Matrix, inverse bool) {
	if inverse {
		c.G.Right(m, true)
		c.F.Right(m, true)
		return
	}
	c.F.Right(m, false)
	c.G.Right(m, false)
}
