package symbolic

import (
	"fmt"
	"math"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// profile is λ_k(r).
func (o *opener) profile(act quiver.RadialJet, k int, r *gorgonia.Node) *gorgonia.Node {
	return o.use(act, o.once(fmt.Sprint("λ", k, act), r, func() (*gorgonia.Node, error) { return op.Profile(o.owner, act, k, r) }))
}

// openProfile opens λ_k(r): in closed form for RMSNorm, by the scalar function for others.
func (o *opener) openProfile(act quiver.Activation, k int, r *gorgonia.Node) *gorgonia.Node {
	rad, ok := act.(quiver.RadialJet)
	p, known := layers.Inside(act)
	switch {
	case !ok || !known && act != quiver.Identity:
		return o.closed(act)
	case p.Kind == "deadzone":
		return o.times(o.step(r, p.Radius, p.Radius == 0), o.profile(p.Inner.(quiver.RadialJet), k, r))
	case p.Kind == "rmsnorm" && p.Eps > 0: // λ = (r²/d+ε)^(−½), λ₁ = −λ³/d, λ₂ = 3λ⁵/d²
		d := float64(p.D)
		c := 1.0
		for j := range k {
			c *= -float64(2*j+1) / d
		}
		return o.affine(o.power(o.affine(o.power(r, 2), 1/d, p.Eps), -0.5-float64(k)), c, 0)
	case p.Func == nil:
		return o.closed(act)
	}
	switch k {
	case 0:
		return o.ratio(o.scalar(p.Func, 0, r), r, rad.RadialJet(0, 0))
	case 1:
		return o.ratio(o.use(act, o.slope(rad, r)), r, rad.RadialJet(1, 0))
	case 2: // (h″ − 3rλ₁)/r³
		num := o.combine([]float64{1, -3}, o.scalar(p.Func, 2, r), o.times(r, o.profile(rad, 1, r)))
		return o.ratio(num, o.power(r, 3), rad.RadialJet(2, 0))
	}
	return o.closed(act)
}

// slope is λ′(r).
func (o *opener) slope(act quiver.RadialJet, r *gorgonia.Node) *gorgonia.Node {
	n := o.once("λ′", r, func() (*gorgonia.Node, error) { return op.Slope(o.owner, act, r) })
	return o.call(n, formula.Indexed("λ′", `\lambda^{\prime}`, o.owner))
}

// scalar is h⁽ᵏ⁾(x) for a function of package layers or a user's.
func (o *opener) scalar(h layers.Func, k int, x *gorgonia.Node) *gorgonia.Node {
	n := o.once(h.String()+strings.Repeat("′", k), x, func() (*gorgonia.Node, error) {
		return op.Function(o.owner, h.String(), jetsOf(h), k, x)
	})
	if n != nil {
		o.r.to.funcs[n] = h
	}
	return n
}

func jetsOf(h layers.Func) op.Jets {
	return func(k int, x float64) float64 { return scalar.Derivative(h, k, x) }
}

// elementary is a function that is not opened further.
func (o *opener) elementary(name string, f op.Jets, x *gorgonia.Node) *gorgonia.Node {
	return o.once(name, x, func() (*gorgonia.Node, error) { return op.Function(o.owner, name, f, 0, x) })
}

func (o *opener) exp(x *gorgonia.Node) *gorgonia.Node {
	return o.elementary("exp", jetsOf(layers.Exp), x)
}

func (o *opener) log(x *gorgonia.Node) *gorgonia.Node {
	return o.elementary("log", func(k int, x float64) float64 {
		if k == 0 {
			return math.Log(x)
		}
		f := 1.0
		for j := range k - 1 {
			f *= -float64(j + 1)
		}
		return f / math.Pow(x, float64(k))
	}, x)
}

// step is 1 where x > at, or x ≥ at, and 0 elsewhere.
func (o *opener) step(x *gorgonia.Node, at float64, included bool) *gorgonia.Node {
	name := ">" + fmt.Sprint(at)
	if included {
		name = "≥" + fmt.Sprint(at)
	}
	return o.elementary("1["+name+"]", func(k int, x float64) float64 {
		if k == 0 && (x > at || included && x == at) {
			return 1
		}
		return 0
	}, x)
}

// primitive writes h⁽ᵏ⁾(x) in elementary functions, or returns nil where it is one.
func (o *opener) primitive(h layers.Func, k int, x *gorgonia.Node) *gorgonia.Node {
	if in, s := scalar.Unshifted(h); s != 0 {
		return o.scalar(in, k, o.affine(x, 1, -s))
	}
	f, ok := h.(*scalar.Function)
	if !ok {
		return nil // an elementary function, or a user's
	}
	formula := f.Formula(k)
	if formula == nil {
		return nil
	}
	return o.formula(f, formula, x, make(map[*scalar.Formula]*gorgonia.Node))
}

// formula writes a formula of h at x; done holds the parts that are written.
func (o *opener) formula(h *scalar.Function, f *scalar.Formula, x *gorgonia.Node, done map[*scalar.Formula]*gorgonia.Node) *gorgonia.Node {
	if f.Op == scalar.Variable {
		return x
	}
	if n := done[f]; n != nil {
		return n
	}
	args := make([]*gorgonia.Node, len(f.Args))
	for i, a := range f.Args {
		args[i] = o.formula(h, a, x, done)
	}
	if o.err != nil {
		return nil
	}
	var n *gorgonia.Node
	switch f.Op {
	case scalar.Affine:
		n = o.affine(args[0], f.A, f.B)
	case scalar.PowerOf:
		n = o.power(args[0], f.A)
	case scalar.Times:
		n = o.times(args[0], args[1])
	case scalar.Plus:
		n = o.plus(args[0], args[1])
	case scalar.Minus:
		n = o.minus(args[0], args[1])
	case scalar.Over:
		n = o.ratio(args[0], args[1], f.A)
	case scalar.ExpOf:
		n = o.exp(args[0])
	case scalar.LogOf:
		n = o.log(args[0])
	case scalar.CosOf:
		n = o.elementary("cos", func(k int, x float64) float64 { return math.Cos(x + float64(k)*math.Pi/2) }, args[0])
	case scalar.ErfOf:
		n = o.elementary("erf", erf, args[0])
	case scalar.Above, scalar.AtLeast:
		n = o.step(args[0], f.A, f.Op == scalar.AtLeast)
	case scalar.DerivativeOf:
		of := h
		if f.Of != nil {
			of = f.Of
		}
		n = o.scalar(of, f.K, args[0])
	default:
		o.err = fmt.Errorf("graph: the formula of %s has an operation %d that is not known", h, f.Op)
	}
	done[f] = n
	return n
}

// erf has the derivatives 2/√π·(−1)ⁿ·Hₙ(x)·exp(−x²) of order n+1, with the polynomials Hₙ of Hermite.
func erf(k int, x float64) float64 {
	if k == 0 {
		return math.Erf(x)
	}
	h, before := 1.0, 0.0
	for n := range k - 1 {
		h, before = -2*x*h-2*float64(n)*before, h
	}
	return 2 / math.SqrtPi * h * math.Exp(-x*x)
}
