package layers

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/quiver"
)

// Radial returns the radial activation of h (arXiv 2107.02550, §3),
//
//	ρ(v) = h(|v|)/|v|·v = λ(|v|)·v,  ρ(0) = 0,
//
// which commutes with every rotation: ρ(Qv) = Qρ(v). Its derivative is
// Dρ(v)ᵀδ = λδ + (h′−λ)(v̂·δ)v̂ with v̂ = v/|v|; at the origin it is λ(0+)·δ where
// h(0) = 0 and λ(0+) is finite, and 0 elsewhere. Where h(0) ≠ 0 the activation jumps at the
// origin: see [DeadZone]. No epsilon is added anywhere, each sample stands for
// itself, and |v| neither overflows nor underflows. A NaN or an infinite entry
// makes the whole sample NaN.
//
// A norm is never negative, so functions that differ only below 0 give one and the same
// activation: Radial of ReLU, Abs, ELU and every LeakyReLU is the identity, and a
// network made of them is linear. Shift(ReLU, s) with s > 0 is not.
func Radial(h Func) quiver.Activation {
	scalar.MustFunc("radial", h)
	p := profile{h, 0, 1}
	return &radial{profile: p, name: "radial(" + h.String() + ")", at0: p.origin(), jets: scalar.NewRadialJets(h)}
}

type radial struct {
	profile
	name string
	at0  float64 // λ(0+), 0 where there is none
	jets scalar.RadialJets
}

func (a *radial) String() string                                { return a.name }
func (a *radial) Restrict(*mat.Dense) (quiver.Activation, bool) { return a, true }
func (a *radial) Apply(dst, z []float64)                        { a.apply(dst, z) }
func (a *radial) VJP(dst, z, g []float64)                       { a.vjp(dst, z, g, a.at0) }
func (a *radial) Lipschitz(lo, hi float64) (lip, sup float64) {
	return scalar.RadialSuprema(a.h, lo, hi)
}

// Func returns the scalar function h.
func (a *radial) Func() Func { return a.h }

// RadialJet returns λ_k(r), λ₀ = h/r and λ_{k+1} = λ_k′/r. At 0 it is the limit where
// that is finite, else 0.
func (a *radial) RadialJet(k int, r float64) float64 {
	switch {
	case !(r >= 0) || k < 0:
		return math.NaN()
	case k == 0 && r == 0:
		return a.at0
	case k == 0:
		return a.ratio(a.h.Value(r), r)
	case r == 0:
		return a.jets.Origin(k)
	}
	return a.jets.At(k, r)
}

// vjp2 stores ∇_z⟨u, Dρ(z)ᵀg⟩ in dst. With Dρ = λI + λ₁zzᵀ and z = re it is
//
//	λ₁r[(u·g)e + (e·u)g + (e·g)u] + λ₂r³(e·g)(e·u)e,
//
// which is 0 at the origin.
func (a *radial) vjp2(dst, z, g, u []float64) {
	r, s, t := polar(z)
	if r == 0 {
		clear(dst)
		return
	}
	var eg, eu, ug float64
	for i, x := range z {
		e := x * s / t
		eg += e * g[i]
		eu += e * u[i]
		ug += u[i] * g[i]
	}
	l1, l2 := a.RadialJet(1, r)*r, a.RadialJet(2, r)*r*r*r
	if math.IsNaN(l2) || math.IsInf(l2, 0) { // λ₂ leaves the range of numbers before λ₂r³ does
		var c [3]float64
		scalar.Jet(a.h, c[:], r)
		d := (c[1] - c[0]/r) / r
		l1, l2 = d, 2*c[2]-3*d
	}
	for i, x := range z {
		e := x * s / t
		dst[i] = l1*(ug*e+eu*g[i]+eg*u[i]) + l2*eg*eu*e
	}
}
