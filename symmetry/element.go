package symmetry

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Element is an element g of the orthogonal group ∏ O(d_v) over the hidden vertices of
// a quiver: one orthogonal d_v×d_v matrix for each, the identity where none was given.
type Element struct {
	q      *quiver.Quiver
	factor []*mat.Dense // by vertex position; nil is the identity
}

// Identity returns the identity element.
func Identity(q *quiver.Quiver) Element {
	return Element{q, make([]*mat.Dense, q.NumVertices())}
}

// RandomElement returns a random element of the symmetry group of q: an orthogonal
// matrix from the Haar measure at each hidden vertex whose activation commutes with
// rotations, the identity elsewhere. Vertices that tied arrows tie together share one
// factor.
func RandomElement(q *quiver.Quiver, src rand.Source) Element {
	g := Identity(q)
	rng := rand.New(src)
	cl := classes(q)
	vs := q.Vertices()
	for _, members := range cl.members {
		free := true
		for _, v := range members {
			free = free && vs[v].Kind == quiver.KindHidden && vs[v].Dim > 0 && commutes(vs[v])
		}
		if !free {
			continue
		}
		u := haar(vs[members[0]].Dim, rng)
		for _, v := range members {
			g.factor[v] = u
		}
	}
	return g
}

// haar returns a random orthogonal matrix: the QR decomposition of a normal one, with a
// positive diagonal.
func haar(n int, rng *rand.Rand) *mat.Dense {
	m := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			m.Set(i, j, rng.NormFloat64())
		}
	}
	b, _ := qr(m)
	return b
}

// commutes asks the activation whether it is the same in a rotated basis.
func commutes(v quiver.Vertex) bool {
	if v.Act == quiver.Identity {
		return true
	}
	b := haar(v.Dim, rand.New(rand.NewPCG(uint64(v.Dim), 1)))
	if v.Dim == 1 {
		b.Set(0, 0, -1)
	}
	a, ok := v.Act.Restrict(b)
	return ok && a.String() == v.Act.String()
}

// Factor returns the matrix at a vertex, a copy; &mat.Dense{} at dimension 0, nil for an
// unknown vertex.
func (g Element) Factor(vertex string) *mat.Dense {
	i, ok := g.q.VertexIndex(vertex)
	if !ok {
		return nil
	}
	if g.factor[i] != nil {
		return mat.DenseCopyOf(g.factor[i])
	}
	d := g.q.Vertices()[i].Dim
	if d == 0 {
		return &mat.Dense{}
	}
	return complete(&mat.Dense{}, d)
}

// With returns the element that has m at the named hidden vertex. m must be orthogonal to
// 1e-8; otherwise, or at a vertex that is not hidden, an *ElementError is returned.
func (g Element) With(vertex string, m *mat.Dense) (Element, error) {
	i, ok := g.q.VertexIndex(vertex)
	if !ok {
		return g, &ElementError{vertex, "no such vertex"}
	}
	v := g.q.Vertices()[i]
	if v.Kind != quiver.KindHidden {
		return g, &ElementError{vertex, fmt.Sprintf("%s vertices are not rotated; only hidden ones are", v.Kind)}
	}
	if r, c := m.Dims(); r != v.Dim || c != v.Dim {
		return g, &ElementError{vertex, fmt.Sprintf("matrix is %d×%d, want %d×%d (dim %s)", r, c, v.Dim, v.Dim, vertex)}
	}
	if v.Dim > 0 {
		var p mat.Dense
		p.Mul(m.T(), m)
		for k := range v.Dim {
			p.Set(k, k, p.At(k, k)-1)
		}
		if e := mat.Norm(&p, math.Inf(1)); !(e < 1e-8) {
			return g, &ElementError{vertex, fmt.Sprintf("|mᵀm − I| = %.2g; want an orthogonal matrix", e)}
		}
	}
	h := Element{g.q, append([]*mat.Dense(nil), g.factor...)}
	f := mat.DenseCopyOf(m)
	cl := classes(g.q)
	for _, u := range cl.members[cl.of[i]] { // tied vertices share one factor
		h.factor[u] = f
	}
	return h, nil
}

// Inverse returns g⁻¹, factor by factor the transpose.
func (g Element) Inverse() Element {
	h := Identity(g.q)
	seen := make(map[*mat.Dense]*mat.Dense) // tied vertices share one factor, and go on sharing it
	for i, m := range g.factor {
		if m == nil {
			continue
		}
		if seen[m] == nil {
			seen[m] = mat.DenseCopyOf(m.T())
		}
		h.factor[i] = seen[m]
	}
	return h
}

// Mul returns g·h, so that Act(g.Mul(h), w) = Act(g, Act(h, w)). It panics with
// *ElementError where the quivers have different vertices.
func (g Element) Mul(h Element) Element {
	if len(g.factor) != len(h.factor) {
		panic(&ElementError{"", "elements of different quivers"})
	}
	p := Identity(g.q)
	seen := make(map[[2]*mat.Dense]*mat.Dense)
	for i, m := range g.factor {
		switch {
		case m == nil:
			p.factor[i] = h.factor[i]
		case h.factor[i] == nil:
			p.factor[i] = m
		default:
			k := [2]*mat.Dense{m, h.factor[i]}
			if seen[k] == nil {
				seen[k] = product(m, false, h.factor[i], nil)
			}
			p.factor[i] = seen[k]
		}
	}
	return p
}

// ElementError reports a group element that does not fit.
type ElementError struct {
	Vertex, Reason string
}

func (e *ElementError) Error() string {
	if e.Vertex == "" {
		return "symmetry: " + e.Reason
	}
	return fmt.Sprintf("symmetry: vertex %q: %s", e.Vertex, e.Reason)
}

// Act returns g·w, the representation g_t W_a g_s⁻¹ on each arrow a: s → t, fixed ones
// too (arXiv 2107.02550, §5.1, and 2207.12773), with the same function. Where an
// activation does not commute with g_v the result has another quiver, with the activation
// g_v∘ρ∘g_v⁻¹ there. Activation parameters do not change. It returns an *ElementError where
// the sizes differ, tied arrows would get different matrices, or the weights of a fixed
// arrow could not be written.
func Act(g Element, w *quiver.Rep) (*quiver.Rep, error) {
	q := w.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	if len(g.factor) != len(vs) {
		return nil, &ElementError{"", fmt.Sprintf("an element for %d vertices acts on a quiver with %d", len(g.factor), len(vs))}
	}
	for i, m := range g.factor {
		if m == nil {
			continue
		}
		if n, _ := m.Dims(); n != vs[i].Dim {
			return nil, &ElementError{vs[i].Name, fmt.Sprintf("factor is %d×%d, want %d×%d", n, n, vs[i].Dim, vs[i].Dim)}
		}
	}
	for _, a := range as {
		if a.TiedTo == "" {
			continue
		}
		o, _ := q.ArrowIndex(a.TiedTo)
		if g.factor[a.Source] != g.factor[as[o].Source] || g.factor[a.Target] != g.factor[as[o].Target] {
			return nil, &ElementError{"", fmt.Sprintf("arrows %q and %q are tied; their ends need the same factors", a.Name, a.TiedTo)}
		}
	}
	rotate := func(i int) *mat.Dense {
		var right *mat.Dense
		if m := g.factor[as[i].Source]; m != nil {
			right = mat.DenseCopyOf(m.T())
		}
		return product(g.factor[as[i].Target], false, w.Matrix(i), right)
	}
	moved := func(i int) bool { return g.factor[as[i].Source] != nil || g.factor[as[i].Target] != nil }
	return rebuild(w, func(v int) (int, quiver.Activation) {
		act := vs[v].Act
		if m := g.factor[v]; m != nil && vs[v].Dim > 0 {
			act = conjugate(act, mat.DenseCopyOf(m.T()))
		}
		return vs[v].Dim, act
	}, func(i int) mat.Matrix {
		if !moved(i) {
			return w.Matrix(i)
		}
		return rotate(i)
	})
}

// conjugate returns w ↦ bᵀρ(bw) for an orthogonal b.
func conjugate(act quiver.Activation, b *mat.Dense) quiver.Activation {
	if a, ok := act.Restrict(b); ok {
		return a
	}
	return quiver.Restricted(act, b)
}

// rebuild returns a Rep on w's quiver with other dimensions, activations and matrices.
// Activation parameters are carried over. A matrix that is empty, or nil, leaves zeros.
func rebuild(w *quiver.Rep, vertex func(v int) (int, quiver.Activation), matrix func(arrow int) mat.Matrix) (*quiver.Rep, error) {
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
