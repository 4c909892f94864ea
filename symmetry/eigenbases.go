package symmetry

import "gonum.org/v1/gonum/mat"

// eigenbases brings the system into the coordinates in which it is solved: with the Gram matrices of all
// that meets at a class k, A_k = Σ_in W Wᵀ + Σ_out WᵀW = P Λ Pᵀ of one network and B_k = Q M Qᵀ of the other,
//
//	X_k = Q_k Y_k P_kᵀ,  W ↦ P_tᵀ W P_s,  V ↦ Q_tᵀ V Q_s.
//
// There the part of the normal equations that belongs to X_k alone, X ↦ X A_k + B_k X, is diagonal, with
// entries λ_j + μ_i, which divide gradients. What is left of the condition of the system is how
// vertices hang together: the steps no longer depend on the condition of the matrices. Derived.
type eigenbases struct {
	p, q []grid // by class; empty at those that do not turn
	d    []grid // by class: λ_j + μ_i
}

// weak is the share of the largest entry below which λ_j + μ_i counts as that share: there gradients
// are rounding.
const weak = 1e-12

// eigenbases returns nil where an eigendecomposition fails or the search was stopped.
func (s *intertwiner) eigenbases() *eigenbases {
	n := len(s.x)
	b := &eigenbases{make([]grid, n), make([]grid, n), make([]grid, n)}
	for k, x := range s.x {
		if !s.free[k] || x.r == 0 {
			continue
		}
		if s.plan.stopped() {
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
		b.d[k] = newGrid(x.r, x.r)
		least := weak * (maximum(lambda) + maximum(mu))
		for i := range x.r {
			for j := range x.r {
				b.d[k].a[i*x.r+j] = max(lambda[j]+mu[i], least)
			}
		}
	}
	return b
}

// eigen returns the eigenvectors, as columns, and eigenvalues of the Gram matrix of what meets at class k.
func (s *intertwiner) eigen(k int, w, wt []*grid) (grid, []float64, bool) {
	n := s.x[k].r
	gram := newGrid(n, n)
	for i, a := range s.as {
		if w[i] == nil {
			continue
		}
		if s.cl.of[a.Target] == k {
			gram.add(1, searchGrid(*w[i], *wt[i]))
		}
		if s.cl.of[a.Source] == k {
			gram.add(1, searchGrid(*wt[i], *w[i]))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(n, gram.a), true) {
		return grid{}, nil, false
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	return gridOf(&vectors, n, n), e.Values(nil), true
}

// within returns the same system in the coordinates Y.
func (b *eigenbases) within(s *intertwiner) *intertwiner {
	t := *s
	t.x = make([]grid, len(s.x))
	for k, x := range s.x {
		if t.x[k] = x; len(b.q[k].a) > 0 {
			t.x[k] = searchGrid(searchGrid(b.q[k].transpose(), x), b.p[k])
		}
	}
	turned := func(m *grid, target, source grid) (*grid, *grid) {
		out := *m
		if len(target.a) > 0 {
			out = searchGrid(target.transpose(), out)
		}
		if len(source.a) > 0 {
			out = searchGrid(out, source)
		}
		back := out.transpose()
		return &out, &back
	}
	n := len(s.as)
	t.w, t.v, t.wt, t.vt = make([]*grid, n), make([]*grid, n), make([]*grid, n), make([]*grid, n)
	for i, a := range s.as {
		if s.w[i] != nil {
			to, from := s.cl.of[a.Target], s.cl.of[a.Source]
			t.w[i], t.wt[i] = turned(s.w[i], b.p[to], b.p[from])
			t.v[i], t.vt[i] = turned(s.v[i], b.q[to], b.q[from])
		}
	}
	return &t
}

// back returns X of Y.
func (b *eigenbases) back(y []grid) []grid {
	x := make([]grid, len(y))
	for k := range y {
		if x[k] = y[k]; len(b.q[k].a) > 0 {
			x[k] = searchGrid(searchGrid(b.q[k], y[k]), b.p[k].transpose())
		}
	}
	return x
}

// divided returns the gradients divided by the diagonal.
func (b *eigenbases) divided(g []grid) []grid {
	if b == nil {
		return g
	}
	out := cloneAll(g)
	for k := range out {
		for i, d := range b.d[k].a {
			out[k].a[i] /= d
		}
	}
	return out
}
