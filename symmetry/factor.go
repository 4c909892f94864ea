package symmetry

// factor is an invertible n×n matrix at one vertex. A nil factor is the identity.
type factor interface {
	dim() int
	left(m grid, inverse bool)  // m ← Q·m, or Q⁻¹·m
	right(m grid, inverse bool) // m ← m·Q, or m·Q⁻¹
}

// multiplied returns the factor as an n×n matrix.
func multiplied(f factor, n int) grid {
	g := eyeGrid(n)
	if f != nil {
		f.left(g, false)
	}
	return g
}

// matrix is a factor given by its entries, with its inverse.
type matrix struct{ m, inv grid }

func (f *matrix) dim() int { return f.m.r }

func (f *matrix) left(m grid, inverse bool)  { copy(m.a, mulGrid(f.pick(inverse), m).a) }
func (f *matrix) right(m grid, inverse bool) { copy(m.a, mulGrid(m, f.pick(inverse)).a) }

func (f *matrix) pick(inverse bool) grid {
	if inverse {
		return f.inv
	}
	return f.m
}

// permutation is the factor whose column j is the unit vector e_{at[j]}.
type permutation struct{ at []int }

func (f *permutation) dim() int { return len(f.at) }

func (f *permutation) left(m grid, inverse bool) {
	old := m.clone()
	for j, i := range f.at {
		if inverse {
			copy(m.row(j), old.row(i))
		} else {
			copy(m.row(i), old.row(j))
		}
	}
}

func (f *permutation) right(m grid, inverse bool) {
	old := m.clone()
	for j, i := range f.at {
		if inverse {
			i, j = j, i
		}
		for k := range m.r {
			m.a[k*m.c+j] = old.a[k*m.c+i]
		}
	}
}

// inverted is the inverse of a factor.
type inverted struct{ f factor }

func (f *inverted) dim() int                   { return f.f.dim() }
func (f *inverted) left(m grid, inverse bool)  { f.f.left(m, !inverse) }
func (f *inverted) right(m grid, inverse bool) { f.f.right(m, !inverse) }

// composed is the product f·g, never multiplied out.
type composed struct{ f, g factor }

func (c *composed) dim() int { return c.f.dim() }

func (c *composed) left(m grid, inverse bool) {
	if inverse {
		c.f.left(m, true)
		c.g.left(m, true)
		return
	}
	c.g.left(m, false)
	c.f.left(m, false)
}

func (c *composed) right(m grid, inverse bool) {
	if inverse {
		c.g.right(m, true)
		c.f.right(m, true)
		return
	}
	c.f.right(m, false)
	c.g.right(m, false)
}
