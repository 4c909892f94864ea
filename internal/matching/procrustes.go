package matching

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/quiver"
)

const (
	alignSweeps = 500
	alignStarts = 4    // random ones
	alignWork   = 2e10 // multiplications of the sweeps of one start; the best is then swept on
)

// Nearness is what a search for the nearest copy of a network found.
type Nearness struct {
	Factors    []linalg.Factor // by vertex; nil is the identity
	Upper      float64         // the distance that they reach
	Lower      float64         // no factors do better
	Unsearched string          // what was left out when the context ended, or ""
}

// unmoved is the nearness of the identity.
func unmoved(a, b *quiver.Rep) Nearness {
	return Nearness{Factors: make([]linalg.Factor, a.Quiver().NumVertices()), Upper: Distance(a, b)}
}

func unsearched(starts int) string {
	return fmt.Sprintf("the context ended after %d of %d starts; Upper may not be the best", starts, 2+alignStarts)
}

// Align searches the orbit of a for the element nearest to b, in the distance of all matrices. It returns a quiver.LayoutError
// where the two are networks of different quivers.
func Align(p *Plan, a, b *quiver.Rep) (Nearness, error) {
	best := Nearness{Upper: math.Inf(1)}
	if err := a.Fits(b); err != nil {
		return best, err
	}
	for _, w := range []*quiver.Rep{a, b} {
		if err := w.CheckFinite(); err != nil {
			return best, err
		}
	}
	if p.Has(Monomials) {
		return matched(p, a, b)
	}
	s := p.Intertwiner(a, b)
	best = unmoved(a, b)
	var at []linalg.Matrix // the best factors, nil for the identity
	size := math.Max(Norm(a), Norm(b))
	s.Solve(Steps)
	rng := rand.New(rand.NewPCG(orbitSeed, 1))
	for start := range 2 + alignStarts {
		if p.Stopped() {
			best.Unsearched = unsearched(start)
			break
		}
		u := make([]linalg.Matrix, len(s.x))
		for k, x := range s.x {
			u[k] = linalg.Eye(x.Rows)
			switch {
			case !s.Free[k]:
			case start == 0:
				if p, _ := polar(x); p != nil {
					u[k] = linalg.Full(p, x.Rows)
				}
			case start > 1:
				u[k] = linalg.Full(linalg.Haar(x.Rows, rng), x.Rows)
			}
		}
		if d := s.sweep(u, alignWork); d < best.Upper {
			best.Upper, at = d, u
		}
		if best.Upper <= 1e-12*size { // one more start finds nothing better
			break
		}
	}
	if best.Upper > 1e-12*size && at != nil {
		best.Upper = s.sweep(at, orbitWork)
	}
	if at != nil {
		best.Factors = s.element(at)
	}
	best.Lower = math.Min(s.Lower(func(k int) bool { return s.Free[k] }, p.Open), best.Upper)
	return best, nil
}

// element returns the factors of classes as factors of vertices.
func (s *Intertwiner) element(u []linalg.Matrix) []linalg.Factor {
	g := make([]linalg.Factor, s.q.NumVertices())
	for k, members := range s.cl.Members {
		if !s.Free[k] {
			continue
		}
		f := &linalg.Invertible{A: u[k], Inv: u[k].Transpose()}
		for _, v := range members {
			g[v] = f
		}
	}
	return g
}

// distance returns |u·W − V|.
func (s *Intertwiner) distance(u []linalg.Matrix) float64 {
	var sum float64
	for i, a := range s.as {
		if s.w[i] != nil {
			t, c := s.cl.Of[a.Target], s.cl.Of[a.Source]
			sum += squares([]linalg.Matrix{minus(linalg.Mul(linalg.Mul(u[t], *s.w[i]), u[c].Transpose()), *s.v[i])})
		}
	}
	return math.Sqrt(sum)
}

// sweep runs alternating Procrustes steps from u, in place, until nothing moves: the
// factor at a vertex is the polar factor of Σ_in V g_s Wᵀ + Σ_out Vᵀ g_t W. A step that does not
// improve (where a tied arrow has both ends in one class) is taken back. It spends at most that work,
// in multiplications, but five sweeps.
func (s *Intertwiner) sweep(u []linalg.Matrix, work float64) float64 {
	d := s.distance(u)
	sweeps := min(alignSweeps, max(5, int(work/s.work()/float64(len(u)))))
	for range sweeps {
		if s.Plan.Stopped() {
			break
		}
		before := d
		for k := range u {
			if !s.Free[k] {
				continue
			}
			sum := linalg.New(u[k].Rows, u[k].Rows)
			for i, a := range s.as {
				if s.w[i] == nil {
					continue
				}
				t, c := s.cl.Of[a.Target], s.cl.Of[a.Source]
				if t == k {
					sum.Add(1, linalg.FastMul(linalg.FastMul(*s.v[i], u[c]), *s.wt[i]))
				}
				if c == k {
					sum.Add(1, linalg.FastMul(linalg.FastMul(*s.vt[i], u[t]), *s.w[i]))
				}
			}
			p, _ := polar(sum)
			if p == nil {
				continue
			}
			old := u[k]
			u[k] = linalg.Full(p, old.Rows)
			if next := s.distance(u); next <= d {
				d = next
			} else {
				u[k] = old
			}
		}
		if before-d <= 1e-9*before {
			break
		}
	}
	return d
}

// Lower returns a lower bound of the distance for every element whose factors are orthogonal
// at the classes that turn, anything at those that are open, and the identity elsewhere.
func (s *Intertwiner) Lower(turns, open func(class int) bool) float64 {
	var sum float64
	for i, a := range s.as {
		if s.w[i] == nil {
			continue
		}
		t, c := turns(s.cl.Of[a.Target]), turns(s.cl.Of[a.Source])
		if open(s.cl.Of[a.Target]) || open(s.cl.Of[a.Source]) {
			continue
		}
		w, v := *s.w[i], *s.v[i]
		if !t && !c {
			sum += squares([]linalg.Matrix{minus(w.Clone(), v)})
			continue
		}
		var part float64
		x, y := singular(w), singular(v)
		for k := range x {
			part += (x[k] - y[k]) * (x[k] - y[k])
		}
		if t != c {
			m := linalg.Mul(*s.wt[i], v) // the source turns
			if t {
				m = linalg.Mul(w, *s.vt[i])
			}
			total := squares([]linalg.Matrix{w, v})
			var nuclear float64
			for _, z := range singular(m) {
				nuclear += z
			}
			if d := total - 2*nuclear; d > 1e-12*total { // below, the difference is rounding
				part = max(part, d-1e-13*total)
			}
		}
		sum += part
	}
	return math.Sqrt(sum)
}

// singular returns the singular values, largest first.
func singular(g linalg.Matrix) []float64 {
	var svd mat.SVD
	if !svd.Factorize(g.Dense(), mat.SVDNone) {
		return make([]float64, min(g.Rows, g.Cols))
	}
	v := svd.Values(nil)
	slices.SortFunc(v, func(a, b float64) int {
		switch {
		case a > b:
			return -1
		case a < b:
			return 1
		}
		return 0
	})
	return v
}
