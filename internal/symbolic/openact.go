package symbolic

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// The small words of opening. Each passes nil and errors on.

func (o *opener) norm(z *gorgonia.Node) *gorgonia.Node {
	return o.once("norm", z, func() (*gorgonia.Node, error) { return op.RowNorm(o.owner, "|"+z.Name()+"|", z) })
}

func (o *opener) rowDot(a, b *gorgonia.Node) *gorgonia.Node { return o.two(op.RowDot, "rows", a, b) }
func (o *opener) times(a, b *gorgonia.Node) *gorgonia.Node  { return o.two(op.Hadamard, "∘", a, b) }
func (o *opener) rows(s, z *gorgonia.Node) *gorgonia.Node   { return o.two(op.RowScale, "diag", z, s) }

func (o *opener) two(f func(owner, label string, a, b *gorgonia.Node) (*gorgonia.Node, error), label string, a, b *gorgonia.Node) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	return o.do(f(o.owner, label+"["+o.owner+"]", a, b))
}

func (o *opener) combine(c []float64, xs ...*gorgonia.Node) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	return o.do(op.Combine(o.owner, "Σ["+o.owner+"]", c, xs...))
}

func (o *opener) plus(a, b *gorgonia.Node) *gorgonia.Node  { return o.combine([]float64{1, 1}, a, b) }
func (o *opener) minus(a, b *gorgonia.Node) *gorgonia.Node { return o.combine([]float64{1, -1}, a, b) }

func (o *opener) affine(x *gorgonia.Node, a, b float64) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	return o.do(op.Affine(o.owner, x, a, b))
}

func (o *opener) power(x *gorgonia.Node, p float64) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	return o.do(op.Power(o.owner, x, p))
}

func (o *opener) ratio(a, b *gorgonia.Node, origin float64) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	return o.do(op.Ratio(o.owner, a, b, origin))
}

// use makes a node whose activation is not its vertex's.
func (o *opener) use(act quiver.Activation, n *gorgonia.Node) *gorgonia.Node {
	if n != nil && o.err == nil {
		o.r.to.acts[n] = act
	}
	return n
}

func (o *opener) inner(act quiver.Activation, z *gorgonia.Node) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	return o.use(act, o.do(op.Act(o.owner, "ρ["+o.owner+"]", act, z, nil)))
}

func (o *opener) innerVJP(act quiver.Activation, z, g *gorgonia.Node) *gorgonia.Node {
	if o.err != nil {
		return nil
	}
	return o.use(act, o.do(op.ActVJP(o.owner, "Dρ["+o.owner+"]", act, z, g, nil)))
}

// jet is λ_k(|z|).
func (o *opener) jet(act quiver.RadialJet, k int, z *gorgonia.Node) *gorgonia.Node {
	n := o.profile(act, k, o.norm(z))
	return o.call(n, formula.Indexed("λ"+subscriptOf(k), `\lambda`+texOrder(k), o.owner))
}

// call names a node, where it has no name and the name is free.
func (o *opener) call(n *gorgonia.Node, s *formula.Formula) *gorgonia.Node {
	if l := o.r.to.labels; n != nil && o.err == nil && l.symbol[n] == nil && !l.taken[s.Text] {
		l.name(n, s)
	}
	return n
}

func (o *opener) pointJet(act quiver.PointJet, k int, z *gorgonia.Node) *gorgonia.Node {
	return o.use(act, o.once(fmt.Sprint("σ", k, act), z, func() (*gorgonia.Node, error) { return op.PointJet(o.owner, act, k, z) }))
}

// radialVJP is λg + λ₁⟨z,g⟩z.
func (o *opener) radialVJP(l0, l1, z, g *gorgonia.Node) *gorgonia.Node {
	return o.plus(o.rows(l0, g), o.rows(o.times(l1, o.rowDot(z, g)), z))
}

// act opens ρ(z) and ρ(z; p).
func (o *opener) act(act quiver.Activation, in gorgonia.Nodes) *gorgonia.Node {
	z := in[0]
	p, _ := layers.Inside(act)
	switch p.Kind {
	case "trainable":
		if len(in) == 2 {
			return o.rows(o.trainable(act, p.Func, z, in[1], 0), z)
		}
	case "gain":
		if len(in) == 2 {
			gamma, beta := o.gainParts(p, z, in[1])
			x := o.colScale(o.inner(p.Inner, z), gamma)
			if p.Bias && o.err == nil {
				x = o.do(op.AddRow(o.owner, x, beta))
			}
			return x
		}
	case "blocks":
		return o.blockwise(p, z, nil, func(z, _ *gorgonia.Node) *gorgonia.Node { return o.inner(p.Inner, z) })
	case "rescaling":
		return o.rows(o.lambda(p.Lambda, z), z)
	}
	if r, ok := act.(quiver.Restriction); ok && len(in) == 1 && !r.Basis().IsEmpty() {
		return o.into(r, o.inner(r.Inner(), o.outOf(r, z)))
	}
	switch a := act.(type) {
	case quiver.RadialJet:
		return o.rows(o.jet(a, 0, z), z)
	case quiver.PointJet:
		return o.pointJet(a, 0, z)
	}
	return o.closed(act)
}

// vjp opens Dρ(z)ᵀg.
func (o *opener) vjp(act quiver.Activation, in gorgonia.Nodes) *gorgonia.Node {
	z, g := in[0], in[1]
	p, _ := layers.Inside(act)
	switch p.Kind {
	case "trainable":
		if len(in) == 3 {
			return o.radialVJP(o.trainable(act, p.Func, z, in[2], 0), o.trainable(act, p.Func, z, in[2], 1), z, g)
		}
	case "gain":
		if len(in) == 3 {
			gamma, _ := o.gainParts(p, z, in[2])
			return o.innerVJP(p.Inner, z, o.colScale(g, gamma))
		}
	case "blocks":
		return o.blockwise(p, z, g, func(z, g *gorgonia.Node) *gorgonia.Node { return o.innerVJP(p.Inner, z, g) })
	case "rescaling": // λg + ⟨z,g⟩∇λ
		return o.plus(o.rows(o.lambda(p.Lambda, z), g), o.rows(o.rowDot(z, g), o.lambdaGradient(p.Lambda, z)))
	}
	if r, ok := act.(quiver.Restriction); ok && len(in) == 2 && !r.Basis().IsEmpty() {
		return o.into(r, o.innerVJP(r.Inner(), o.outOf(r, z), o.outOf(r, g)))
	}
	switch a := act.(type) {
	case quiver.RadialJet:
		return o.radialVJP(o.jet(a, 0, z), o.jet(a, 1, z), z, g)
	case quiver.PointJet:
		return o.times(o.pointJet(a, 1, z), g)
	}
	return o.closed(act)
}

// jvp opens Dρ(z)u, where that is not Dρ(z)ᵀu.
func (o *opener) jvp(act quiver.Activation, in gorgonia.Nodes) *gorgonia.Node {
	z, u := in[0], in[1]
	switch p, _ := layers.Inside(act); p.Kind {
	case "blocks":
		return o.vjp(act, in)
	case "rescaling": // λu + ⟨∇λ,u⟩z
		return o.plus(o.rows(o.lambda(p.Lambda, z), u), o.rows(o.rowDot(o.lambdaGradient(p.Lambda, z), u), z))
	}
	return o.closed(act)
}

// vjp2 opens the derivative of the derivative, for radial and pointwise activations.
func (o *opener) vjp2(act quiver.Activation, in gorgonia.Nodes) *gorgonia.Node {
	z, g, u := in[0], in[1], in[2]
	switch a := act.(type) {
	case quiver.SecondOrder:
	case quiver.PointJet:
		return o.times(o.pointJet(a, 2, z), o.times(g, u))
	case quiver.RadialJet:
		l1, l2 := o.jet(a, 1, z), o.jet(a, 2, z)
		zg, zu, gu := o.rowDot(z, g), o.rowDot(z, u), o.rowDot(g, u)
		return o.combine([]float64{1, 1, 1}, o.rows(o.plus(o.times(l1, gu), o.times(l2, o.times(zg, zu))), z), o.rows(o.times(l1, zu), g), o.rows(o.times(l1, zg), u))
	}
	return o.closed(act)
}
