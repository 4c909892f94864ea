package subspace

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/ties"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Observe cuts the bases of linear vertices to what is seen downstream.
func (c *Chooser) Observe() {
	f := c.f
	if !f.Exact {
		return
	}
	n := len(c.vs)
	f.Reach = append([]*mat.Dense(nil), f.Basis...)
	seen := make([]*mat.Dense, n) // C_v, rows × width; nil is the identity
	cut := make([]bool, n)
	cl := ties.Of(c.q)
	for v := n - 1; v >= 0; v-- {
		vertex := c.vs[v]
		if vertex.Kind != quiver.KindHidden || vertex.Act != quiver.Identity || f.Dropped[v] || c.keep[vertex.Name] || len(cl.Members[cl.Of[v]]) > 1 {
			continue
		}
		r := f.Width(v, vertex.Dim)
		if r == 0 {
			continue
		}
		var rows []*mat.Dense
		for _, i := range c.q.Out(v) {
			t := c.as[i].Target
			if f.Dropped[t] || f.Width(t, c.as[i].Rows) == 0 {
				continue
			}
			m := linalg.Product(seen[t], false, linalg.Product(f.Basis[t], true, c.w.Matrix(i), f.Basis[v]), nil)
			if !m.IsEmpty() {
				rows = append(rows, mat.DenseCopyOf(m.T()))
			}
		}
		seenRows := linalg.Beside(r, rows...)
		carries := linalg.Abs(c.carried(v))
		k := linalg.Span(seenRows, func(k *mat.Dense) bool { // r×k: orthonormal rows of C_v
			if carries.IsEmpty() {
				return true
			}
			rest := linalg.Abs(linalg.Residual(seenRows, k))
			return c.unseen(rest, linalg.Abs(seenRows), carries)
		})
		if linalg.Width(k) == r {
			continue
		}
		seen[v], cut[v] = &mat.Dense{}, true
		f.kept(v, k, vertex.Dim)
		if !k.IsEmpty() {
			seen[v] = mat.DenseCopyOf(k.T())
		}
		f.Reason[v] = fmt.Sprintf("linear: of %d directions that reach it %d are seen", r, linalg.Width(k))
	}
	for _, a := range c.as { // coordinates of what changed are to be computed again
		if cut[a.Source] || cut[a.Target] {
			f.Coords[a.Target] = nil
		}
	}
	c.narrow(cut, seen)
}

// carried returns the coordinates of what reaches a vertex in its basis, r×s: one row for each
// direction, in the units of what it carries.
func (c *Chooser) carried(v int) *mat.Dense {
	a := c.stack(v)
	if a.IsEmpty() || c.f.Basis[v] == nil {
		return a
	}
	return linalg.Product(c.f.Basis[v], true, a, nil)
}

// Unseen says whether a part e of the rows that see a vertex, r×m as their absolute values, is
// rounding beside them in all that the vertex carries: eᵀ·R beside mᵀ·R, as in Rank.
func (c *Chooser) unseen(e, m, carries *mat.Dense) bool {
	return linalg.Below(linalg.Product(e, true, carries, nil), linalg.Product(m, true, carries, nil), linalg.Tolerance(m.Dims()))
}

// kept splits the reach of a vertex into the directions k that are seen and the rest:
// reach becomes [B·k, B·rest]. The basis itself is replaced later, by narrow.
func (f *Frame) kept(v int, k *mat.Dense, n int) {
	b := f.Basis[v]
	if b == nil {
		b = linalg.Eye(n).Dense()
	}
	r := linalg.Width(b)
	turn := linalg.Eye(r).Dense()
	if !k.IsEmpty() {
		turn = linalg.Full(linalg.Complete(k), r).Dense()
	}
	f.Reach[v] = linalg.Product(b, false, turn, nil)
}

// narrow replaces the bases of the vertices that were cut by their leading directions.
func (c *Chooser) narrow(cut []bool, seen []*mat.Dense) {
	for v := range c.vs {
		if !cut[v] {
			continue
		}
		b := c.f.Reach[v]
		n, _ := b.Dims()
		if seen[v].IsEmpty() {
			c.f.Basis[v] = &mat.Dense{}
			continue
		}
		k, _ := seen[v].Dims()
		c.f.Basis[v] = mat.DenseCopyOf(b.Slice(0, n, 0, k))
	}
}

// Reached returns the dimension of what reaches vertex v of dimension n: its width,
// and what Observe cut.
func (f *Frame) Reached(v, n int) int {
	if f.Reach == nil || f.Basis[v] == nil {
		return f.Width(v, n)
	}
	return max(linalg.Width(f.Reach[v]), f.Width(v, n))
}
