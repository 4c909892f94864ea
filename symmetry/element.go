package symmetry

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/quivernet/quivernet/internal/monomial"

	"github.com/quivernet/quivernet/internal/ties"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Element is an element g of the symmetry group of a quiver: one invertible d_v×d_v matrix
// g_v for each hidden vertex, the identity where none was given. What g_v may be depends on the
// activation (GroupOf). Factors may be monomial matrices or products of Householder
// reflections, which are not multiplied out until Factor asks.
type Element struct {
	q      *quiver.Quiver
	factor []linalg.Factor // by vertex position; nil is the identity
}

// Identity returns the identity element.
func Identity(q *quiver.Quiver) Element {
	return Element{q, make([]linalg.Factor, q.NumVertices())}
}

// RandomElement returns a random element of the symmetry group of q: at each hidden vertex
//
//   - an orthogonal matrix from the Haar measure where the activation commutes with
//     rotations, block by block where it does so in blocks;
//   - a permutation with the signs and positive scales that a pointwise activation lets
//     through, exp(N(0,1) − ½) each (arXiv 2205.14258);
//   - a permutation at the other groups, and the identity where none is known.
//
// Vertices that tied arrows tie together share one factor, from a group that they have in
// common.
func RandomElement(q *quiver.Quiver, src rand.Source) Element {
	if linalg.IsNil(src) {
		panic(&quiver.InputError{Reason: "a nil source of random numbers; give one such as rand.NewPCG(1, 2)"})
	}
	g := Identity(q)
	rng := rand.New(src)
	cl := ties.Of(q)
	vs := q.Vertices()
	for k, have := range ties.Groups(q, cl) {
		n := vs[cl.Members[k][0]].Dim
		switch {
		case n == 0:
			continue
		case have.HasRotations() || have.Kind == group.Anything:
			have = group.Group{Kind: group.Orthogonal}
		case have.Kind != group.BlockOrthogonal:
			have = have.MonomialPart()
		}
		var f linalg.Factor
		switch {
		case have.Kind == group.Orthogonal:
			f = linalg.Haar(n, rng)
		case have.Kind == group.BlockOrthogonal:
			m := linalg.Of(have.Random(n, src), n, n)
			f = &linalg.Invertible{A: m, Inv: m.Transpose()}
		case have.IsMonomial():
			f = &monomial.Factor{M: have.RandomMonomial(n, src)}
		}
		for _, v := range cl.Members[k] {
			g.factor[v] = f
		}
	}
	return g
}

// Factor returns the matrix at a vertex, a copy; &mat.Dense{} at dimension 0, nil for an
// unknown vertex.
func (g Element) Factor(vertex string) *mat.Dense {
	i, ok := g.q.VertexIndex(vertex)
	if !ok {
		return nil
	}
	return linalg.Full(g.factor[i], g.q.Vertices()[i].Dim).Dense()
}

// With returns the element that has m at the named hidden vertex and at those that ties
// bind to it. m must be in the group of their activations, or orthogonal to 1e-8; otherwise, or
// at a vertex that is not hidden, an *ElementError is returned, which wraps the
// *MembershipError where there is one.
func (g Element) With(vertex string, m *mat.Dense) (Element, error) {
	i, ok := g.q.VertexIndex(vertex)
	if !ok {
		return g, &ElementError{Vertex: vertex, Reason: "no such vertex"}
	}
	vs := g.q.Vertices()
	v := vs[i]
	if v.Kind != quiver.KindHidden {
		return g, &ElementError{Vertex: vertex, Reason: fmt.Sprintf("%s vertices are not rotated; only hidden ones are", v.Kind)}
	}
	if r, c := m.Dims(); r != v.Dim || c != v.Dim {
		return g, &ElementError{Vertex: vertex, Reason: fmt.Sprintf("matrix is %d×%d, want %d×%d (dim %s)", r, c, v.Dim, v.Dim, vertex)}
	}
	cl := ties.Of(g.q)
	members := cl.Members[cl.Of[i]] // tied vertices share one factor
	var f linalg.Factor
	if v.Dim > 0 {
		e := offOrthogonal(m)
		for _, u := range members {
			have := group.Of(vs[u].Act, vs[u].Dim)
			if e < group.OrthogonalTolerance {
				break
			}
			switch err := have.Contains(m); {
			case err == nil:
			case have.Kind == group.Pinned || have.Kind == group.Orthogonal:
				return g, &ElementError{Vertex: vertex, Reason: fmt.Sprintf("|mᵀm − I| = %.2g; want an orthogonal matrix", e)}
			default:
				return g, &ElementError{Vertex: vertex, Reason: fmt.Sprintf("want an orthogonal matrix or an element of the group of %s", vs[u].Act), Err: err}
			}
		}
		if f = given(m, e < group.OrthogonalTolerance); f == nil {
			return g, &ElementError{Vertex: vertex, Reason: "the matrix has no inverse"}
		}
	}
	h := Element{g.q, append([]linalg.Factor(nil), g.factor...)}
	for _, u := range members {
		h.factor[u] = f
	}
	return h, nil
}

// offOrthogonal returns the largest row sum of |mᵀm − I|, NaN where an entry is.
func offOrthogonal(m *mat.Dense) float64 {
	var p mat.Dense
	p.Mul(m.T(), m)
	n, _ := p.Dims()
	for k := range n {
		p.Set(k, k, p.At(k, k)-1)
	}
	return mat.Norm(&p, math.Inf(1))
}

// given returns the factor of a matrix.
func given(m *mat.Dense, orthogonal bool) linalg.Factor {
	if p, err := group.MonomialOf(m); err == nil {
		return &monomial.Factor{M: p}
	}
	if n, _ := m.Dims(); orthogonal {
		return &linalg.Invertible{A: linalg.Of(mat.DenseCopyOf(m), n, n), Inv: linalg.Of(mat.DenseCopyOf(m.T()), n, n)}
	}
	return monomial.General(m)
}

// Inverse returns g⁻¹.
func (g Element) Inverse() Element {
	h := Identity(g.q)
	seen := make(map[linalg.Factor]linalg.Factor) // tied vertices share one factor, and go on sharing it
	for i, f := range g.factor {
		if f == nil {
			continue
		}
		if seen[f] == nil {
			seen[f] = &linalg.Inverted{F: f}
			switch in := f.(type) {
			case *linalg.Inverted:
				seen[f] = in.F
			case *monomial.Factor:
				seen[f] = &monomial.Factor{M: in.M.Inverse()}
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
		panic(&ElementError{Reason: fmt.Sprintf("elements for %d and for %d vertices have no product", len(g.factor), len(h.factor))})
	}
	p := Identity(g.q)
	seen := make(map[[2]linalg.Factor]linalg.Factor)
	for i, f := range g.factor {
		k := [2]linalg.Factor{f, h.factor[i]}
		switch {
		case f == nil:
			p.factor[i] = k[1]
		case k[1] == nil:
			p.factor[i] = f
		case f.Dim() != k[1].Dim():
			panic(&ElementError{Vertex: g.q.Vertices()[i].Name, Reason: fmt.Sprintf("factors of dimensions %d and %d have no product", f.Dim(), k[1].Dim())})
		default:
			if seen[k] == nil {
				seen[k] = &linalg.Composed{F: f, G: k[1]}
				a, left := f.(*monomial.Factor)
				if b, right := k[1].(*monomial.Factor); left && right {
					seen[k] = &monomial.Factor{M: a.M.Mul(b.M)}
				}
			}
			p.factor[i] = seen[k]
		}
	}
	return p
}
