package layers

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Radial returns the radial activation of h (arXiv 2107.02550, §3),
//
//	ρ(v) = h(|v|)/|v|·v = λ(|v|)·v,  ρ(0) = 0,
//
// which commutes with every rotation: ρ(Qv) = Qρ(v). Its derivative is
// Dρ(v)ᵀδ = λδ + (h′−λ)(v̂·δ)v̂ with v̂ = v/|v|; at the origin it is λ(0+)·δ where
// h(0) = 0 and λ(0+) is finite, and 0 elsewhere. Where h(0) ≠ 0 the activation jumps at the
// origin: see DeadZone. No epsilon is added anywhere, each sample stands for
// itself, and |v| neither overflows nor underflows. A sample with a NaN or an
// infinite entry gives NaN.
func Radial(h Func) quiver.Activation {
	r := &radial{h: h, name: "radial(" + h.String() + ")"}
	if h.Value(0) == 0 {
		if s := h.Slope(math.SmallestNonzeroFloat64); !math.IsInf(s, 0) && !math.IsNaN(s) {
			r.origin = s
		}
	}
	if R := radius(h); R > 0 {
		r.series = make([]float64, seriesTerms)
		h.Jet(r.series, 0)
		r.limit = min(0.6*R, 2)
	}
	return r
}

// seriesTerms is the length of the Taylor series used for r < 0.6·radius:
// 0.6⁹⁶ is below 1e-21.
const seriesTerms = 96

type radial struct {
	h      Func
	name   string
	origin float64   // λ(0+), 0 where there is none
	series []float64 // Taylor coefficients of h at 0
	limit  float64   // where the series is used
}

func (a *radial) String() string                                { return a.name }
func (a *radial) Restrict(*mat.Dense) (quiver.Activation, bool) { return a, true }
func (a *radial) Apply(dst, z []float64)                        { scaleRow(dst, z, a.h, norm(z)) }
func (a *radial) VJP(dst, z, g []float64)                       { radialVJP(dst, z, g, a.h, a.origin) }
func (a *radial) Lipschitz(lo, hi float64) (lip, sup float64)   { return radialSuprema(a.h, lo, hi) }

// scaleRow stores h(r)·z/r in dst, where r = |z|; 0 at r = 0.
func scaleRow(dst, z []float64, h Func, r float64) {
	if r == 0 {
		clear(dst)
		return
	}
	v := h.Value(r)
	if l := v / r; !math.IsInf(l, 0) && (l != 0 || v == 0) && r >= 1e-300 {
		for i, x := range z {
			dst[i] = l * x
		}
		return
	}
	for i, x := range z { // h/r leaves the range of numbers, v̂ does not
		dst[i] = v * (x / r)
	}
}

func radialVJP(dst, z, g []float64, h Func, origin float64) {
	r := norm(z)
	if r == 0 {
		for i, x := range g {
			dst[i] = origin * x
		}
		return
	}
	var along float64
	for i, x := range z {
		along += x / r * g[i]
	}
	l := h.Value(r) / r
	t := (h.Slope(r) - l) * along
	for i, x := range z {
		dst[i] = l*g[i] + t*(x/r)
	}
}

// RadialJet returns λ_k(r), λ₀ = h/r and λ_{k+1} = λ_k′/r, from
//
//	λ_k(r) = Σ_n a_n·(n−1)(n−3)⋯(n−2k+1)·r^{n−1−2k}
//
// with the Taylor series Σ a_n rⁿ of h at 0 where it converges fast, and from the
// derivatives of h at r elsewhere. At 0 it is the limit where that is finite, else
// 0.
func (a *radial) RadialJet(k int, r float64) float64 {
	if r == 0 {
		return a.jetAtOrigin(k)
	}
	if k == 0 {
		return a.h.Value(r) / r
	}
	if c, _, ok := piece(a.h, r); ok { // λ = b + c/r
		for j := 1; j <= k; j++ {
			c *= -float64(2*j-1) / r / r
		}
		return c / r
	}
	if r < a.limit {
		return seriesJet(a.series, k, r)
	}
	return derivativeJet(a.h, k, r)
}

func (a *radial) jetAtOrigin(k int) float64 {
	if k == 0 || a.series == nil {
		if k == 0 {
			return a.origin
		}
		return 0
	}
	f := 1.0
	for j := 1; j <= k; j++ {
		f *= float64(2 * j)
	}
	if 2*k+1 >= len(a.series) {
		return 0
	}
	for n := 0; n < 2*k+1; n++ {
		if a.series[n] != 0 && falling(n, k) != 0 {
			return 0 // λ_k has a pole at the origin
		}
	}
	return a.series[2*k+1] * f
}

// falling returns (n−1)(n−3)⋯(n−2k+1).
func falling(n, k int) float64 {
	f := 1.0
	for j := range k {
		f *= float64(n - 1 - 2*j)
	}
	return f
}

func seriesJet(series []float64, k int, r float64) float64 {
	var s float64
	for n := len(series) - 1; n >= 0; n-- {
		if c := series[n]; c != 0 {
			if f := falling(n, k); f != 0 {
				s += c * f * math.Pow(r, float64(n-1-2*k))
			}
		}
	}
	return s
}

var jetPool = sync.Pool{New: func() any { s := make([]float64, 0, 16); return &s }}

// derivativeJet computes λ_k from h, h′, …, h⁽ᵏ⁾ at r: with
// λ_k = Σ_i C_{k,i} h⁽ⁱ⁾ r^{i−2k−1}, differentiation gives
// C_{k+1,i} = C_{k,i−1} + (i−2k−1)·C_{k,i}.
func derivativeJet(h Func, k int, r float64) float64 {
	p := jetPool.Get().(*[]float64)
	defer jetPool.Put(p)
	if cap(*p) < 2*(k+1) {
		*p = make([]float64, 2*(k+1))
	}
	s := (*p)[:2*(k+1)]
	c, d := s[:k+1], s[k+1:]
	clear(c)
	c[0] = 1
	for j := range k {
		for i := j + 1; i >= 0; i-- {
			x := float64(i-2*j-1) * c[i]
			if i > 0 {
				x += c[i-1]
			}
			c[i] = x
		}
	}
	h.Jet(d, r)
	var sum float64
	f := 1.0
	for i := range c {
		sum += c[i] * d[i] * f * math.Pow(r, float64(i-2*k-1))
		f *= float64(i + 1)
	}
	return sum
}

// norm returns |v| without overflow or underflow on the way.
func norm(v []float64) float64 {
	var s float64
	for _, x := range v {
		s += x * x
	}
	if s > 1e-280 && s < 1e280 {
		return math.Sqrt(s)
	}
	var m float64
	for _, x := range v {
		if math.IsNaN(x) {
			return x
		}
		m = max(m, math.Abs(x))
	}
	if m == 0 || math.IsInf(m, 1) {
		return m
	}
	s = 0
	for _, x := range v {
		x /= m
		s += x * x
	}
	return m * math.Sqrt(s)
}
