package layers

import (
	"math"

	"github.com/quivernet/quivernet/internal/scalar"
)

// profile is the radial function r ↦ γ·h(r+β), and ρ(v) = γ·h(|v|+β)/|v|·v.
type profile struct {
	h           Func
	beta, gamma float64
}

func (p profile) value(r float64) float64 { return p.gamma * p.h.Value(r+p.beta) }
func (p profile) slope(r float64) float64 { return p.gamma * p.h.Slope(r+p.beta) }

// origin returns λ(0+) = γh′(β+) where h(β) = 0 and that is finite, and 0 elsewhere.
func (p profile) origin() float64 {
	if p.h.Value(p.beta) != 0 {
		return 0
	}
	d := scalar.RatioAtZero(p.h, p.beta)
	if math.IsInf(d, 0) || math.IsNaN(d) {
		return 0
	}
	return p.gamma * d
}

// ratio returns λ(r) = γh(r+β)/r for r > 0, given the numerator. Where |v| overflowed
// to +Inf, and the numerator with it, it is what λ tends to.
func (p profile) ratio(v, r float64) float64 {
	if math.IsInf(r, 1) && math.IsInf(v, 0) {
		return p.value(math.MaxFloat64) / math.MaxFloat64
	}
	return v / r
}

// apply stores ρ(z) in dst.
func (p profile) apply(dst, z []float64) {
	r, s, t := polar(z)
	if r == 0 {
		clear(dst)
		return
	}
	v := p.value(r)
	l := p.ratio(v, r)
	// The quotient serves where it is a normal number; elsewhere the direction does.
	if a := math.Abs(l); t == t && (a >= 1e-300 && a <= math.MaxFloat64 && r > tiny || v == 0) {
		for i, x := range z {
			dst[i] = l * x
		}
		return
	}
	for i, x := range z {
		dst[i] = v * (x * s / t)
	}
}

// vjp stores Dρ(z)ᵀg in dst and returns e·g, where e = z/|z| and Dρ = λI + (h′−λ)eeᵀ; at
// the origin Dρ is origin·I and e·g counts as 0.
func (p profile) vjp(dst, z, g []float64, origin float64) (r, along float64) {
	r, s, t := polar(z)
	if r == 0 {
		for i, x := range g {
			dst[i] = origin * x
		}
		return 0, 0
	}
	for i, x := range z {
		along += x * s / t * g[i]
	}
	d := p.slope(r)
	l := p.ratio(p.value(r), r)
	if math.Abs(l) <= 2*math.Abs(d) { // exact where h′ = λ
		c := (d - l) * along
		for i, x := range z {
			dst[i] = l*g[i] + c*(x*s/t)
		}
		return r, along
	}
	for i, x := range z { // λ may be as large as 1/r: keep it away from what is along e
		e := x * s / t
		y := d * along * e
		if across := g[i] - along*e; across != 0 {
			y += l * across
		}
		dst[i] = y
	}
	return r, along
}
