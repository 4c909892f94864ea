package layers

import (
	"fmt"
	"sync"

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

// Bounded is implemented by a Lambda that knows the constants of v ↦ λ(v)·v, as
// quiver.Lipschitz states them; without it there is no error bound.
type Bounded interface {
	Lambda
	Lipschitz(lo, hi float64) (lip, sup float64)
}

// Sized is implemented by a Lambda that acts on one dimension only.
type Sized interface {
	Lambda
	Dim() int
}

// Rescaling returns the activation ρ(v) = λ(v)·v of arXiv 2207.12773. It maps every
// line through 0, hence every subspace, into itself, so a vertex with it compresses
// like a radial one; but the compressed vertex has the restricted activation λ∘B, not λ. Where
// lambda is not Restrictable that is a quiver.Restriction, which carries B.
//
// name must say which function it is, constants included; [RegisterLambda] makes Parse
// know it. Rescaling panics with *ConstantError where the name is empty or lambda is nil.
func Rescaling(name string, lambda Lambda) quiver.Activation {
	if name == "" || lambda == nil {
		panic(refusal("rescaling", fmt.Sprintf("%q", name), "want a name and a function"))
	}
	r := &rescaling{name, lambda, -1}
	if s, ok := lambda.(Sized); ok {
		r.dim = s.Dim()
	}
	b, bounded := lambda.(Bounded)
	h, second := lambda.(Hessian)
	switch {
	case second && bounded:
		return &boundedRescaling2{rescaling2{r, h}, b}
	case second:
		return &rescaling2{r, h}
	case bounded:
		return &boundedRescaling{r, b}
	}
	return r
}

// boundedRescaling and boundedRescaling2 implement quiver.Lipschitz.
type boundedRescaling struct {
	*rescaling
	bound Bounded
}

func (a *boundedRescaling) Lipschitz(lo, hi float64) (lip, sup float64) {
	return a.bound.Lipschitz(lo, hi)
}

type boundedRescaling2 struct {
	rescaling2
	bound Bounded
}

func (a *boundedRescaling2) Lipschitz(lo, hi float64) (lip, sup float64) {
	return a.bound.Lipschitz(lo, hi)
}

type rescaling struct {
	name   string
	lambda Lambda
	dim    int // -1: any
}

// Dim returns the dimension that the activation acts on, -1 for any.
func (a *rescaling) Dim() int { return a.dim }

func (a *rescaling) String() string { return a.name }

// skip reports whether z is empty, and panics where its length is wrong.
func (a *rescaling) skip(z []float64) bool {
	if a.dim >= 0 {
		mustHave(a, a.dim, z)
	}
	return len(z) == 0
}

func (a *rescaling) Apply(dst, z []float64) {
	if a.skip(z) {
		return
	}
	l := a.lambda.Value(z)
	for i, x := range z {
		dst[i] = l * x
	}
}

// VJP: Dρ = λI + v∇λᵀ, so Dρᵀg = λg + (v·g)∇λ.
func (a *rescaling) VJP(dst, z, g []float64) {
	if a.skip(z) {
		return
	}
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
		if n, _ := b.Dims(); a.dim >= 0 && n != a.dim {
			return nil, false
		}
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
	if a.skip(z) {
		return
	}
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
	if a.skip(z) {
		return
	}
	vectors(len(z), func(grad, hu []float64) {
		a.lambda.Gradient(grad, z)
		a.hess.HessianVector(hu, z, u)
		ug, zg, lu := dot(u, g), dot(z, g), dot(grad, u)
		for i := range dst {
			dst[i] = ug*grad[i] + lu*g[i] + zg*hu[i]
		}
	})
}

func dot(a, b []float64) float64 {
	var s float64
	for i, x := range a {
		s += x * b[i]
	}
	return s
}

var vectorPool = sync.Pool{New: func() any { s := make([]float64, 0, 16); return &s }}

// vectors lends two scratch vectors of length n.
func vectors(n int, do func(a, b []float64)) {
	p := vectorPool.Get().(*[]float64)
	if cap(*p) < 2*n {
		*p = make([]float64, 2*n)
	}
	s := (*p)[:2*n]
	do(s[:n], s[n:])
	vectorPool.Put(p)
}
