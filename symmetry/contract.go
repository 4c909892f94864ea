package symmetry

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// ContractError says why a vertex cannot be contracted away.
type ContractError struct{ Vertex, Reason string }

func (e *ContractError) Error() string {
	return fmt.Sprintf("symmetry: vertex %q cannot be contracted: %s", e.Vertex, e.Reason)
}

// Contract returns a network without the named linear vertices, hidden ones with the identity
// as activation: each pair of an arrow a: s → v and an arrow b: v → t becomes one arrow
// s → t with the matrix W_b·W_a, named "a's source.v.t". The function is the same, for every
// input; training a product differs from training its factors, so nothing is claimed about
// it. It pays where v is wider than its surroundings. The product of two fixed matrices
// is fixed. Arrows that become parallel stay apart: see MergeParallel. Derived.
//
// It returns a *quiver.UnknownVertexError, or a *ContractError for a vertex that is not hidden and
// linear or that a tied arrow touches.
func Contract(w *quiver.Rep, names ...string) (*quiver.Rep, error) {
	if err := w.CheckFinite(); err != nil {
		return nil, err
	}
	for _, name := range names {
		var err error
		if w, err = contract(w, name); err != nil {
			return nil, err
		}
	}
	return w.Clone(), nil
}

func contract(w *quiver.Rep, name string) (*quiver.Rep, error) {
	q := w.Quiver()
	v, ok := q.VertexIndex(name)
	if !ok {
		return nil, &quiver.UnknownVertexError{Vertex: name, Known: q.Hidden()}
	}
	vs, as := q.Vertices(), q.Arrows()
	if vs[v].Kind != quiver.KindHidden || vs[v].Act != quiver.Identity {
		return nil, &ContractError{name, "only hidden vertices with the identity as activation can go"}
	}
	gone := map[string]bool{}
	for _, list := range [][]int{q.In(v), q.Out(v)} {
		for _, i := range list {
			gone[as[i].Name] = true
		}
	}
	for _, a := range as {
		if a.TiedTo != "" && (gone[a.Name] || gone[a.TiedTo]) {
			return nil, &ContractError{name, fmt.Sprintf("arrows %q and %q are tied; their product with others would not be", a.Name, a.TiedTo)}
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
	r, err := quiver.New(parts...)
	if err != nil {
		return nil, err
	}
	out := quiver.Zero(r)
	for arrow, m := range sets {
		if err := out.Set(arrow, m); err != nil {
			return nil, err
		}
	}
	return out, carry(out, w)
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
