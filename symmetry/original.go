package symmetry

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// OriginalSubspace is the Subspace of a compression seen in the coordinates of the
// original network, so that nobody's weights are rotated.
type OriginalSubspace struct {
	c      *Compression
	arrows []quiver.Arrow
}

// OriginalSubspace returns the projector for representations with the layout of the
// original (of the merged one after MergeParallel). With R_v = B_v B_vᵀ the projection to what
// reaches a vertex, I at inputs, biases and outputs, it is for each arrow
//
//	G ↦ G − (I − R_t) G R_s − K_t G N_s,
//
// where N_v is the part of R_v that is not seen downstream (0 except at linear vertices
// after Observe) and K_v = R_v − N_v,
// at the cost of thin products. For methods that commute with rotations (gradient descent,
// momentum, Nesterov) projected training here is Q times projected training of
// Rotated; for methods that work entry by entry it is not: they need Rotated (derived;
// arXiv 2107.02550, Theorem 8, in other coordinates). It returns a *SubspaceError where
// Subspace does.
func (c *Compression) OriginalSubspace() (*OriginalSubspace, error) {
	if err := c.made(); err != nil {
		return nil, err
	}
	if c.unitsWent() {
		return nil, &SubspaceError{"units were merged, folded or removed, and their gradients are not those of the units that stay"}
	}
	if c.frame.Summed {
		return nil, &SubspaceError{"the sum of what reaches a vertex stays in its subspace, the single arrows do not"}
	}
	if !c.frame.Exact {
		return nil, &SubspaceError{"directions that are not zero were cut off"}
	}
	return &OriginalSubspace{c, c.original.Quiver().Arrows()}, nil
}

// Project projects g in place. It returns a *quiver.LayoutError where g has another
// layout than the original.
func (s *OriginalSubspace) Project(g *quiver.Rep) error {
	if s == nil || s.c == nil {
		return errSubspace
	}
	if err := present(g, "the gradient"); err != nil {
		return err
	}
	if err := s.c.original.Fits(g); err != nil {
		return fmt.Errorf("symmetry: the subspace belongs to the original network: %w", err)
	}
	f := s.c.frame
	for i, a := range s.arrows {
		_, ns := s.c.reached(a)
		if a.Fixed || a.TiedTo != "" || a.Rows*a.Cols == 0 || ns == 0 || f.Dropped[a.Target] {
			continue
		}
		m := g.Matrix(i).(*mat.Dense)
		rs, rt := f.ReachOf(a.Source), f.ReachOf(a.Target)
		var d *mat.Dense
		if rt != nil {
			d = linalg.Product(nil, false, m, rs) // G R_s
			if !rt.IsEmpty() {
				d.Sub(d, linalg.Product(rt, false, linalg.Product(rt, true, d, nil), nil))
			}
			d = back(d, rs)
		}
		if n := f.Unseen(a.Source); n != nil && (f.Basis[a.Target] == nil || !f.Basis[a.Target].IsEmpty()) {
			e := linalg.Product(nil, false, m, n)
			if k := f.Basis[a.Target]; k != nil {
				e = linalg.Product(k, false, linalg.Product(k, true, e, nil), nil)
			}
			m.Sub(m, back(e, n))
		}
		if d != nil {
			m.Sub(m, d)
		}
	}
	return nil
}

// back returns d·bᵀ; b nil is the identity.
func back(d, b *mat.Dense) *mat.Dense {
	if b == nil {
		return d
	}
	return linalg.Product(nil, false, d, mat.DenseCopyOf(b.T()))
}

// Coordinate says that Project mixes entries.
func (s *OriginalSubspace) Coordinate() bool { return false }
