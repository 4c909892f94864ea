package composed

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Radial is the radial activation ρ(v) = λ(|v|²)·v with λ given by a formula. It rescales by a
// function of the norm alone, so it commutes with rotations and induces itself on each
// subspace (arXiv 2107.02550, §3).
type Radial struct{ Lambda *Formula }

var _ quiver.RadialJet = Radial{}

// String writes the formula.
func (a Radial) String() string { return "composed(" + a.Lambda.String() + ")" }

// Restrict returns the activation itself: it maps each subspace to itself.
func (a Radial) Restrict(*mat.Dense) (quiver.Activation, bool) { return a, true }

// origin stands for q = 0 where the formula has no value there, as tanh(√q)/√q.
const origin = 1e-14

// RadialJet returns λ_k(r): λ_{k+1} = λ_k′/r is twice the derivative in q = r².
func (a Radial) RadialJet(k int, r float64) float64 {
	c := make([]float64, k+1)
	a.Lambda.jet(c, r*r)
	if r == 0 && !isNumber(c[k]) {
		if a.Lambda.jet(c, origin); !isNumber(c[k]) || math.Abs(c[0]) > 1/math.Sqrt(math.Sqrt(origin)) {
			return 0 // λ has a pole: the convention at the origin
		}
	}
	for i := range k {
		c[k] *= 2 * float64(i+1)
	}
	return c[k]
}

// lambdas returns λ and λ₁ at |z|, without allocating.
func (a Radial) lambdas(z []float64) (l, l1 float64) {
	var q float64
	for _, x := range z {
		q += x * x
	}
	if q == 0 {
		return a.RadialJet(0, 0), 0
	}
	v, d := a.Lambda.dual(q)
	return v, 2 * d
}

// Apply squares as the composed graph does, without care for norms beyond 1e±154.
func (a Radial) Apply(dst, z []float64) {
	l, _ := a.lambdas(z)
	for i, x := range z {
		dst[i] = l * x
	}
}

// VJP stores Dρ(z)ᵀg in dst, with Dρ = λI + λ₁zzᵀ.
func (a Radial) VJP(dst, z, g []float64) {
	l, l1 := a.lambdas(z)
	var along float64
	for i, x := range z {
		along += x * g[i]
	}
	for i, x := range z {
		dst[i] = l*g[i] + l1*along*x
	}
}

// isNumber says that x is neither infinite nor NaN.
func isNumber(x float64) bool { return x*0 == 0 }
