package symmetry

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/joining"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// LiftError says why a reduced network has no place in the original quiver.
type LiftError struct{ Reason string }

func (e *LiftError) Error() string {
	return "symmetry: no lift to the original quiver: " + e.Reason + "; use Reduced as it is"
}

// Lift returns the representation Q·(ι(r)+U) of the original quiver: r, which has the layout of
// Reduced, in the directions that were kept, and in the rest what the original has. It has the
// same function as r; Lift(Reduced) is the original, where the compression is exact. Only thin
// factors are formed:
//
//	W_a + B_t (r_a − B_tᵀ W_a B_s) B_sᵀ,
//
// and, where directions were cut that are not zero, W_a + (B_t r_a − W_a B_s) B_sᵀ.
//
// Where units were removed (Pointwise, Box, Samples) their rows and columns are zero: Lift
// gives the function of r then, not the old weights. Where the reduction added a vertex or an
// arrow, or made a vertex linear, r has no place in the original quiver, and Lift returns a
// *LiftError. r of another layout gives a *quiver.LayoutError.
func (c *Compression) Lift(r *quiver.Rep) (*quiver.Rep, error) {
	if err := c.made(); err != nil {
		return nil, err
	}
	if err := present(r, "the reduced network"); err != nil {
		return nil, err
	}
	if err := c.reduced().Fits(r); err != nil {
		return nil, fmt.Errorf("symmetry: Lift takes a representation of the reduced quiver: %w", err)
	}
	out := c.original.Clone()
	as := out.Quiver().Arrows()
	for i, a := range as {
		if a.Fixed || a.TiedTo != "" || c.frame.Dropped[a.Target] {
			continue
		}
		c.lift(out, i, a, r)
	}
	for v := range out.Quiver().NumVertices() {
		copy(out.ParamsAt(v), r.ParamsAt(v))
	}
	if !c.frame.Exact {
		fixed := make(map[string]mat.Matrix)
		for i, a := range as {
			if a.Fixed && a.Rows*a.Cols > 0 && !c.frame.Dropped[a.Target] && (c.frame.Basis[a.Source] != nil || c.frame.Basis[a.Target] != nil) {
				fixed[a.Name] = c.lifted(out, i, a, r)
			}
		}
		var err error
		if out, err = joining.WithFixed(out, fixed); err != nil {
			return nil, err
		}
	}
	var err error
	if c.unitsWent() {
		if out, err = padded(c.removed.Given, out); err != nil {
			return nil, err
		}
	}
	if c.joined != nil {
		if out, err = c.joined.Split(out); err != nil {
			return nil, err
		}
	}
	if c.merged != nil {
		return c.merged.Split(out)
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
	bs, bt := c.frame.Basis[a.Source], c.frame.Basis[a.Target]
	rt, rs := c.corner(a)
	w := mat.DenseCopyOf(out.Matrix(i))
	if rs == 0 {
		return w
	}
	var d *mat.Dense
	if c.frame.Exact { // what W_a maps elsewhere is not seen, and stays
		if rt == 0 {
			return w
		}
		d = linalg.Product(bt, true, w, bs)
		d.Sub(r.Matrix(i), d)
		d = linalg.Product(bt, false, d, nil)
	} else {
		d = linalg.Product(nil, false, w, bs)
		d.Scale(-1, d)
		if rt > 0 {
			d.Add(d, linalg.Product(bt, false, r.Matrix(i), nil))
		}
	}
	if bs != nil {
		d = linalg.Product(nil, false, d, mat.DenseCopyOf(bs.T()))
	}
	if bs == nil && bt == nil {
		return mat.DenseCopyOf(r.Matrix(i))
	}
	w.Add(w, d)
	return w
}

// padded returns r, a representation of what the reduction of units left of w, in the quiver of
// w: in the leading coordinates of each vertex, and zeros elsewhere.
func padded(w, r *quiver.Rep) (*quiver.Rep, error) {
	q, old := r.Quiver(), w.Quiver()
	for _, v := range q.Vertices() {
		i, ok := old.VertexIndex(v.Name)
		switch {
		case !ok:
			return nil, &LiftError{fmt.Sprintf("vertex %q is new", v.Name)}
		case v.Act != nil && v.Dim > 0 && v.Act.String() != old.Vertices()[i].Act.String():
			return nil, &LiftError{fmt.Sprintf("vertex %q has become %s", v.Name, v.Act)}
		}
	}
	out := w.Like()
	fixed := make(map[string]mat.Matrix)
	for i, a := range q.Arrows() {
		k, ok := old.ArrowIndex(a.Name)
		switch b := old.Arrows(); {
		case !ok:
			return nil, &LiftError{fmt.Sprintf("arrow %q is new", a.Name)}
		case a.Rows == b[k].Rows && a.Cols == b[k].Cols && a.Fixed:
			if a.Rows*a.Cols > 0 {
				fixed[a.Name] = r.Matrix(i)
			}
		case b[k].Rows*b[k].Cols == 0 || a.TiedTo != "":
		default:
			m := mat.NewDense(b[k].Rows, b[k].Cols, nil)
			if a.Rows*a.Cols > 0 {
				m.Slice(0, a.Rows, 0, a.Cols).(*mat.Dense).Copy(r.Matrix(i))
			}
			if a.Fixed {
				fixed[a.Name] = m
			} else if err := out.Set(a.Name, m); err != nil {
				return nil, err
			}
		}
	}
	for v, vertex := range q.Vertices() {
		copy(out.Params(vertex.Name), r.ParamsAt(v))
	}
	if len(fixed) == 0 {
		return out, nil
	}
	return joining.WithFixed(out, fixed)
}
