package symmetry

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/quivernet/quivernet/internal/joining"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// WidenError says why a vertex cannot be widened.
type WidenError struct{ Vertex, Reason string }

func (e *WidenError) Error() string {
	return fmt.Sprintf("symmetry: vertex %q cannot be widened: %s", e.Vertex, e.Reason)
}

// Widen returns a network with larger hidden vertices and the same function, the inverse of
// compression: the old coordinates come first, each matrix W becomes
//
//	[W U₁]
//	[0 U₂]
//
// and the new coordinates stay 0 until training moves them. With a nil init the free part U is
// zero, and then no gradient reaches the new coordinates; an init draws it (from src),
// and the network has new directions to learn in, with its function unchanged at the start.
// Fixed matrices are padded with zeros. Compress undoes Widen where the widths follow from the
// architecture.
//
// An activation must restrict to itself on the old coordinates, as radial ones and pointwise
// ones with σ(0) = 0 do. It returns a *WidenError for a vertex that is not hidden, a width
// below the old one, or an activation that refuses; a *quiver.UnknownVertexError; a *quiver.TieError where tied
// matrices would get different sizes.
func Widen(w *quiver.Rep, widths map[string]int, init quiver.Init, src rand.Source) (*quiver.Rep, error) {
	if err := network(w); err != nil {
		return nil, err
	}
	q := w.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	for _, name := range slices.Sorted(maps.Keys(widths)) {
		i, ok := q.VertexIndex(name)
		if !ok {
			return nil, &quiver.UnknownVertexError{Vertex: name, Known: q.Hidden()}
		}
		if err := widens(vs[i], widths[name]); err != nil {
			return nil, err
		}
	}
	dim := func(v int) int {
		if d, ok := widths[vs[v].Name]; ok {
			return d
		}
		return vs[v].Dim
	}
	pad := func(i int, m mat.Matrix) mat.Matrix {
		a := as[i]
		r, c := dim(a.Target), dim(a.Source)
		if in, ok := m.(quiver.Inclusion); ok {
			in.Rows, in.Cols = r, c
			return in
		}
		if r == 0 || c == 0 {
			return &mat.Dense{}
		}
		p := mat.NewDense(r, c, nil)
		if a.Rows*a.Cols > 0 {
			p.Slice(0, a.Rows, 0, a.Cols).(*mat.Dense).Copy(m)
		}
		return p
	}
	out, err := joining.Rebuild(w, func(v int) (int, quiver.Activation) { return dim(v), vs[v].Act }, func(i int) mat.Matrix {
		if as[i].Fixed {
			return pad(i, w.Fixed(i))
		}
		return pad(i, w.Matrix(i))
	})
	if err != nil || init == nil {
		return out, err
	}
	free := quiver.Random(out.Quiver(), init, src)
	for i, a := range out.Quiver().Arrows() {
		if a.Fixed || a.TiedTo != "" || a.Cols == as[i].Cols || a.Rows == 0 {
			continue
		}
		m, u := out.Matrix(i).(*mat.Dense), free.Matrix(i).(*mat.Dense)
		m.Slice(0, a.Rows, as[i].Cols, a.Cols).(*mat.Dense).Copy(u.Slice(0, a.Rows, as[i].Cols, a.Cols))
	}
	return out, nil
}

// widens checks that a vertex can have dimension d.
func widens(v quiver.Vertex, d int) error {
	switch {
	case v.Kind != quiver.KindHidden:
		return &WidenError{v.Name, fmt.Sprintf("it is an %s; only hidden vertices can grow", v.Kind)}
	case d < v.Dim:
		return &WidenError{v.Name, fmt.Sprintf("width %d is below %d; Compress makes it smaller", d, v.Dim)}
	case d == v.Dim:
		return nil
	}
	if p, ok := v.Act.(quiver.Parametric); ok && p.NumParams(d) != p.NumParams(v.Dim) {
		return &WidenError{v.Name, fmt.Sprintf("activation %s has parameters for each coordinate", v.Act)}
	}
	b := &mat.Dense{}
	if v.Dim > 0 {
		b = mat.NewDense(d, v.Dim, nil)
		for i := range v.Dim {
			b.Set(i, i, 1)
		}
	}
	if a, ok := v.Act.Restrict(b); !ok || v.Dim > 0 && a.String() != v.Act.String() {
		return &WidenError{v.Name, fmt.Sprintf("activation %s in dimension %d is not itself on the first %d coordinates", v.Act, d, v.Dim)}
	}
	return nil
}
