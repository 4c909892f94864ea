package group

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Random returns a random element of g at dimension n, &mat.Dense{} at dimension 0.
// Permutations are uniform within their classes, signs are fair, scales are
// exp(N(0,1) − ½), orthogonal matrices are from the Haar measure, general ones normal.
// At a dimension that Sizes or Classes do not fit it panics with *MembershipError.
func (g Group) Random(n int, src rand.Source) *mat.Dense {
	mustDim(n)
	mustSource(src)
	return g.random(n, rand.New(src)).Dense()
}

// RandomMonomial is Random for the monomial kinds; elsewhere it draws from the
// monomial matrices that g contains with φ(A) = A.
func (g Group) RandomMonomial(n int, src rand.Source) Monomial {
	mustDim(n)
	mustSource(src)
	return g.MonomialPart().draw(n, rand.New(src))
}

// random returns a random element; the identity where none is known.
func (g Group) random(n int, rng *rand.Rand) linalg.Matrix {
	if n == 0 {
		return linalg.New(0, 0)
	}
	scale := func() float64 { return math.Exp(rng.NormFloat64() - 0.5) }
	switch g.Kind {
	case Permutations, SignedPermutations, PositiveMonomial, FullMonomial:
		return g.draw(n, rng).matrix()
	case Orthogonal:
		return linalg.Full(linalg.Haar(n, rng), n)
	case Conformal:
		m := linalg.Full(linalg.Haar(n, rng), n)
		s := scale()
		for i := range m.Data {
			m.Data[i] *= s
		}
		return invertible(m)
	case BlockOrthogonal:
		return g.drawBlocks(n, rng)
	case GeneralLinear, Anything, UnitRowSum:
		m := normalGrid(n, rng)
		if g.Kind == UnitRowSum {
			for i := range n {
				row := m.Row(i)
				row[i] += 1 - sum(row)
			}
		}
		return invertible(m)
	case ShiftedPermutations:
		m := Group{Kind: Permutations}.draw(n, rng).matrix()
		addRow(m, rng)
		return invertible(m)
	case Centered: // C·Q·C with Q orthogonal on the complement of 1: a reflection moves e_1 to 1/√n
		m := linalg.New(n, n)
		if n > 1 {
			u := mat.NewDense(n, 1, nil)
			for i := range n {
				u.Set(i, 0, 1)
			}
			f, _ := linalg.Factorize(linalg.Of(u, n, 1))
			inner, s := linalg.Full(linalg.Haar(n-1, rng), n-1), scale()
			for i := range n - 1 {
				for j := range n - 1 {
					m.Data[(i+1)*n+j+1] = s * inner.Data[i*(n-1)+j]
				}
			}
			f.Left(m, false)
			f.Right(m, true)
		}
		addRow(m, rng)
		return invertible(m)
	}
	return linalg.Eye(n)
}

// invertible returns m, and the identity where m has no inverse.
func invertible(m linalg.Matrix) linalg.Matrix {
	var inv mat.Dense
	if inv.Inverse(m.Dense()) != nil {
		return linalg.Eye(m.Rows)
	}
	return m
}

// draw returns a random element of a monomial kind.
func (g Group) draw(n int, rng *rand.Rand) Monomial {
	m := Monomial{make([]int, n), make([]float64, n)}
	if g.Classes != nil && len(g.Classes) != n {
		panic(&quiver.InputError{Reason: fmt.Sprintf("a group with classes of %d units has no element on %d", len(g.Classes), n)})
	}
	places := make(map[int][]int) // by class
	var order []int
	for i := range n {
		c := 0
		if g.Classes != nil {
			c = g.Classes[i]
		}
		if places[c] == nil {
			order = append(order, c)
		}
		places[c] = append(places[c], i)
	}
	for _, c := range order {
		for i, j := range rng.Perm(len(places[c])) {
			m.Perm[places[c][i]] = places[c][j]
		}
	}
	for i := range n {
		m.Scale[i] = 1
		if g.HasScales() {
			m.Scale[i] = math.Exp(rng.NormFloat64() - 0.5)
		}
		if g.HasSigns() && rng.IntN(2) == 0 {
			m.Scale[i] = -m.Scale[i]
		}
	}
	return m
}

// drawBlocks returns Haar rotations of the blocks, then a permutation of those of one size.
func (g Group) drawBlocks(n int, rng *rand.Rand) linalg.Matrix {
	if s := sum(g.Sizes); s != n {
		panic(g.containsBlocks(linalg.Eye(n).Dense()))
	}
	at, start := 0, make([]int, len(g.Sizes))
	for b, s := range g.Sizes {
		start[b] = at
		at += s
	}
	to := Group{Kind: Permutations, Classes: g.Sizes}.draw(len(g.Sizes), rng)
	m := linalg.New(n, n)
	for b, s := range g.Sizes {
		q := linalg.Full(linalg.Haar(s, rng), s)
		for i := range s {
			copy(m.Row(start[to.Perm[b]] + i)[start[b]:start[b]+s], q.Row(i))
		}
	}
	return m
}

// normalGrid returns an n×n matrix of normal numbers.
func normalGrid(n int, rng *rand.Rand) linalg.Matrix {
	m := linalg.New(n, n)
	for i := range m.Data {
		m.Data[i] = rng.NormFloat64()
	}
	return m
}

// addRow adds one random row to all rows of m.
func addRow(m linalg.Matrix, rng *rand.Rand) {
	c := make([]float64, m.Cols)
	for j := range c {
		c[j] = rng.NormFloat64()
	}
	for i := range m.Rows {
		for j, x := range c {
			m.Data[i*m.Cols+j] += x
		}
	}
}
