package layers

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Lambda is the factor of a rescaling activation: a function λ: ℝⁿ → ℝ with its
// gradient. It must be safe for concurrent use.
type Lambda interface {
	// Value returns λ(v).
	Value(v []float64) float64
	// Gradient stores ∇λ(v) in dst, which is not v.
	Gradient(dst, v []float64)
}

// Hessian is implemented by a Lambda that can be differentiated twice.
type Hessian interface {
	Lambda
	// HessianVector stores ∇²λ(v)·u in dst, which is neither v nor u.
	HessianVector(dst, v, u []float64)
}

// Restrictable is implemented by a Lambda that knows λ∘B in closed form.
type Restrictable interface {
	Lambda
	// Restrict returns w ↦ λ(bw) and its name.
	Restrict(b *mat.Dense) (name string, lambda Lambda)
}

// Rescaling returns the activation ρ(v) = λ(v)·v of arXiv 2207.12773. It maps every
// line through 0, hence every subspace, into itself, so a vertex with it compresses
// like a radial one; but the compressed vertex has the restricted activation λ∘B, not λ. Where
// lambda is not Restrictable that is a quiver.Restriction, which carries B.
//
// name must say which function it is, constants included.
func Rescaling(name string, lambda Lambda) quiver.Activation {
	r := &rescaling{name, lambda}
	if h, ok := lambda.(Hessian); ok {
		return &rescaling2{r, h}
	}
	return r
}

type rescaling struct {
	name   string
	lambda Lambda
}

func (a *rescaling) String() string { return a.name }

func (a *rescaling) Apply(dst, z []float64) {
	l := a.lambda.Value(z)
	for i, x := range z {
		dst[i] = l * x
	}
}

// VJP: Dρ = λI + v∇λᵀ, so Dρᵀg = λg + (v·g)∇λ.
func (a *rescaling) VJP(dst, z, g []float64) {
	vectors(len(z), func(grad, _ []float64) {
		a.lambda.Gradient(grad, z)
		l, along := a.lambda.Value(z), dot(z, g)
		for i := range dst {
			dst[i] = l*g[i] + along*grad[i]
		}
	})
}

func (a *rescaling) Restrict(b *mat.Dense) (quiver.Activation, bool) {
	if r, ok := a.lambda.(Restrictable); ok && !b.IsEmpty() {
		if isEye(b) {
			return Rescaling(a.name, a.lambda), true
		}
		return Rescaling(r.Restrict(b)), true
	}
	return quiver.Restricted(Rescaling(a.name, a.lambda), b), true
}

type rescaling2 struct {
	*rescaling
	hess Hessian
}

// JVP: Dρ u = λu + (∇λ·u)v.
func (a *rescaling2) JVP(dst, z, u []float64) {
	vectors(len(z), func(grad, _ []float64) {
		a.lambda.Gradient(grad, z)
		l, along := a.lambda.Value(z), dot(grad, u)
		for i := range dst {
			dst[i] = l*u[i] + along*z[i]
		}
	})
}

// VJP2: ⟨u, Dρᵀg⟩ = λ(u·g) + (v·g)(∇λ·u).
func (a *rescaling2) VJP2(dst, z, g, u []float64) {
	vectors(len(z), func(grad, hu []float64) {
		a.lambda.Gradient(grad, z)
		a.hess.HessianVector(hu, z, u)
		ug, zg, lu := dot(u, g), dot(z, g), dot(grad, u)
		for i := range dst {
			dst[i] = ug*grad[i] + lu*g[i] + zg*hu[i]
		}
	})
}

// OneNorm is the factor λ(v) = 1/(1+‖v‖₁), whose only linear symmetries are the
// signed permutations.
type OneNorm struct{}

// Value returns 1/(1+‖v‖₁).
func (OneNorm) Value(v []float64) float64 {
	s := 1.0
	for _, x := range v {
		s += math.Abs(x)
	}
	return 1 / s
}

// Gradient stores −sign(v)/(1+‖v‖₁)², with sign(0) = 0.
func (l OneNorm) Gradient(dst, v []float64) {
	t := l.Value(v)
	for i, x := range v {
		switch {
		case x > 0:
			dst[i] = -t * t
		case x < 0:
			dst[i] = t * t
		default:
			dst[i] = 0
		}
	}
}

// HessianVector stores 2(s·u)s/(1+‖v‖₁)³ with s = sign(v): the kinks have no curvature
// of their own.
func (l OneNorm) HessianVector(dst, v, u []float64) {
	t := l.Value(v)
	var su float64
	for i, x := range v {
		su += math.Copysign(1, x) * u[i] * boolTo(x != 0)
	}
	for i, x := range v {
		dst[i] = 2 * t * t * t * su * math.Copysign(1, x) * boolTo(x != 0)
	}
}

func boolTo(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func dot(a, b []float64) float64 {
	var s float64
	for i, x := range a {
		s += x * b[i]
	}
	return s
}

// vectors lends two scratch vectors of length n.
func vectors(n int, do func(a, b []float64)) {
	p := jetPool.Get().(*[]float64)
	if cap(*p) < 2*n {
		*p = make([]float64, 2*n)
	}
	s := (*p)[:2*n]
	do(s[:n], s[n:])
	jetPool.Put(p)
}
