package symmetry

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Subspace is the space of all representations of the rotated quiver whose lower left
// blocks vanish: the interpolating space of arXiv 2107.02550, §6. On it, training
// the large network is training the reduced one (Theorem 8).
type Subspace struct {
	rotated, reduced *quiver.Rep
	blocks           []corner
}

// corner describes one trainable arrow of the rotated quiver, d_t×d_s, with its
// reduced block r_t×r_s in the upper left.
type corner struct {
	arrow  int
	rt, rs int
	nt, ns int // what reaches the ends; more than rt, rs at linear vertices that Observe cut
	cols   int
	free   bool // nothing is masked: the target has no path to an output
}

// SubspaceError says why projected training of the large network would not be training
// of the reduced one.
type SubspaceError struct{ Reason string }

func (e *SubspaceError) Error() string {
	return "symmetry: no subspace to project to: " + e.Reason + "; train Reduced and Lift it"
}

// Subspace returns the projector for representations with the layout of Rotated. Where the
// compression changes the function it returns a *SubspaceError: the rotated network does
// not lie in the subspace then.
func (c *Compression) Subspace() (*Subspace, error) {
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
	t, err := c.Rotated()
	if err != nil {
		return nil, err
	}
	s := &Subspace{rotated: t, reduced: c.reduced().Clone()}
	for i, a := range t.Quiver().Arrows() {
		if a.Fixed || a.TiedTo != "" || a.Rows*a.Cols == 0 {
			continue
		}
		rt, rs := c.corner(a)
		nt, ns := c.reached(a)
		s.blocks = append(s.blocks, corner{i, rt, rs, nt, ns, a.Cols, c.frame.Dropped[a.Target]})
	}
	return s, nil
}

// Project sets the lower left (d_t−r_t)×r_s block of each trainable matrix to zero, in
// place: the orthogonal projection to the subspace. g may be a gradient, a momentum
// or weights; it must have the layout of Rotated, or a *quiver.LayoutError is
// returned.
func (s *Subspace) Project(g *quiver.Rep) error {
	if s == nil || s.rotated == nil {
		return errSubspace
	}
	if err := present(g, "the gradient"); err != nil {
		return err
	}
	if err := s.rotated.Fits(g); err != nil {
		return fmt.Errorf("symmetry: the subspace belongs to the rotated network: %w", err)
	}
	for _, b := range s.blocks {
		if !b.free {
			mask(g.Block(b.arrow), b.cols, b)
		}
	}
	return nil
}

// mask zeroes what would leave the subspace: the rows that nothing reaches, in the columns
// that something reaches; and between reached rows and columns what maps unseen columns to
// seen rows.
func mask(m []float64, cols int, b corner) {
	for i, at := 0, 0; at < len(m); i, at = i+1, at+cols {
		switch {
		case i < b.rt:
			clear(m[at+b.rs : at+b.ns])
		case i >= b.nt:
			clear(m[at : at+b.ns])
		}
	}
}

// Coordinate says that Project zeroes entries and leaves the others alone, so that methods
// that work entry by entry, such as Adam, stay exact.
func (s *Subspace) Coordinate() bool { return true }

// Contains says whether w, of the layout of Rotated, lies in the subspace exactly.
func (s *Subspace) Contains(w *quiver.Rep) bool {
	if s == nil || s.rotated == nil {
		panic(errSubspace)
	}
	if w == nil {
		return false
	}
	p := w.Clone()
	if s.Project(p) != nil {
		return false
	}
	for i, x := range w.Data() {
		if p.Data()[i] != x {
			return false
		}
	}
	return true
}

// Reduce returns the reduced representation in the upper left blocks of w, which has
// the layout of Rotated and lies in the subspace: it has the same function as w.
func (s *Subspace) Reduce(w *quiver.Rep) (*quiver.Rep, error) {
	if s == nil || s.rotated == nil {
		return nil, errSubspace
	}
	if err := present(w, "the rotated network"); err != nil {
		return nil, err
	}
	if err := s.rotated.Fits(w); err != nil {
		return nil, fmt.Errorf("symmetry: the subspace belongs to the rotated network: %w", err)
	}
	r := s.reduced.Like()
	for _, b := range s.blocks {
		if b.rt > 0 && b.rs > 0 {
			m := w.Matrix(b.arrow).(*mat.Dense)
			r.Matrix(b.arrow).(*mat.Dense).Copy(m.Slice(0, b.rt, 0, b.rs))
		}
	}
	for v := range w.Quiver().NumVertices() {
		copy(r.ParamsAt(v), w.ParamsAt(v))
	}
	return r, nil
}

// Embed returns base with the upper left blocks replaced by r: ι(r) + U where base has
// the free part U.
func (s *Subspace) Embed(r, base *quiver.Rep) (*quiver.Rep, error) {
	if s == nil || s.rotated == nil {
		return nil, errSubspace
	}
	if err := present(r, "the reduced network"); err != nil {
		return nil, err
	}
	if err := present(base, "the rotated network"); err != nil {
		return nil, err
	}
	if err := s.reduced.Fits(r); err != nil {
		return nil, fmt.Errorf("symmetry: Embed takes a representation of the reduced quiver: %w", err)
	}
	if err := s.rotated.Fits(base); err != nil {
		return nil, fmt.Errorf("symmetry: the subspace belongs to the rotated network: %w", err)
	}
	out := base.Clone()
	for _, b := range s.blocks {
		if b.rt > 0 && b.rs > 0 {
			m := out.Matrix(b.arrow).(*mat.Dense)
			m.Slice(0, b.rt, 0, b.rs).(*mat.Dense).Copy(r.Matrix(b.arrow))
		}
	}
	for v := range out.Quiver().NumVertices() {
		copy(out.ParamsAt(v), r.ParamsAt(v))
	}
	return out, nil
}
