package joining

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Rebuild returns a Rep on w's quiver with other dimensions, activations and matrices.
// Activation parameters are carried over. A matrix that is empty, or nil, leaves zeros.
func Rebuild(w *quiver.Rep, vertex func(v int) (int, quiver.Activation), matrix func(arrow int) mat.Matrix) (*quiver.Rep, error) {
	q := w.Quiver()
	as := q.Arrows()
	ms := make([]mat.Matrix, len(as))
	for i := range as {
		ms[i] = matrix(i)
	}
	r, err := q.Derive(func(v quiver.Vertex) quiver.Vertex {
		i, _ := q.VertexIndex(v.Name)
		d, act := vertex(i)
		if v.Kind == quiver.KindHidden || v.Kind == quiver.KindOutput {
			v.Dim, v.Act = d, act
		}
		return v
	}, func(a quiver.Arrow, _ mat.Matrix) mat.Matrix {
		i, _ := q.ArrowIndex(a.Name)
		return ms[i]
	})
	if err != nil {
		return nil, err
	}
	out := quiver.Zero(r)
	for i, a := range r.Arrows() { // the order is that of q
		if a.Fixed || a.TiedTo != "" || a.Rows*a.Cols == 0 || ms[i] == nil {
			continue
		}
		if err := out.Set(a.Name, ms[i]); err != nil {
			return nil, err
		}
	}
	for v := range q.NumVertices() {
		copy(out.ParamsAt(v), w.ParamsAt(v))
	}
	return out, nil
}

// WithFixed puts other fixed matrices in a Rep and in its quiver alike, so that
// compiled programs find them. Without any it returns t, which keeps its quiver.
func WithFixed(t *quiver.Rep, fixed map[string]mat.Matrix) (*quiver.Rep, error) {
	if len(fixed) == 0 {
		return t, nil
	}
	q, err := t.Quiver().Derive(nil, func(a quiver.Arrow, m mat.Matrix) mat.Matrix {
		if f, ok := fixed[a.Name]; ok {
			return f
		}
		i, _ := t.Quiver().ArrowIndex(a.Name)
		return t.Fixed(i)
	})
	if err != nil {
		return nil, err
	}
	r := quiver.Zero(q)
	r.CopyFrom(t)
	return r, nil
}
