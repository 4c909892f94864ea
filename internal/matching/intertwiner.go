package matching

import (
	"math"
	"math/rand/v2"

	"github.com/quivernet/quivernet/internal/ties"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

const (
	Steps     = 20000 // of the iterative solver
	orbitWork = 5e10  // multiplications that it may spend: a few seconds
	orbitSeed = 14
)

// Intertwiner is the linear system X_t W_a = V_a X_s, X_s W_aᵀ = V_aᵀ X_t.
type Intertwiner struct {
	q      *quiver.Quiver
	as     []quiver.Arrow
	cl     ties.Classes
	Free   []bool           // by class
	w, v   []*linalg.Matrix // by arrow; nil where a side is 0 or the arrow is tied to another
	wt, vt []*linalg.Matrix // transposed
	x      []linalg.Matrix  // by class
	Plan   *Plan
}

// Intertwiner begins the search for factors X with X_t A_a = B_a X_s at every arrow a of networks a and b, at the identity moved at
// random where the group may rotate.
func (p *Plan) Intertwiner(a, b *quiver.Rep) *Intertwiner {
	s := &Intertwiner{q: p.q, as: p.as, cl: p.cl, Plan: p}
	rng := rand.New(rand.NewPCG(orbitSeed, 0))
	for k := range p.cl.Members {
		free := p.roles[k] == turning
		x := linalg.Eye(p.dim(k))
		if free {
			for i := range x.Data {
				x.Data[i] += rng.NormFloat64()
			}
		}
		s.Free, s.x = append(s.Free, free), append(s.x, x)
	}
	s.w, s.v = make([]*linalg.Matrix, len(s.as)), make([]*linalg.Matrix, len(s.as))
	s.wt, s.vt = make([]*linalg.Matrix, len(s.as)), make([]*linalg.Matrix, len(s.as))
	for i, arrow := range s.as {
		if arrow.Rows*arrow.Cols == 0 || arrow.TiedTo != "" {
			continue
		}
		w, v := linalg.Of(a.Matrix(i), arrow.Rows, arrow.Cols), linalg.Of(b.Matrix(i), arrow.Rows, arrow.Cols)
		wt, vt := w.Transpose(), v.Transpose()
		s.w[i], s.v[i], s.wt[i], s.vt[i] = &w, &v, &wt, &vt
	}
	return s
}

// apply returns the residuals X_t W − V X_s and X_s Wᵀ − Vᵀ X_t of each arrow.
func (s *Intertwiner) apply(x []linalg.Matrix) []linalg.Matrix {
	var r []linalg.Matrix
	for i, a := range s.as {
		if s.w[i] == nil {
			continue
		}
		xt, xs := x[s.cl.Of[a.Target]], x[s.cl.Of[a.Source]]
		r = append(r, minus(linalg.FastMul(xt, *s.w[i]), linalg.FastMul(*s.v[i], xs)), minus(linalg.FastMul(xs, *s.wt[i]), linalg.FastMul(*s.vt[i], xt)))
	}
	return r
}

// adjoint returns the transposed operator of apply, zero at pinned classes.
func (s *Intertwiner) adjoint(r []linalg.Matrix) []linalg.Matrix {
	y := make([]linalg.Matrix, len(s.x))
	for k, x := range s.x {
		y[k] = linalg.New(x.Rows, x.Cols)
	}
	at := 0
	for i, a := range s.as {
		if s.w[i] == nil {
			continue
		}
		p, q := r[at], r[at+1]
		at += 2
		t, c := s.cl.Of[a.Target], s.cl.Of[a.Source]
		if s.Free[t] {
			y[t].Add(1, linalg.FastMul(p, *s.wt[i]))
			y[t].Add(-1, linalg.FastMul(*s.v[i], q))
		}
		if s.Free[c] {
			y[c].Add(1, linalg.FastMul(q, *s.w[i]))
			y[c].Add(-1, linalg.FastMul(*s.vt[i], p))
		}
	}
	return y
}

// work returns the multiplications of one step of the solver.
func (s *Intertwiner) work() float64 {
	sum := 1.0
	for i, a := range s.as {
		if s.w[i] != nil {
			sum += 8 * float64(a.Rows) * float64(a.Cols) * float64(a.Rows+a.Cols)
		}
	}
	return sum
}

// Solve runs preconditioned conjugate gradients on the normal equations from the random start, in the
// coordinates of eigenbases: the limit is a projection of the start to the solutions, a random
// solution. It returns the norm of the residual.
func (s *Intertwiner) Solve(steps int) (residual float64, converged bool) {
	b := s.eigenbases()
	if b == nil {
		return s.descend(nil, steps)
	}
	t := b.within(s)
	residual, converged = t.descend(b, steps)
	s.x = b.back(t.x)
	return residual, converged
}

// descend is solve in the coordinates that are at hand.
func (s *Intertwiner) descend(b *eigenbases, steps int) (residual float64, converged bool) {
	steps = min(steps, max(50, int(orbitWork/s.work())))
	r := s.apply(s.x)
	g := s.adjoint(r)
	first := squares(g)
	h := b.divided(g)
	p := cloneAll(h)
	gh := dots(g, h)
	start, best := gh, gh
	for k := 1; k <= steps && gh > 1e-30*start && !s.Plan.Stopped(); k++ {
		ap := s.apply(p)
		step := gh / squares(ap)
		if math.IsNaN(step) || math.IsInf(step, 0) {
			break
		}
		for i := range s.x {
			s.x[i].Add(-step, p[i])
		}
		if k%50 == 0 { // the true residual, so that rounding does not pile up
			r = s.apply(s.x)
		} else {
			for i := range r {
				r[i].Add(-step, ap[i])
			}
		}
		g = s.adjoint(r)
		h = b.divided(g)
		next := dots(g, h)
		for i := range p {
			p[i].ScaleAdd(next/gh, h[i])
		}
		gh = next
		if k%400 == 0 {
			if gh > best/2 {
				break
			}
			best = min(best, gh)
		}
	}
	r = s.apply(s.x)
	return math.Sqrt(squares(r)), squares(s.adjoint(r)) <= 1e-22*first
}

// Polar returns the orthogonal polar factors of the solution and the least of all singular
// values, relative to the largest at its vertex.
func (s *Intertwiner) Polar() ([]linalg.Factor, float64) {
	g := make([]linalg.Factor, s.q.NumVertices())
	least := 1.0
	for k, members := range s.cl.Members {
		if !s.Free[k] {
			continue
		}
		u, ratio := polar(s.x[k])
		least = min(least, ratio)
		for _, v := range members {
			g[v] = u
		}
	}
	return g, least
}

// Polar returns the nearest orthogonal matrix and the ratio of the extreme singular values.
func polar(x linalg.Matrix) (linalg.Factor, float64) {
	var svd mat.SVD
	if !svd.Factorize(x.Dense(), mat.SVDFull) {
		return nil, 0
	}
	var u, v, p mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	p.Mul(&u, v.T())
	sigma := svd.Values(nil)
	ratio := 0.0
	if sigma[0] > 0 {
		ratio = sigma[len(sigma)-1] / sigma[0]
	}
	m := linalg.Of(&p, x.Rows, x.Rows)
	return &linalg.Invertible{A: m, Inv: m.Transpose()}, ratio
}

func squares(gs []linalg.Matrix) (s float64) {
	for _, g := range gs {
		for _, x := range g.Data {
			s += x * x
		}
	}
	return s
}

func dots(a, b []linalg.Matrix) (s float64) {
	for i := range a {
		for j, x := range a[i].Data {
			s += x * b[i].Data[j]
		}
	}
	return s
}

func cloneAll(gs []linalg.Matrix) []linalg.Matrix {
	c := make([]linalg.Matrix, len(gs))
	for i, g := range gs {
		c[i] = g.Clone()
	}
	return c
}

func minus(a, b linalg.Matrix) linalg.Matrix {
	a.Add(-1, b)
	return a
}
