package group

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/linalg"
)

// OrthogonalTolerance is how far AᵀA may be from the identity.
const OrthogonalTolerance = 1e-8

// MembershipError reports a matrix that is not in a group, with the entry that offends;
// Row or Col is −1 where no single one does.
type MembershipError struct {
	Kind     Kind
	Row, Col int
	Value    float64
	Reason   string
}

func (e *MembershipError) Error() string {
	in := "symmetry: not in the group (" + e.Kind.String() + ")"
	if e.Kind == Pinned {
		in = "symmetry: not in the group"
	}
	switch {
	case e.Row >= 0 && e.Col >= 0:
		return fmt.Sprintf("%s: entry (%d,%d) is %v: %s", in, e.Row, e.Col, e.Value, e.Reason)
	case e.Row >= 0:
		return fmt.Sprintf("%s: row %d: %s", in, e.Row, e.Reason)
	case e.Col >= 0:
		return fmt.Sprintf("%s: column %d: %s", in, e.Col, e.Reason)
	}
	return in + ": " + e.Reason
}

// Contains returns nil where A is in g, else a *MembershipError. Zeros and signs are taken
// exactly; orthogonal parts and sums to 1e-8, relative to their scale.
func (g Group) Contains(a mat.Matrix) error {
	_, err := g.split(a)
	return err
}

// ContainsMonomial is Contains for a monomial matrix, without forming it.
func (g Group) ContainsMonomial(m Monomial) error {
	if err := m.Check(); err != nil {
		err.(*MembershipError).Kind = g.Kind
		return err
	}
	if !g.IsMonomial() {
		return g.Contains(m.Dense())
	}
	if g.Classes != nil && len(g.Classes) != m.Dim() {
		return &MembershipError{g.Kind, -1, -1, 0, fmt.Sprintf("dimension %d, classes of %d coordinates", m.Dim(), len(g.Classes))}
	}
	for i, j := range m.Perm {
		x := m.scale(i)
		fail := func(reason string) error { return &MembershipError{g.Kind, i, j, x, reason} }
		switch {
		case g.Classes != nil && g.Classes[i] != g.Classes[j]:
			return fail(fmt.Sprintf("coordinates %d and %d are of different classes and cannot change places", j, i))
		case x < 0 && !g.HasSigns():
			return fail("negative scales are not in it")
		case math.Abs(x) != 1 && !g.HasScales():
			if g.HasSigns() {
				return fail("want 1 or −1")
			}
			return fail("want 1")
		}
		if _, ok := g.Multiplier(x); !ok {
			return fail(fmt.Sprintf("|a|^%v leaves the range of numbers", g.Degree))
		}
	}
	return nil
}

// parts is what a matrix of a group is made of.
type parts struct {
	m     Monomial   // the monomial part: A itself, or the P of P + 1cᵀ
	s     float64    // the scale of s·Q
	whole *mat.Dense // A; for Centered, sQ
}

// split finds the parts of A, or says why A is not in g.
func (g Group) split(a mat.Matrix) (parts, error) {
	n, err := squareFinite(g.Kind, a)
	p := parts{s: 1, whole: &mat.Dense{}}
	if err != nil || n == 0 {
		return p, err
	}
	p.whole = mat.DenseCopyOf(a)
	fail := func(row int, reason string) (parts, error) {
		return p, &MembershipError{g.Kind, row, -1, 0, reason}
	}
	switch g.Kind {
	case Permutations, SignedPermutations, PositiveMonomial, FullMonomial:
		if p.m, err = MonomialOf(a); err != nil {
			err.(*MembershipError).Kind = g.Kind
			return p, err
		}
		return p, g.ContainsMonomial(p.m)
	case Pinned:
		for i := range n {
			for j := range n {
				if want := i == j; a.At(i, j) != 0 != want || want && a.At(i, j) != 1 {
					return p, &MembershipError{g.Kind, i, j, a.At(i, j), "no symmetry is known but the identity"}
				}
			}
		}
		return p, nil
	case Orthogonal, Conformal:
		if g.Kind == Conformal {
			if p.s = mat.Norm(a, 2) / math.Sqrt(float64(n)); p.s == 0 {
				return fail(0, "the row is zero, so the matrix is singular")
			}
		}
		if i, j, e := notOrthogonalAt(p.whole, p.s); e > OrthogonalTolerance {
			return p, &MembershipError{g.Kind, -1, j, 0, fmt.Sprintf("its product with column %d is off by %.2g; want a multiple of an orthogonal matrix", i, e)}
		}
		return p, nil
	case BlockOrthogonal:
		return p, g.containsBlocks(p.whole)
	case UnitRowSum:
		for i := range n {
			if s := sum(p.whole.RawRowView(i)); math.Abs(s-1) > OrthogonalTolerance {
				return p, &MembershipError{g.Kind, i, -1, s, fmt.Sprintf("it sums to %v; want 1", s)}
			}
		}
	case ShiftedPermutations:
		if p.m, err = shiftedPermutation(g.Kind, p.whole); err != nil {
			return p, err
		}
	case Centered:
		if err := p.center(n); err != nil {
			return p, err
		}
	}
	var lu mat.LU
	lu.Factorize(mat.DenseCopyOf(a))
	if c := lu.Cond(); !(c < 1e15) {
		return fail(-1, fmt.Sprintf("the matrix is singular: its condition is %.2g", c))
	}
	return p, nil
}

// squareFinite returns n for an n×n matrix of finite numbers.
func squareFinite(k Kind, a mat.Matrix) (int, error) {
	if linalg.IsNil(a) {
		return 0, &MembershipError{k, -1, -1, 0, "the matrix is nil"}
	}
	r, c := a.Dims()
	if r > 1<<20 {
		return 0, &MembershipError{k, -1, -1, 0, fmt.Sprintf("the matrix is %d×%d, more than fits into memory", r, c)}
	}
	if r != c || r < 0 {
		return 0, &MembershipError{k, -1, -1, 0, fmt.Sprintf("the matrix is %d×%d; want a square one", r, c)}
	}
	for i := range r {
		for j := range c {
			if x := a.At(i, j); math.IsNaN(x) || math.IsInf(x, 0) {
				return 0, &MembershipError{k, i, j, x, "want finite numbers"}
			}
		}
	}
	return r, nil
}

// notOrthogonalAt returns the pair of columns whose product is farthest from that of s·Q.
func notOrthogonalAt(a *mat.Dense, s float64) (row, col int, worst float64) {
	n, _ := a.Dims()
	var p mat.Dense
	p.Mul(a.T(), a)
	for i := range n {
		for j := range n {
			e := p.At(i, j) / s / s
			if i == j {
				e--
			}
			if e = math.Abs(e); e > worst || math.IsNaN(e) {
				row, col, worst = i, j, e
			}
		}
	}
	return row, col, worst
}

// containsBlocks checks that A maps each block onto one block of the same size.
func (g Group) containsBlocks(a *mat.Dense) error {
	n, _ := a.Dims()
	if s := sum(g.Sizes); s != n {
		return &MembershipError{g.Kind, -1, -1, 0, fmt.Sprintf("dimension %d, blocks of %d", n, s)}
	}
	if i, j, e := notOrthogonalAt(a, 1); e > OrthogonalTolerance {
		return &MembershipError{g.Kind, -1, j, 0, fmt.Sprintf("its product with column %d is off by %.2g; want an orthogonal matrix", i, e)}
	}
	block := make([]int, 0, n)
	for b, s := range g.Sizes {
		for range s {
			block = append(block, b)
		}
	}
	onto := make([]int, len(g.Sizes))
	for j := range n {
		for i := range n {
			switch b := block[j]; {
			case a.At(i, j) == 0:
			case onto[b] == 0:
				onto[b] = block[i] + 1
				if g.Sizes[block[i]] != g.Sizes[b] {
					return &MembershipError{g.Kind, i, j, a.At(i, j), fmt.Sprintf("blocks %d and %d differ in size", b, block[i])}
				}
			case onto[b] != block[i]+1:
				return &MembershipError{g.Kind, i, j, a.At(i, j), fmt.Sprintf("it mixes blocks %d and %d", onto[b]-1, block[i])}
			}
		}
	}
	return nil
}

// shiftedPermutation finds the P of A = P + 1cᵀ: the largest entry of each column.
func shiftedPermutation(k Kind, a *mat.Dense) (Monomial, error) {
	n, _ := a.Dims()
	m := Monomial{Perm: make([]int, n)}
	row := make([]int, n)
	for j := range n {
		top, low := 0, 0
		for i := range n {
			if a.At(i, j) > a.At(top, j) {
				top = i
			}
			if a.At(i, j) < a.At(low, j) {
				low = i
			}
		}
		slack := OrthogonalTolerance * max(1, math.Abs(a.At(top, j)))
		for i := range n {
			want := 0.0
			if i == top && n > 1 {
				want = 1
			}
			if d := a.At(i, j) - a.At(low, j) - want; math.Abs(d) > slack {
				return m, &MembershipError{k, i, j, a.At(i, j), fmt.Sprintf("it is off by %.2g; want one entry of the column to be 1 more than the others, which are equal", d)}
			}
		}
		if row[top] > 0 {
			return m, &MembershipError{k, top, j, a.At(top, j), fmt.Sprintf("the row is the largest in column %d too", row[top]-1)}
		}
		row[top], m.Perm[top] = j+1, j
	}
	return m, nil
}

// center replaces A = sQ + 1cᵀ by its part sQ = (I − 11ᵀ/n)A and finds s.
func (p *parts) center(n int) error {
	a := p.whole
	size := mat.Norm(a, 2)
	for j := range n {
		mean := 0.0
		for i := range n {
			mean += a.At(i, j) / float64(n)
		}
		for i := range n {
			a.Set(i, j, a.At(i, j)-mean)
		}
	}
	for i := range n { // sQ·1 = 0
		if s := sum(a.RawRowView(i)); math.Abs(s) > OrthogonalTolerance*size {
			return &MembershipError{Centered, i, -1, s, fmt.Sprintf("it sums to %.3g more than the mean of the rows; want A·1 to be a multiple of 1", s)}
		}
	}
	if n == 1 {
		return nil
	}
	if p.s = mat.Norm(a, 2) / math.Sqrt(float64(n-1)); p.s <= OrthogonalTolerance*size {
		return &MembershipError{Centered, -1, -1, 0, "all rows are equal; the matrix is singular"}
	}
	q := mat.DenseCopyOf(a)
	for i := range n {
		for j := range n {
			q.Set(i, j, a.At(i, j)+p.s/float64(n))
		}
	}
	if i, j, e := notOrthogonalAt(q, p.s); e > OrthogonalTolerance {
		return &MembershipError{Centered, -1, j, 0, fmt.Sprintf("centered, its product with column %d is off by %.2g; want a multiple of an orthogonal matrix", i, e)}
	}
	return nil
}

func sum[T int | float64](xs []T) (s T) {
	for _, x := range xs {
		s += x
	}
	return s
}
