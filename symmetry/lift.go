package symmetry

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// LiftError says why a reduced network has no place in the original quiver.
type LiftError struct{ Reason string }

func (e *LiftError) Error() string {
	return "symmetry: no lift to the original quiver: " + e.Reason + "; use Reduced as it is, or compress without Pointwise, Box and Samples"
}

// Lift returns the representation Q·(ι(r)+U) of the original quiver: r, which has the
// layout of Reduced, in the directions that were kept, and in the rest what the original
// has. It has the same function as r; Lift(Reduced) is the original, where the
// compression is exact. Only thin factors are formed:
//
//	W_a + B_t (r_a − B_tᵀ W_a B_s) B_sᵀ,
//
// and, where directions were cut that are not zero, W_a + (B_t r_a − W_a B_s) B_sᵀ.
//
// r of another layout gives a *quiver.LayoutError; a compression that removed units (Pointwise, Box,
// Samples) a *LiftError.
func (c *Compression) Lift(r *quiver.Rep) (*quiver.Rep, error) {
	if err := c.Reduced.Fits(r); err != nil {
		return nil, fmt.Errorf("symmetry: Lift takes a representation of the reduced quiver: %w", err)
	}
	if len(c.Units) > 0 {
		return nil, &LiftError{fmt.Sprintf("%d units were merged, folded or removed", len(c.Units))}
	}
	out := c.original.Clone()
	as := out.Quiver().Arrows()
	for i, a := range as {
		if a.Fixed || a.TiedTo != "" || c.frame.dropped[a.Target] {
			continue
		}
		c.lift(out, i, a, r)
	}
	for v := range out.Quiver().NumVertices() {
		copy(out.ParamsAt(v), r.ParamsAt(v))
	}
	if !c.frame.exact {
		fixed := make(map[string]mat.Matrix)
		for i, a := range as {
			if a.Fixed && a.Rows*a.Cols > 0 && !c.frame.dropped[a.Target] && (c.frame.basis[a.Source] != nil || c.frame.basis[a.Target] != nil) {
				fixed[a.Name] = c.lifted(out, i, a, r)
			}
		}
		if len(fixed) > 0 {
			var err error
			if out, err = withFixed(out, fixed); err != nil {
				return nil, err
			}
		}
	}
	var err error
	if c.joined != nil {
		if out, err = c.joined.split(out); err != nil {
			return nil, err
		}
	}
	if c.merged != nil {
		return c.merged.split(out)
	}
	return out, nil
}

func (c *Compression) lift(out *quiver.Rep, i int, a quiver.Arrow, r *quiver.Rep) {
	_, rs := c.corner(a)
	if a.Rows*a.Cols == 0 || rs == 0 {
		return
	}
	out.Matrix(i).(*mat.Dense).Copy(c.lifted(out, i, a, r))
}

// lifted returns the matrix of one arrow.
func (c *Compression) lifted(out *quiver.Rep, i int, a quiver.Arrow, r *quiver.Rep) *mat.Dense {
	bs, bt := c.frame.basis[a.Source], c.frame.basis[a.Target]
	rt, rs := c.corner(a)
	w := mat.DenseCopyOf(out.Matrix(i))
	if rs == 0 {
		return w
	}
	var d *mat.Dense
	if c.frame.exact { // what W_a maps elsewhere is not seen, and stays
		if rt == 0 {
			return w
		}
		d = product(bt, true, w, bs)
		d.Sub(r.Matrix(i), d)
		d = product(bt, false, d, nil)
	} else {
		d = product(nil, false, w, bs)
		d.Scale(-1, d)
		if rt > 0 {
			d.Add(d, product(bt, false, r.Matrix(i), nil))
		}
	}
	if bs != nil {
		d = product(nil, false, d, mat.DenseCopyOf(bs.T()))
	}
	if bs == nil && bt == nil {
		return mat.DenseCopyOf(r.Matrix(i))
	}
	w.Add(w, d)
	return w
}
