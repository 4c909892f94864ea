package layers

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/quiver"
)

// Trainable returns the radial activation with a trainable shift β and gain γ,
//
//	ρ(v; β, γ) = γ·h(|v|+β)/|v|·v,
//
// which start from the given values. Rotations and compression leave both alone, so
// their gradients are the same in the full and in the reduced network. At the
// origin ρ = 0 whatever the parameters are; its derivative there is γh′(β+)·I where
// h(β) = 0, else 0. It panics with *ConstantError unless both are finite.
func Trainable(h Func, beta, gamma float64) quiver.Activation {
	scalar.MustFunc("trainable", h)
	scalar.MustFinite("trainable", beta, gamma)
	return &trainable{profile{h, beta, gamma}, &radial{profile: profile{h, 0, 1}, jets: scalar.NewRadialJets(h)}}
}

type trainable struct {
	start   profile
	unmoved *radial // the activation at β = 0, γ = 1, for its jets
}

func (a *trainable) String() string {
	return fmt.Sprintf("trainable(%s,%s,%s)", a.start.h, scalar.Number(a.start.beta), scalar.Number(a.start.gamma))
}

func (a *trainable) Restrict(*mat.Dense) (quiver.Activation, bool) { return a, true }
func (a *trainable) NumParams(int) int                             { return 2 }
func (a *trainable) InitParams(dst []float64)                      { dst[0], dst[1] = a.start.beta, a.start.gamma }
func (a *trainable) Apply(dst, z []float64)                        { a.start.apply(dst, z) }
func (a *trainable) VJP(dst, z, g []float64)                       { a.start.vjp(dst, z, g, a.start.origin()) }
func (a *trainable) at(p []float64) profile                        { return profile{a.start.h, p[0], p[1]} }
func (a *trainable) ApplyP(dst, z, p []float64)                    { a.at(p).apply(dst, z) }

// VJPP: with e = v/|v|, D_vρᵀg = γ(h/r)g + γ(h′−h/r)(e·g)e, ∂β = γh′(e·g), ∂γ = h(e·g).
func (a *trainable) VJPP(dst, dp, z, g, p []float64) {
	f := a.at(p)
	r, along := f.vjp(dst, z, g, f.origin())
	if r == 0 {
		return
	}
	dp[0] += f.slope(r) * along
	dp[1] += f.h.Value(r+f.beta) * along
}

// Lipschitz returns the constants of Apply, which uses the initial parameters; once training
// has moved them, LipschitzP alone is right.
func (a *trainable) Lipschitz(lo, hi float64) (lip, sup float64) {
	return a.LipschitzP(lo, hi, []float64{a.start.beta, a.start.gamma})
}

// LipschitzP returns the constants of quiver.Lipschitz for the parameters p.
func (a *trainable) LipschitzP(lo, hi float64, p []float64) (lip, sup float64) {
	if p[1] == 0 {
		return 0, 0
	}
	h := a.start.h
	if p[0] != 0 {
		h = Shift(h, -p[0])
	}
	lip, sup = scalar.RadialSuprema(h, lo, hi)
	return math.Abs(p[1]) * lip, math.Abs(p[1]) * sup
}

// VJP2P differentiates s = ⟨u, D_zρᵀg⟩ + v_β·∂β + v_γ·∂γ, which with
// E = e·g, U = e·u, G = u·g is
//
//	s = γ[l·G + (h′−l)EU] + v_β γh′E + v_γ hE,  l = h/r.
//
// Each of E and U has gradient (g−Ee)/r and (u−Ue)/r. The rest depends on r and β.
func (a *trainable) VJP2P(dz, dg, dp, z, g, p, u, v []float64) {
	f := a.at(p)
	r, sc, t := polar(z)
	if r == 0 { // the Jacobian is γ·origin·I
		clear(dz)
		one := profile{f.h, f.beta, 1}.origin()
		for i := range u {
			dg[i] = f.gamma * one * u[i]
			dp[1] += one * u[i] * g[i]
		}
		return
	}
	var eg, eu, ug float64
	for i, x := range z {
		e := x * sc / t
		eg += e * g[i]
		eu += e * u[i]
		ug += u[i] * g[i]
	}
	var c [3]float64
	scalar.Jet(f.h, c[:], r+f.beta)
	h, h1, h2 := c[0], c[1], 2*c[2]
	l := f.ratio(f.value(r), r)
	one := h1 - h/r
	if f.beta == 0 { // where the difference cancels near 0, the jet does not
		if x := a.unmoved.RadialJet(1, r) * r * r; !math.IsNaN(x) && !math.IsInf(x, 0) {
			one = x
		}
	}
	d := f.gamma * one
	// ∂s/∂r at fixed directions, ∂s/∂E, ∂s/∂U.
	sr := d/r*ug + (f.gamma*h2-d/r)*eg*eu + v[0]*f.gamma*h2*eg + v[1]*h1*eg
	sE := d*eu + v[0]*f.gamma*h1 + v[1]*h
	sU := d * eg
	for i, x := range z {
		e := x * sc / t
		dz[i] = sr*e + sE*(g[i]-eg*e)/r + sU*(u[i]-eu*e)/r
	}
	for i, x := range z {
		dg[i] = l*u[i] + sE*(x*sc/t)
	}
	dp[0] += f.gamma*(h1/r*ug+(h2-h1/r)*eg*eu) + v[0]*f.gamma*h2*eg + v[1]*h1*eg
	dp[1] += h/r*ug + one*eg*eu + v[0]*h1*eg
}
