package symmetry

import (
	"fmt"
	"slices"
	"strings"

	"github.com/quivernet/quivernet/internal/joining"

	"github.com/quivernet/quivernet/internal/monomial"

	"github.com/quivernet/quivernet/internal/ties"

	"github.com/quivernet/quivernet/symmetry/group"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// ElementError reports a group element that does not fit.
type ElementError struct {
	Vertex, Reason string
	Err            error // what the group says, or nil
}

func (e *ElementError) Error() string {
	s := "symmetry: " + e.Reason
	if e.Vertex != "" {
		s = fmt.Sprintf("symmetry: vertex %q: %s", e.Vertex, e.Reason)
	}
	if e.Err != nil {
		s += ": " + strings.TrimPrefix(e.Err.Error(), "symmetry: ")
	}
	return s
}

// Unwrap returns Err.
func (e *ElementError) Unwrap() error { return e.Err }

// Act returns g·w, with the same function: each arrow a: s → t becomes
//
//	g_t W_a φ(g_s)⁻¹,
//
// fixed ones too, where ρ_s(g_s x) = φ(g_s)ρ_s(x) (arXiv 2205.14258). For rotations at vertices that
// commute with them φ(g) = g (arXiv 2107.02550, §5.1, and 2207.12773). Where an orthogonal g_v is
// not in the group of the activation, φ(g_v) = g_v and the result has another quiver, with the
// activation g_v∘ρ∘g_v⁻¹ there. Activation parameters do not change. It returns an
// *ElementError where the sizes differ, a factor is neither orthogonal nor in the group, tied
// arrows would get different matrices, or the weights of a fixed arrow could not be written.
func Act(g Element, w *quiver.Rep) (*quiver.Rep, error) {
	if err := network(w); err != nil {
		return nil, err
	}
	q := w.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	if len(g.factor) != len(vs) {
		return nil, &ElementError{Reason: fmt.Sprintf("an element for %d vertices acts on a quiver with %d", len(g.factor), len(vs))}
	}
	for i, m := range g.factor {
		if m == nil {
			continue
		}
		if n := m.Dim(); n != vs[i].Dim {
			return nil, &ElementError{Vertex: vs[i].Name, Reason: fmt.Sprintf("factor is %d×%d, want %d×%d", n, n, vs[i].Dim, vs[i].Dim)}
		}
	}
	after, acts := make([]linalg.Factor, len(vs)), make([]quiver.Activation, len(vs))
	for i, f := range g.factor {
		var err error
		if after[i], acts[i], err = transfer(vs[i], f); err != nil {
			return nil, err
		}
	}
	for _, a := range as {
		if a.TiedTo == "" {
			continue
		}
		o, _ := q.ArrowIndex(a.TiedTo)
		if g.factor[a.Source] != g.factor[as[o].Source] || g.factor[a.Target] != g.factor[as[o].Target] || !sameFactor(after[a.Source], after[as[o].Source], vs[a.Source].Dim) {
			return nil, &ElementError{Reason: fmt.Sprintf("arrows %q and %q are tied; their ends need the same factors", a.Name, a.TiedTo)}
		}
	}
	return joining.Rebuild(w, func(v int) (int, quiver.Activation) { return vs[v].Dim, acts[v] }, func(i int) mat.Matrix {
		a := as[i]
		source, target := after[a.Source], g.factor[a.Target]
		if source == nil && target == nil {
			return w.Matrix(i)
		}
		m := linalg.Of(w.Matrix(i), a.Rows, a.Cols).Clone()
		if source != nil {
			source.Right(m, true)
		}
		if target != nil {
			target.Left(m, false)
		}
		return m.Dense()
	})
}

// transfer returns φ(f), the factor of what comes out of a vertex when f multiplies what
// goes in, and the activation that it has then.
func transfer(v quiver.Vertex, f linalg.Factor) (linalg.Factor, quiver.Activation, error) {
	if f == nil {
		return nil, v.Act, nil
	}
	g := group.Of(v.Act, v.Dim)
	turn := monomial.Orthogonal(f)
	var why error
	switch m, ok := monomial.Of(f); {
	case g.HasRotations() && turn:
		return f, v.Act, nil
	case ok && g.IsMonomial():
		if why = g.ContainsMonomial(m); why == nil {
			if p := g.Multipliers(m); !p.Equal(m) {
				return &monomial.Factor{M: p}, v.Act, nil
			}
			return f, v.Act, nil
		}
	case turn && (g.Kind == group.Pinned || g.IsMonomial()):
	default:
		a := linalg.Full(f, v.Dim).Dense()
		p, err := g.Phi(a)
		switch {
		case err == nil && g.Kind == group.Anything:
			return nil, v.Act, nil
		case err == nil && mat.Equal(a, p):
			return f, v.Act, nil
		case err == nil:
			if after := given(p, turn); after != nil {
				return after, v.Act, nil
			}
		}
		why = err
	}
	if !turn {
		return nil, nil, &ElementError{Vertex: v.Name, Reason: fmt.Sprintf("the factor is neither orthogonal nor in the group of %s", v.Act), Err: why}
	}
	return f, conjugate(v.Act, linalg.Full(&linalg.Inverted{F: f}, v.Dim).Dense()), nil
}

// sameFactor says whether two factors are one matrix.
func sameFactor(f, g linalg.Factor, n int) bool {
	return f == g || slices.Equal(linalg.Full(f, n).Data, linalg.Full(g, n).Data)
}

// ActBefore returns Z·g_vᵀ for pre-activations of a vertex, one sample a row: what the
// network g·w has there. Errors: *ElementError.
func (g Element) ActBefore(vertex string, z mat.Matrix) (*mat.Dense, error) {
	return g.onFeatures(vertex, z, false)
}

// ActAfter returns H·φ(g_v)ᵀ for the features that a vertex gives, one sample a row: what
// the network g·w has there. Errors: *ElementError.
func (g Element) ActAfter(vertex string, h mat.Matrix) (*mat.Dense, error) {
	return g.onFeatures(vertex, h, true)
}

func (g Element) onFeatures(vertex string, h mat.Matrix, after bool) (*mat.Dense, error) {
	if linalg.IsNil(h) {
		return nil, &ElementError{Vertex: vertex, Reason: "the features are nil"}
	}
	i, ok := g.q.VertexIndex(vertex)
	if !ok {
		return nil, &ElementError{Vertex: vertex, Reason: "no such vertex"}
	}
	v, f := g.q.Vertices()[i], g.factor[i]
	r, c := h.Dims()
	if c != v.Dim && !(r == 0 && c == 0) {
		return nil, &ElementError{Vertex: vertex, Reason: fmt.Sprintf("features are %d×%d, want %d columns", r, c, v.Dim)}
	}
	if after {
		var err error
		if f, _, err = transfer(v, f); err != nil {
			return nil, err
		}
	}
	m := linalg.Of(h, r, c).Clone().Transpose()
	if f != nil {
		f.Left(m, false)
	}
	return m.Transpose().Dense(), nil
}

// GroupsOf returns the group of each hidden vertex of a quiver. Vertices that tied arrows
// tie together have one group, which lies in the groups of all and has one φ; a vertex tied to
// one that is not hidden is Pinned.
func GroupsOf(q *quiver.Quiver) map[string]group.Group {
	cl := ties.Of(q)
	m := make(map[string]group.Group)
	for k, g := range ties.Groups(q, cl) {
		for _, v := range cl.Members[k] {
			if u := q.Vertices()[v]; u.Kind == quiver.KindHidden {
				m[u.Name] = g
			}
		}
	}
	return m
}

// conjugate returns w ↦ bᵀρ(bw) for an orthogonal b.
func conjugate(act quiver.Activation, b *mat.Dense) quiver.Activation {
	if a, ok := act.Restrict(b); ok {
		return a
	}
	return quiver.Restricted(act, b)
}
