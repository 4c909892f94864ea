package symbolic

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// columns cuts columns out of x.
func (o *opener) columns(x *gorgonia.Node, lo, hi int) *gorgonia.Node {
	return o.once(fmt.Sprint("columns", lo, hi), x, func() (*gorgonia.Node, error) { return op.Columns(o.owner, x, lo, hi) })
}

func (o *opener) join(xs ...*gorgonia.Node) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	return o.do(op.Join(o.owner, xs...))
}

func (o *opener) colScale(x, s *gorgonia.Node) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	return o.do(op.ColScale(o.owner, x, s))
}

func (o *opener) scale(x, s *gorgonia.Node) *gorgonia.Node { return o.two(op.Scale, "·", x, s) }
func (o *opener) dot(a, b *gorgonia.Node) *gorgonia.Node   { return o.two(op.Dot, "⟨,⟩", a, b) }

func (o *opener) colSum(x *gorgonia.Node) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	return o.do(op.ColSum(o.owner, x))
}

// blockwise does something to each block of columns.
func (o *opener) blockwise(p layers.Parts, z, g *gorgonia.Node, f func(z, g *gorgonia.Node) *gorgonia.Node) *gorgonia.Node {
	var parts gorgonia.Nodes
	lo := 0
	for _, n := range p.Sizes {
		var h *gorgonia.Node
		if g != nil {
			h = o.columns(g, lo, lo+n)
		}
		parts = append(parts, f(o.columns(z, lo, lo+n), h))
		lo += n
	}
	return o.join(parts...)
}

// gainParts cuts γ and β out of the parameters of a gain.
func (o *opener) gainParts(p layers.Parts, z, params *gorgonia.Node) (gamma, beta *gorgonia.Node) {
	n := z.Shape()[1]
	if !p.Bias {
		return params, nil
	}
	return o.columns(params, 0, n), o.columns(params, n, 2*n)
}

// outOf and into go from the coordinates of a restriction to the large space, and back.
func (o *opener) outOf(r quiver.Restriction, w *gorgonia.Node) *gorgonia.Node {
	return o.once("B", w, func() (*gorgonia.Node, error) { return op.Basis(o.owner, w, r.Basis(), true) })
}

func (o *opener) into(r quiver.Restriction, x *gorgonia.Node) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	return o.do(op.Basis(o.owner, x, r.Basis(), false))
}

// lambda is the factor of a rescaling, n×1, and lambdaGradient its gradient, n×d.
func (o *opener) lambda(l layers.Lambda, z *gorgonia.Node) *gorgonia.Node {
	return o.once("λ", z, func() (*gorgonia.Node, error) {
		return op.RowFunction(o.owner, "λ", false, z, func(dst, z []float64) { dst[0] = l.Value(z) })
	})
}

func (o *opener) lambdaGradient(l layers.Lambda, z *gorgonia.Node) *gorgonia.Node {
	return o.once("∇λ", z, func() (*gorgonia.Node, error) { return op.RowFunction(o.owner, "∇λ", true, z, l.Gradient) })
}

// trainable is λ(r) = γ·h(r+β)/r for k = 0, and λ₁ = λ′/r = (γh′(r+β) − λ)/r² for k = 1, with the
// derivative at the origin that the activation has.
func (o *opener) trainable(act quiver.Activation, h layers.Func, z, params *gorgonia.Node, k int) *gorgonia.Node {
	r := o.norm(z)
	shifted, gamma := o.shifted(r, params)
	l := o.once("trainable", z, func() (*gorgonia.Node, error) {
		return op.RatioOr(o.owner, o.scale(o.scalar(h, 0, shifted), gamma), r, o.origin(act.(quiver.Parametric), params))
	})
	if k == 0 {
		return l
	}
	return o.once("trainable′", z, func() (*gorgonia.Node, error) {
		return op.Ratio(o.owner, o.minus(o.scale(o.scalar(h, 1, shifted), gamma), l), o.power(r, 2), 0)
	})
}

// shifted returns r + β, and γ.
func (o *opener) shifted(r, params *gorgonia.Node) (shifted, gamma *gorgonia.Node) {
	beta := o.once("β", params, func() (*gorgonia.Node, error) { return op.Columns(o.owner, params, 0, 1) })
	gamma = o.once("γ", params, func() (*gorgonia.Node, error) { return op.Columns(o.owner, params, 1, 2) })
	shifted = o.once("r+β", r, func() (*gorgonia.Node, error) {
		b, err := op.Spread(o.owner, r, beta)
		if err != nil {
			return nil, err
		}
		return o.plus(r, b), o.err
	})
	return shifted, gamma
}

// origin is λ(0+), which depends on the parameters, 1×1: the derivative at 0 in one dimension.
func (o *opener) origin(act quiver.Parametric, params *gorgonia.Node) *gorgonia.Node {
	return o.once("origin", params, func() (*gorgonia.Node, error) {
		return op.RowFunction(o.owner, "λ₀", false, params, func(dst, p []float64) {
			act.VJPP(dst, make([]float64, len(p)), []float64{0}, []float64{1}, p)
		})
	})
}

// paramVJP opens Σ D_pρᵀg: for a trainable radial one ∂β = ⟨γh′, e·g⟩ and ∂γ = ⟨h, e·g⟩ with
// e = z/|z|, for a gain the columns of ρ(z)∘g and g.
func (o *opener) paramVJP(act quiver.Activation, in gorgonia.Nodes) *gorgonia.Node {
	z, g, params := in[0], in[1], in[2]
	switch p, _ := layers.Inside(act); p.Kind {
	case "trainable":
		r := o.norm(z)
		along := o.ratio(o.rowDot(z, g), r, 0)
		shifted, gamma := o.shifted(r, params)
		return o.join(o.dot(o.scale(o.scalar(p.Func, 1, shifted), gamma), along), o.dot(o.scalar(p.Func, 0, shifted), along))
	case "gain":
		d := o.colSum(o.times(o.inner(p.Inner, z), g))
		if p.Bias {
			d = o.join(d, o.colSum(g))
		}
		return d
	}
	return o.closed(act)
}
