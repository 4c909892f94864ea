package symmetry

import (
	"github.com/quivernet/quivernet/internal/matching"
	"github.com/quivernet/quivernet/internal/subspace"

	"github.com/quivernet/quivernet/internal/ties"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/quiver"
)

// Canonical returns a form of w that all networks equal to it up to the symmetries of hidden
// vertices share (GroupOf). At vertices that commute with rotations it is the reduced network of
// Compress with Rank(0), in the one basis in which
// the matrix [R_v] = Bᵀ[W_a B_s] of each hidden vertex is in echelon form: its rows have their
// first non-zero entries, which are positive, in the first linearly independent columns, biases
// first. At pointwise vertices rows have norm 1 where positive scales are in the group
// (NormalizeIncoming of ReLU networks), the sign that makes a fixed functional of the row positive
// where signs are, and the order of that functional; units with equal rows have that of what goes
// out of them. Canonical(g·w) = Canonical(w) up to rounding, amplified by the condition of A_v
// (derived; for the generic case of rotations, a QR decomposition with positive diagonal, arXiv
// 2107.02550).
//
// Pointwise vertices keep their dimension. Vertices with other groups are left as they are. Twins
// whose order depends on the order of other twins may come out in another one: SameOrbit says
// Undecided then. At a linear vertex the true symmetry is GL(n): networks with different canonical
// forms may then be equal. It returns a *quiver.NonFiniteError, and a *quiver.TieError for tied arrows between
// hidden vertices that could be rotated, for which no such basis is defined: see SameOrbit.
func Canonical(w *quiver.Rep) (*quiver.Rep, error) {
	if err := network(w); err != nil {
		return nil, err
	}
	if err := w.CheckFinite(); err != nil {
		return nil, err
	}
	q := w.Quiver()
	cl := ties.Of(q)
	var keep []string
	for v, vertex := range q.Vertices() {
		if vertex.Kind != quiver.KindHidden {
			continue
		}
		if len(cl.Members[cl.Of[v]]) > 1 {
			for _, a := range q.Arrows() {
				if a.TiedTo != "" {
					return nil, &quiver.TieError{Arrow: a.Name, Other: a.TiedTo, Reason: "tied hidden vertices have no canonical basis; compare networks with SameOrbit"}
				}
			}
		}
		if !group.Commutes(vertex) {
			keep = append(keep, vertex.Name)
		}
	}
	if f := matching.Order(w); f != nil {
		var err error
		if w, err = Act(Element{q, f}, w); err != nil {
			return nil, err
		}
	}
	c, err := Compress(w, Keep(keep...), option(func(o *options) { o.rule, o.always = subspace.ByEchelon{}, true }))
	if err != nil {
		return nil, err
	}
	return c.Reduced, nil
}
