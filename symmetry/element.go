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
// Factors may be products of Householder reflections, which are not multiplied out
// until Factor asks.
type Element struct {
	q      *quiver.Quiver
	factor []factor // by vertex position; nil is the identity
}

// Identity returns the identity element.
func Identity(q *quiver.Quiver) Element {
	return Element{q, make([]factor, q.NumVertices())}
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
func haar(n int, rng *rand.Rand) *reflectors {
	m := newGrid(n, n)
	for i := range m.a {
		m.a[i] = rng.NormFloat64()
	}
	f, _ := factorize(m)
	return f
}

// commutes asks the activation whether it commutes with rotations: whether it is the
// same function on a random line as on the whole space (at dimension 1, after a change of
// sign). A radial activation says so; one that depends on the direction either refuses
// or becomes another function.
func commutes(v quiver.Vertex) bool {
	if v.Act == quiver.Identity || v.Dim == 0 {
		return true
	}
	b := mat.NewDense(v.Dim, 1, nil)
	b.Set(0, 0, -1)
	if v.Dim > 1 {
		rng := rand.New(rand.NewPCG(uint64(v.Dim), 1))
		for i := range v.Dim {
			b.Set(i, 0, rng.NormFloat64())
		}
		b.Scale(1/mat.Norm(b, 2), b)
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
	return multiplied(g.factor[i], g.q.Vertices()[i].Dim).dense()
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
	h := Element{g.q, append([]factor(nil), g.factor...)}
	var f factor
	if v.Dim > 0 {
		f = &matrix{gridOf(mat.DenseCopyOf(m), v.Dim, v.Dim), gridOf(mat.DenseCopyOf(m.T()), v.Dim, v.Dim)}
	}
	cl := classes(g.q)
	for _, u := range cl.members[cl.of[i]] { // tied vertices share one factor
		h.factor[u] = f
	}
	return h, nil
}

// Inverse returns g⁻¹.
func (g Element) Inverse() Element {
	h := Identity(g.q)
	seen := make(map[factor]factor) // tied vertices share one factor, and go on sharing it
	for i, f := range g.factor {
		if f == nil {
			continue
		}
		if seen[f] == nil {
			seen[f] = &inverted{f}
			if in, ok := f.(*inverted); ok {
				seen[f] = in.f
			}
		}
		h.factor[i] = seen[f]
	}
	return h
}

// Mul returns g·h, so that Act(g.Mul(h), w) = Act(g, Act(h, w)). It panics with
// *ElementError where the quivers have different vertices.
func (g Element) Mul(h Element) Element {
	if len(g.factor) != len(h.factor) {
		panic(&ElementError{"", fmt.Sprintf("elements for %d and for %d vertices have no product", len(g.factor), len(h.factor))})
	}
	p := Identity(g.q)
	seen := make(map[[2]factor]factor)
	for i, f := range g.factor {
		k := [2]factor{f, h.factor[i]}
		switch {
		case f == nil:
			p.factor[i] = k[1]
		case k[1] == nil:
			p.factor[i] = f
		case f.dim() != k[1].dim():
			panic(&ElementError{g.q.Vertices()[i].Name, fmt.Sprintf("factors of dimensions %d and %d have no product", f.dim(), k[1].dim())})
		default:
			if seen[k] == nil {
				seen[k] = &composed{f, k[1]}
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
		if n := m.dim(); n != vs[i].Dim {
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
		a := as[i]
		m := gridOf(w.Matrix(i), a.Rows, a.Cols).clone()
		if f := g.factor[a.Source]; f != nil {
			f.right(m, true)
		}
		if f := g.factor[a.Target]; f != nil {
			f.left(m, false)
		}
		return m.dense()
	}
	moved := func(i int) bool { return g.factor[as[i].Source] != nil || g.factor[as[i].Target] != nil }
	return rebuild(w, func(v int) (int, quiver.Activation) {
		act := vs[v].Act
		if f := g.factor[v]; f != nil && !commutes(vs[v]) {
			act = conjugate(act, multiplied(&inverted{f}, vs[v].Dim).dense())
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

// withFixed puts other fixed matrices in a Rep and in its quiver alike, so that
// compiled programs find them.
func withFixed(t *quiver.Rep, fixed map[string]mat.Matrix) (*quiver.Rep, error) {
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
