package layers

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/quiver"
)

// Quadratic returns the rescaling activation with λ(v) = g(vᵀMv + a·v + c), where M
// is symmetric n×n (only (M+Mᵀ)/2 matters) and a has length n; either may be nil. It
// acts on vertices of dimension n alone. Its restriction to span b is again of
// this kind, with bᵀMb and bᵀa. Self-gating, σ(a·v + c)·v, is the case without M.
//
// Its string lists every entry, so that Parse reads it back; a quiver takes strings of up to
// 64 KiB, which is an M of about 55×55. For a larger one use Rescaling with a name of
// your own. It panics with *ConstantError where sizes differ, a constant is not finite, or both
// M and a are nil.
func Quadratic(g Func, m *mat.Dense, a []float64, c float64) quiver.Activation {
	scalar.MustFunc("quadratic", g)
	q := &quadratic{g: g, n: len(a), c: c}
	scalar.MustFinite("quadratic", append([]float64{c}, a...)...)
	if m != nil && !m.IsEmpty() {
		r, cols := m.Dims()
		if r != cols || a != nil && len(a) != r {
			panic(refusal("quadratic", fmt.Sprintf("M is %d×%d, a has length %d", r, cols, len(a)), "want M n×n and a of length n"))
		}
		q.n = r
		q.m = make([]float64, r*r)
		for i := range r {
			for j := range r {
				q.m[i*r+j] = (m.At(i, j) + m.At(j, i)) / 2
			}
		}
	}
	scalar.MustFinite("quadratic", q.m...)
	if q.n == 0 {
		panic(refusal("quadratic", "neither M nor a", "give one of them"))
	}
	q.a = append([]float64(nil), a...)
	return Rescaling(q.name(), q)
}

type quadratic struct {
	g Func
	n int
	m []float64 // n×n, or empty
	a []float64 // n, or empty
	c float64
}

// Dim returns n.
func (q *quadratic) Dim() int { return q.n }

// Lipschitz bounds the constants from the interval [s₀, s₁] of vᵀMv + a·v + c over |v| ≤ hi, with
// the extreme eigenvalues of M: |ρ| ≤ hi·sup|g| and |Dρ| ≤ sup|g| + hi·(2|M|·hi + |a|)·sup|g′|.
// They are bounds, attained where M = 0 and a is aligned, not suprema in general.
func (q *quadratic) Lipschitz(_, hi float64) (lip, sup float64) {
	if hi = max(hi, 0); math.IsInf(hi, 1) {
		return math.Inf(1), math.Inf(1)
	}
	var least, most float64
	if len(q.m) > 0 {
		var e mat.EigenSym
		if !e.Factorize(mat.NewSymDense(q.n, append([]float64(nil), q.m...)), false) {
			return math.Inf(1), math.Inf(1)
		}
		v := e.Values(nil)
		slack := 1e-12 * math.Abs(max(-v[0], v[len(v)-1])) // rounding of the eigenvalues
		least, most = min(v[0]-slack, 0), max(v[len(v)-1]+slack, 0)
	}
	a := norm(q.a)
	g, d := scalar.Suprema(q.g, q.c+least*hi*hi-a*hi, q.c+most*hi*hi+a*hi, math.Inf(-1))
	slope := hi * (2*max(most, -least)*hi + a)
	if slope == 0 {
		return g, hi * g
	}
	return scalar.Known(g + slope*d), scalar.Known(hi * g)
}

// name lists every constant, so that Parse reads it back.
func (q *quadratic) name() string {
	list := func(x []float64) string {
		s := make([]string, len(x))
		for i, v := range x {
			s[i] = scalar.Number(v)
		}
		return "[" + strings.Join(s, " ") + "]"
	}
	return fmt.Sprintf("quadratic(%s,%s,%s,%s)", q.g, list(q.m), list(q.a), scalar.Number(q.c))
}

// inner returns vᵀMv + a·v + c.
func (q *quadratic) inner(v []float64) float64 {
	s := q.c + dot(q.a, v[:len(q.a)])
	for i := 0; i < len(q.m); i += q.n {
		s += v[i/q.n] * dot(q.m[i:i+q.n], v)
	}
	return s
}

func (q *quadratic) Value(v []float64) float64 { return q.g.Value(q.inner(v)) }

// slope stores 2Mv + a in dst.
func (q *quadratic) slope(dst, v []float64) {
	clear(dst)
	copy(dst, q.a)
	for i := 0; i < len(q.m); i += q.n {
		dst[i/q.n] += 2 * dot(q.m[i:i+q.n], v)
	}
}

func (q *quadratic) Gradient(dst, v []float64) {
	q.slope(dst, v)
	d := q.g.Slope(q.inner(v))
	for i := range dst {
		dst[i] *= d
	}
}

// HessianVector: ∇²λ u = g″(s)(p·u)p + 2g′(s)Mu with p = 2Mv + a.
func (q *quadratic) HessianVector(dst, v, u []float64) {
	q.slope(dst, v)
	s := q.inner(v)
	var c [3]float64
	scalar.Jet(q.g, c[:], s)
	along := 2 * c[2] * dot(dst, u)
	for i := range dst {
		dst[i] *= along
	}
	for i := 0; i < len(q.m); i += q.n {
		dst[i/q.n] += 2 * c[1] * dot(q.m[i:i+q.n], u)
	}
}

func (q *quadratic) Restrict(b *mat.Dense) (string, Lambda) {
	_, k := b.Dims()
	r := &quadratic{g: q.g, n: k, c: q.c}
	if q.m != nil {
		var mb, bmb mat.Dense
		mb.Mul(mat.NewDense(q.n, q.n, q.m), b)
		bmb.Mul(b.T(), &mb)
		r.m = make([]float64, k*k)
		for i := range k {
			for j := range k {
				r.m[i*k+j] = (bmb.At(i, j) + bmb.At(j, i)) / 2
			}
		}
	}
	if len(q.a) > 0 {
		r.a = make([]float64, k)
		for i, x := range q.a {
			for j := range k {
				r.a[j] += x * b.At(i, j)
			}
		}
	}
	return r.name(), r
}
