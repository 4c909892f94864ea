package matching

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/linalg"
)

// eigenbases brings the system into the coordinates in which it is solved: with the Gram matrices of all
// that meets at a class k, A_k = Σ_in W Wᵀ + Σ_out WᵀW = P Λ Pᵀ of one network and B_k = Q M Qᵀ of the other,
//
//	X_k = Q_k Y_k P_kᵀ,  W ↦ P_tᵀ W P_s,  V ↦ Q_tᵀ V Q_s.
//
// There the part of the normal equations that belongs to X_k alone, X ↦ X A_k + B_k X, is diagonal, with
// entries λ_j + μ_i, which divide gradients. What is left of the condition of the system is how
// vertices hang together: the steps no longer depend on the condition of the matrices. Derived.
type eigenbases struct {
	p, q []linalg.Matrix // by class; empty at those that do not turn
	d    []linalg.Matrix // by class: λ_j + μ_i
}

// weak is the share of the largest entry below which λ_j + μ_i counts as that share: there gradients
// are rounding.
const weak = 1e-12

// eigenbases returns nil where an eigendecomposition fails or the search was stopped.
func (s *Intertwiner) eigenbases() *eigenbases {
	n := len(s.x)
	b := &eigenbases{make([]linalg.Matrix, n), make([]linalg.Matrix, n), make([]linalg.Matrix, n)}
	for k, x := range s.x {
		if !s.Free[k] || x.Rows == 0 {
			continue
		}
		if s.Plan.Stopped() {
			return nil
		}
		var lambda, mu []float64
		var ok bool
		if b.p[k], lambda, ok = s.eigen(k, s.w, s.wt); !ok {
			return nil
		}
		if b.q[k], mu, ok = s.eigen(k, s.v, s.vt); !ok {
			return nil
		}
		b.d[k] = linalg.New(x.Rows, x.Rows)
		least := weak * (max(0, slices.Max(lambda)) + max(0, slices.Max(mu)))
		for i := range x.Rows {
			for j := range x.Rows {
				b.d[k].Data[i*x.Rows+j] = max(lambda[j]+mu[i], least)
			}
		}
	}
	return b
}

// eigen returns the eigenvectors, as columns, and eigenvalues of the Gram matrix of what meets at class k.
func (s *Intertwiner) eigen(k int, w, wt []*linalg.Matrix) (linalg.Matrix, []float64, bool) {
	n := s.x[k].Rows
	gram := linalg.New(n, n)
	for i, a := range s.as {
		if w[i] == nil {
			continue
		}
		if s.cl.Of[a.Target] == k {
			gram.Add(1, linalg.FastMul(*w[i], *wt[i]))
		}
		if s.cl.Of[a.Source] == k {
			gram.Add(1, linalg.FastMul(*wt[i], *w[i]))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(n, gram.Data), true) {
		return linalg.Matrix{}, nil, false
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	return linalg.Of(&vectors, n, n), e.Values(nil), true
}

// within returns the same system in the coordinates Y.
func (b *eigenbases) within(s *Intertwiner) *Intertwiner {
	t := *s
	t.x = make([]linalg.Matrix, len(s.x))
	for k, x := range s.x {
		if t.x[k] = x; len(b.q[k].Data) > 0 {
			t.x[k] = linalg.FastMul(linalg.FastMul(b.q[k].Transpose(), x), b.p[k])
		}
	}
	turned := func(m *linalg.Matrix, target, source linalg.Matrix) (*linalg.Matrix, *linalg.Matrix) {
		out := *m
		if len(target.Data) > 0 {
			out = linalg.FastMul(target.Transpose(), out)
		}
		if len(source.Data) > 0 {
			out = linalg.FastMul(out, source)
		}
		back := out.Transpose()
		return &out, &back
	}
	n := len(s.as)
	t.w, t.v, t.wt, t.vt = make([]*linalg.Matrix, n), make([]*linalg.Matrix, n), make([]*linalg.Matrix, n), make([]*linalg.Matrix, n)
	for i, a := range s.as {
		if s.w[i] != nil {
			to, from := s.cl.Of[a.Target], s.cl.Of[a.Source]
			t.w[i], t.wt[i] = turned(s.w[i], b.p[to], b.p[from])
			t.v[i], t.vt[i] = turned(s.v[i], b.q[to], b.q[from])
		}
	}
	return &t
}

// back returns X of Y.
func (b *eigenbases) back(y []linalg.Matrix) []linalg.Matrix {
	x := make([]linalg.Matrix, len(y))
	for k := range y {
		if x[k] = y[k]; len(b.q[k].Data) > 0 {
			x[k] = linalg.FastMul(linalg.FastMul(b.q[k], y[k]), b.p[k].Transpose())
		}
	}
	return x
}

// divided returns the gradients divided by the diagonal.
func (b *eigenbases) divided(g []linalg.Matrix) []linalg.Matrix {
	if b == nil {
		return g
	}
	out := cloneAll(g)
	for k := range out {
		for i, d := range b.d[k].Data {
			out[k].Data[i] /= d
		}
	}
	return out
}
