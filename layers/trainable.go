package layers

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Trainable returns the radial activation with a trainable shift β and gain γ,
//
//	ρ(v; β, γ) = γ·h(|v|+β)/|v|·v,
//
// which start from the given values. Rotations and compression leave both alone, so
// their gradients are the same in the full and in the reduced network. At the
// origin ρ = 0; its derivative there is γh′(β)·I where h(β) = 0, else 0.
func Trainable(h Func, beta, gamma float64) quiver.Activation {
	return &trainable{h, beta, gamma}
}

type trainable struct {
	h           Func
	beta, gamma float64
}

func (a *trainable) String() string {
	return fmt.Sprintf("trainable(%s,%s,%s)", a.h, number(a.beta), number(a.gamma))
}

func (a *trainable) Restrict(*mat.Dense) (quiver.Activation, bool) { return a, true }
func (a *trainable) NumParams(int) int                             { return 2 }
func (a *trainable) InitParams(dst []float64)                      { dst[0], dst[1] = a.beta, a.gamma }

func (a *trainable) Apply(dst, z []float64) {
	a.ApplyP(dst, z, []float64{a.beta, a.gamma})
}

func (a *trainable) VJP(dst, z, g []float64) {
	a.VJPP(dst, make([]float64, 2), z, g, []float64{a.beta, a.gamma})
}

func (a *trainable) ApplyP(dst, z, p []float64) {
	r := norm(z)
	if r == 0 {
		clear(dst)
		return
	}
	v := p[1] * a.h.Value(r+p[0])
	for i, x := range z {
		dst[i] = v * (x / r)
	}
}

// VJPP: with e = v/|v|, D_vρᵀg = γ(h/r)g + γ(h′−h/r)(e·g)e, ∂β = γh′(e·g), ∂γ = h(e·g).
func (a *trainable) VJPP(dst, dp, z, g, p []float64) {
	r, gamma := norm(z), p[1]
	if r == 0 {
		s := 0.0
		if a.h.Value(p[0]) == 0 {
			if s = a.h.Slope(p[0] + math.SmallestNonzeroFloat64); p[0] != 0 {
				s = a.h.Slope(p[0])
			}
		}
		for i, x := range g {
			dst[i] = gamma * s * x
		}
		return
	}
	var along float64
	for i, x := range z {
		along += x / r * g[i]
	}
	h, d := a.h.Value(r+p[0]), a.h.Slope(r+p[0])
	l := h / r
	for i, x := range z {
		dst[i] = gamma * (l*g[i] + (d-l)*along*(x/r))
	}
	dp[0] += gamma * d * along
	dp[1] += h * along
}

// VJP2P differentiates s = ⟨u, D_zρᵀg⟩ + v_β·∂β + v_γ·∂γ, which with
// E = e·g, U = e·u, G = u·g is
//
//	s = γ[l·G + (h′−l)EU] + v_β γh′E + v_γ hE,  l = h/r.
//
// Each of E and U has gradient (g−Ee)/r and (u−Ue)/r. The rest depends on r and β.
func (a *trainable) VJP2P(dz, dg, dp, z, g, p, u, v []float64) {
	r, gamma := norm(z), p[1]
	if r == 0 {
		clear(dz)
		t := make([]float64, 2)
		a.VJPP(dg, t, z, u, p) // the Jacobian at 0 is a multiple of the identity
		if gamma != 0 {
			s := 0.0
			for i := range u {
				s += dg[i] / gamma * g[i]
			}
			dp[1] += s
		}
		return
	}
	var E, U, G float64
	for i, x := range z {
		E += x / r * g[i]
		U += x / r * u[i]
		G += u[i] * g[i]
	}
	var c [3]float64
	jet(a.h, c[:], r+p[0])
	h, h1, h2 := c[0], c[1], 2*c[2]
	l := h / r
	l1 := (h1 - l) / r
	// ∂s/∂r at fixed directions, ∂s/∂E, ∂s/∂U, ∂s/∂β.
	sr := gamma*(l1*G+(h2-l1)*E*U) + v[0]*gamma*h2*E + v[1]*h1*E
	sE := gamma*(h1-l)*U + v[0]*gamma*h1 + v[1]*h
	sU := gamma * (h1 - l) * E
	for i, x := range z {
		e := x / r
		dz[i] = sr*e + sE*(g[i]-E*e)/r + sU*(u[i]-U*e)/r
	}
	for i, x := range z {
		dg[i] = gamma*l*u[i] + sE*(x/r)
	}
	dp[0] += gamma*(h1/r*G+(h2-h1/r)*E*U) + v[0]*gamma*h2*E + v[1]*h1*E
	dp[1] += l*G + (h1-l)*E*U + v[0]*h1*E
}
