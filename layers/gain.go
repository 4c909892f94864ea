package layers

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Gain returns z ↦ γ∘ρ(z), or γ∘ρ(z) + β with bias, for a radial activation ρ: one
// trainable γ, which starts at 1, and β, which starts at 0, per coordinate. It is the
// affine part of RMSNorm and LayerNorm, kept where training expects it. A diagonal
// matrix does not commute with rotations, so the vertex keeps its dimension under
// compression; folding γ into the outgoing arrows instead gives the same function
// and other training. It panics with *ConstantError unless a is a Radial.
func Gain(a quiver.Activation, bias bool) quiver.Activation {
	r, ok := a.(*radial)
	if !ok {
		panic(refusal("gain", fmt.Sprint(a), "want a radial activation"))
	}
	return &gain{r, bias}
}

type gain struct {
	in   *radial
	bias bool
}

// Lipschitz returns the constants of Apply, which uses the initial parameters; once training
// has moved them, LipschitzP alone is right.
func (a *gain) Lipschitz(lo, hi float64) (lip, sup float64) { return a.in.Lipschitz(lo, hi) }

// LipschitzP returns bounds for the constants of quiver.Lipschitz with the parameters p
// of a vertex: those of ρ times max|γ|, and |β| added.
func (a *gain) LipschitzP(lo, hi float64, p []float64) (lip, sup float64) {
	n := len(p)
	if a.bias {
		n /= 2
		sup = norm(p[n:])
	}
	var most float64
	for _, x := range p[:n] {
		most = max(most, math.Abs(x))
	}
	if most == 0 {
		return 0, sup
	}
	lip, one := a.in.Lipschitz(lo, hi)
	return most * lip, sup + most*one
}

func (a *gain) String() string { return fmt.Sprintf("gain(%s,%t)", a.in, a.bias) }
func (a *gain) Restrict(b *mat.Dense) (quiver.Activation, bool) {
	return a, !b.IsEmpty() && isEye(b)
}

func (a *gain) NumParams(dim int) int {
	if a.bias {
		return 2 * dim
	}
	return dim
}

func (a *gain) InitParams(dst []float64) {
	clear(dst)
	n := len(dst)
	if a.bias {
		n /= 2
	}
	for i := range n {
		dst[i] = 1
	}
}

func (a *gain) initial(n int) []float64 {
	p := make([]float64, a.NumParams(n))
	a.InitParams(p)
	return p
}

func (a *gain) Apply(dst, z []float64) { a.ApplyP(dst, z, a.initial(len(z))) }

func (a *gain) VJP(dst, z, g []float64) {
	p := a.initial(len(z))
	a.VJPP(dst, make([]float64, len(p)), z, g, p)
}

func (a *gain) ApplyP(dst, z, p []float64) {
	a.in.Apply(dst, z)
	for i := range dst {
		dst[i] *= p[i]
		if a.bias {
			dst[i] += p[len(dst)+i]
		}
	}
}

func (a *gain) VJPP(dst, dp, z, g, p []float64) {
	n := len(z)
	vectors(n, func(x, pg []float64) {
		a.in.Apply(x, z)
		for i := range x {
			dp[i] += x[i] * g[i]
			pg[i] = p[i] * g[i]
			if a.bias {
				dp[n+i] += g[i]
			}
		}
		a.in.VJP(dst, z, pg)
	})
}

// VJP2P differentiates s = ⟨u, Jᵀ(γ∘g)⟩ + ⟨v_γ, ρ(z)∘g⟩ + ⟨v_β, g⟩.
func (a *gain) VJP2P(dz, dg, dp, z, g, p, u, v []float64) {
	n := len(z)
	vectors(n, func(x, t []float64) {
		for i := range t {
			t[i] = p[i] * g[i]
		}
		a.in.vjp2(dz, z, t, u)
		for i := range t {
			t[i] = v[i] * g[i]
		}
		a.in.VJP(x, z, t)
		for i := range dz {
			dz[i] += x[i]
		}
		a.in.VJP(x, z, u) // J is symmetric: Ju
		a.in.Apply(t, z)
		for i := range dg {
			dg[i] = p[i]*x[i] + v[i]*t[i]
			dp[i] += x[i] * g[i]
			if a.bias {
				dg[i] += v[n+i]
			}
		}
	})
}
