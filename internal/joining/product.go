package joining

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/quiver"
	"gonum.org/v1/gonum/mat"
)

// Contract returns w without a linear vertex: each pair of an arrow into it and one out of it becomes
// one arrow with the product of their matrices. Where the vertex has to stay it says why; a name that w
// does not have is a *quiver.UnknownVertexError.
func Contract(w *quiver.Rep, name string) (r *quiver.Rep, why string, err error) {
	q := w.Quiver()
	v, ok := q.VertexIndex(name)
	if !ok {
		return nil, "", &quiver.UnknownVertexError{Vertex: name, Known: q.Hidden()}
	}
	vs, as := q.Vertices(), q.Arrows()
	if vs[v].Kind != quiver.KindHidden || vs[v].Act != quiver.Identity {
		return nil, "only hidden vertices with the identity as activation can go", nil
	}
	gone := map[string]bool{}
	for _, list := range [][]int{q.In(v), q.Out(v)} {
		for _, i := range list {
			gone[as[i].Name] = true
		}
	}
	for _, a := range as {
		if a.TiedTo != "" && (gone[a.Name] || gone[a.TiedTo]) {
			return nil, fmt.Sprintf("arrows %q and %q are tied; their product with others would not be", a.Name, a.TiedTo), nil
		}
	}
	taken := map[string]bool{}
	for _, a := range as {
		taken[a.Name] = true
	}
	parts := withoutArrows(w, gone, nil)
	parts = without(parts, q, name)
	sets := map[string]*mat.Dense{}
	for _, i := range q.In(v) {
		for _, o := range q.Out(v) {
			a, b := as[i], as[o]
			arrow := fmt.Sprintf("%s.%s.%s", a.From, name, b.To)
			for taken[arrow] {
				arrow += "_"
			}
			taken[arrow] = true
			m := &mat.Dense{}
			if a.Rows*a.Cols*b.Rows > 0 {
				m = linalg.Product(nil, false, w.Matrix(o), mat.DenseCopyOf(w.Matrix(i)))
			} else if a.Cols*b.Rows > 0 {
				m = mat.NewDense(b.Rows, a.Cols, nil)
			}
			opts := []quiver.ArrowOption{quiver.Named(arrow)}
			if a.Fixed && b.Fixed {
				opts = append(opts, quiver.Frozen(m))
			} else if !m.IsEmpty() {
				sets[arrow] = m
			}
			parts = append(parts, quiver.Connect(a.From, b.To, opts...))
		}
	}
	smaller, err := quiver.New(parts...)
	if err != nil {
		return nil, "", err
	}
	out := quiver.Zero(smaller)
	for arrow, m := range sets {
		if err := out.Set(arrow, m); err != nil {
			return nil, "", err
		}
	}
	return out, "", carry(out, w)
}

// without drops the declaration of a hidden vertex from parts made by withoutArrows, which
// stand in a known order: inputs, then biases and hidden vertices in topological order.
func without(parts []quiver.Part, q *quiver.Quiver, name string) []quiver.Part {
	at := len(q.Inputs())
	for _, v := range q.Vertices() {
		if v.Kind == quiver.KindInput || v.Kind == quiver.KindOutput {
			continue
		}
		if v.Name == name {
			return append(parts[:at:at], parts[at+1:]...)
		}
		at++
	}
	return parts
}
