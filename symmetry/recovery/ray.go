package recovery

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/rank"
)

// ray is a line a + t·d, 0 ≤ t ≤ 1, along which kinks are looked for.
type ray struct {
	s     *seeker
	a, d  []float64
	kinks []float64 // in order
}

func (l *ray) point(t float64) []float64 {
	x := make([]float64, len(l.a))
	for i := range x {
		x[i] = l.a[i] + t*l.d[i]
	}
	return x
}

func (l *ray) at(t float64) []float64 { return l.s.ask(l.point(t)) }

// deepest is how often an interval is halved. An interval of 2⁻⁴⁰ that is neither
// straight nor bent once is noise.
const deepest = 40

// find adds the kinks of lo < t < hi, given the values at the ends: it compares the
// slopes at the two ends; where one bend explains all that is seen it notes the bend,
// else it cuts the interval in two.
func (l *ray) find(lo, hi float64, flo, fhi []float64, depth int) {
	s := l.s
	if s.err != nil {
		return
	}
	if depth > deepest {
		s.err = &OracleError{fmt.Sprintf("is not piecewise linear to %.1g of its size: noise above tolerance, or not a ReLU network", s.o.Tolerance)}
		return
	}
	w := hi - lo
	h := w / 64
	left, right := l.at(lo+h), l.at(hi-h)
	tol := s.o.Tolerance * s.size
	straight, top, star := true, 0.0, 0
	for k := range flo {
		sl, sr := (left[k]-flo[k])/h, (fhi[k]-right[k])/h
		if d := math.Abs(sl-sr) * w; d > top {
			top, star = d, k
		}
		straight = straight && math.Abs(sl-sr)*w <= 64*tol && math.Abs(flo[k]+sl*w-fhi[k]) <= 64*tol
	}
	// two more points, at no special places
	m1, m2 := lo+0.3819*w, lo+0.7123*w
	f1, f2 := l.at(m1), l.at(m2)
	fits := func(t float64, f []float64, bend float64) bool {
		for k := range f {
			sl, sr := (left[k]-flo[k])/h, (fhi[k]-right[k])/h
			want := flo[k] + sl*(t-lo)
			if t > bend {
				want = fhi[k] - sr*(hi-t)
			}
			if math.Abs(want-f[k]) > 64*tol {
				return false
			}
		}
		return true
	}
	if straight && fits(m1, f1, hi) && fits(m2, f2, hi) {
		return
	}
	if top > 0 {
		sl, sr := (left[star]-flo[star])/h, (fhi[star]-right[star])/h
		t := lo + (fhi[star]-flo[star]-sr*w)/(sl-sr)
		if t > lo+h && t < hi-h && fits(m1, f1, t) && fits(m2, f2, t) {
			f := l.at(t)
			one := fits(t, f, hi) && fits(t, f, lo)
			// several bends can look like one from afar: look on both sides, from near too
			for k := 6; one && k <= 26; k += 4 {
				e := math.Ldexp(w, -k)
				one = t-e <= lo || fits(t-e, l.at(t-e), hi)
				one = one && (t+e >= hi || fits(t+e, l.at(t+e), lo))
			}
			if one {
				l.kinks = append(l.kinks, t)
				return
			}
		}
	}
	mid := lo + 0.4837*w
	fm := l.at(mid)
	l.find(lo, mid, flo, fm, depth+1)
	l.find(mid, hi, fm, fhi, depth+1)
}

// orient turns the hyperplanes so that each unit is on where w·x + b > 0, from the
// gradient at one point: Σ over the units that are on of ±v_i w_iᵀ, + where w_i·x + b_i
// is positive already. unique is false if another choice of orientations fits too.
func (s *seeker) orient() (unique bool, err error) {
	var x []float64
	var g *mat.Dense
	for range 50 {
		x = s.draw()
		near := math.Inf(1)
		for _, p := range s.planes {
			near = min(near, math.Abs(pieces.Dot(p.w, x)+p.b)/pieces.Norm(p.w))
		}
		var ok bool
		if g, ok = s.gradient(x, near/4); ok {
			break
		}
	}
	if s.err != nil {
		return false, s.err
	}
	if g == nil {
		return false, &OracleError{"has no derivative at any of 50 points"}
	}
	n := len(s.planes)
	sides := make([]float64, n)
	terms := make([][]float64, n) // ±v_i w_iᵀ
	rows := mat.NewDense(n, s.in, nil)
	size := 0.0
	for i, p := range s.planes {
		sides[i] = math.Copysign(1, pieces.Dot(p.w, x)+p.b)
		rows.SetRow(i, p.w)
		for _, v := range p.v {
			for _, w := range p.w {
				terms[i] = append(terms[i], sides[i]*v*w)
				size = max(size, math.Abs(v*w))
			}
		}
	}
	on := make([]bool, n)
	if r := rank.Of(rows); r.Rank == n && r.Singular[n-1] > 1e-8*r.Singular[0] {
		unique = true
		var svd mat.SVD
		var c mat.Dense // g = cᵀ·rows
		if !svd.Factorize(rows.T(), mat.SVDThin) {
			return false, &OracleError{"has hyperplanes that cannot be told apart"}
		}
		svd.SolveTo(&c, g.T(), n)
		for i, p := range s.planes {
			along := pieces.Dot(c.RawRowView(i), p.v) / pieces.Dot(p.v, p.v)
			on[i] = math.Abs(along) > 0.5
		}
	} else if n > 20 {
		return false, &OracleError{fmt.Sprintf("has %d hyperplanes with dependent normals, too many to try all orientations; at most 20", n)}
	} else {
		on, unique = s.tryAll(terms, g.RawMatrix().Data, 1e-5*size)
		if on == nil {
			return false, &OracleError{"has a gradient that no choice of orientations explains"}
		}
	}
	for i := range s.planes {
		if on[i] != (sides[i] > 0) {
			p := &s.planes[i]
			for k := range p.w {
				p.w[k] = -p.w[k]
			}
			p.b = -p.b
		}
	}
	return unique, nil
}

// tryAll returns the set of terms whose sum is nearest to g, and whether it is the only
// one within tol; nil if none is.
func (s *seeker) tryAll(terms [][]float64, g []float64, tol float64) (on []bool, unique bool) {
	n := len(terms)
	best, hits := math.Inf(1), 0
	set := make([]bool, n)
	for mask := range 1 << n {
		sum := make([]float64, len(g))
		for i := range n {
			if set[i] = mask>>i&1 == 1; set[i] {
				pieces.Axpy(sum, 1, terms[i])
			}
		}
		d := pieces.Gap(sum, g)
		if d <= tol {
			hits++
		}
		if d < best {
			best, on = d, append([]bool(nil), set...)
		}
	}
	if best > tol {
		return nil, false
	}
	return on, hits == 1
}
