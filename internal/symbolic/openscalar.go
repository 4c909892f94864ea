package symbolic

import (
	"fmt"
	"math"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/op"
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
	return func(k int, x float64) float64 {
		switch k {
		case 0:
			return h.Value(x)
		case 1:
			return h.Slope(x)
		}
		c := make([]float64, k+1)
		h.Jet(c, x)
		for j := 2; j <= k; j++ {
			c[k] *= float64(j)
		}
		return c[k]
	}
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
	s, ok := layers.Describe(h)
	if !ok {
		return nil // an elementary function, or a user's
	}
	if s.Inner != nil {
		return o.scalar(s.Inner, k, o.affine(x, 1, -s.Shift))
	}
	if n := o.smooth(s, k, x); n != nil || o.err != nil {
		return n
	}
	return o.broken(s, k, x)
}

// smooth writes the smooth functions of the catalogue.
func (o *opener) smooth(s layers.Scalar, k int, x *gorgonia.Node) *gorgonia.Node {
	sq := func() *gorgonia.Node { return o.power(x, 2) }
	sigmoid := func() *gorgonia.Node { return o.scalar(layers.Sigmoid, 0, x) }
	tanh := func() *gorgonia.Node { return o.scalar(layers.Tanh, 0, x) }
	type key struct {
		name string
		k    int
	}
	switch (key{s.Name, k}) {
	case key{"tanh", 1}: // 1 − tanh²
		return o.affine(o.power(tanh(), 2), -1, 1)
	case key{"tanh", 2}: // −2 tanh (1 − tanh²)
		return o.affine(o.times(tanh(), o.scalar(layers.Tanh, 1, x)), -2, 0)
	case key{"sigmoid", 0}: // 1/(1+exp(−x))
		return o.power(o.affine(o.exp(o.affine(x, -1, 0)), 1, 1), -1)
	case key{"sigmoid", 1}, key{"softplus", 2}:
		return o.minus(sigmoid(), o.power(sigmoid(), 2))
	case key{"sigmoid", 2}:
		return o.times(o.scalar(layers.Sigmoid, 1, x), o.affine(sigmoid(), -2, 1))
	case key{"softplus", 0}:
		return o.log(o.affine(o.exp(x), 1, 1))
	case key{"softplus", 1}:
		return sigmoid()
	case key{"arctan", 1}:
		return o.power(o.affine(sq(), 1, 1), -1)
	case key{"arctan", 2}:
		return o.affine(o.times(x, o.power(o.affine(sq(), 1, 1), -2)), -2, 0)
	case key{"squash", 0}:
		return o.ratio(sq(), o.affine(sq(), 1, 1), 0)
	case key{"squash", 1}:
		return o.affine(o.times(x, o.power(o.affine(sq(), 1, 1), -2)), 2, 0)
	case key{"exp", 1}, key{"exp", 2}:
		return o.exp(x)
	case key{"sin", 1}:
		return o.elementary("cos", func(k int, x float64) float64 { return math.Cos(x + float64(k)*math.Pi/2) }, x)
	case key{"gelu", 0}:
		return o.times(x, o.normalCDF(x))
	case key{"gelu", 1}:
		return o.plus(o.normalCDF(x), o.times(x, o.normalPDF(x)))
	case key{"gelu", 2}: // (2 − x²)φ
		return o.times(o.affine(sq(), -1, 2), o.normalPDF(x))
	case key{"silu", 0}:
		return o.times(x, sigmoid())
	case key{"silu", 1}:
		return o.plus(sigmoid(), o.times(x, o.scalar(layers.Sigmoid, 1, x)))
	case key{"power", 0}:
		return o.power(x, s.Constant)
	case key{"power", 1}:
		return o.affine(o.power(x, s.Constant-1), s.Constant, 0)
	}
	return nil
}

// normalCDF is ½ + ½ erf(x/√2), normalPDF exp(−x²/2)/√(2π).
func (o *opener) normalCDF(x *gorgonia.Node) *gorgonia.Node {
	return o.affine(o.elementary("erf", erf, o.affine(x, 1/math.Sqrt2, 0)), 0.5, 0.5)
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

func (o *opener) normalPDF(x *gorgonia.Node) *gorgonia.Node {
	return o.affine(o.exp(o.affine(o.power(x, 2), -0.5, 0)), 1/math.Sqrt(2*math.Pi), 0)
}

// broken writes the functions that are linear in pieces, with steps.
func (o *opener) broken(s layers.Scalar, k int, x *gorgonia.Node) *gorgonia.Node {
	var slope *gorgonia.Node
	switch s.Name {
	case "relu":
		slope = o.step(x, 0, false)
	case "leakyrelu":
		slope = o.affine(o.step(x, 0, false), 1-s.Constant, s.Constant)
	case "abs":
		slope = o.affine(o.step(x, 0, true), 2, -1)
	case "steprelu":
		slope = o.step(x, 1, true)
	case "unit":
		if k == 0 {
			return o.affine(x, 0, 1)
		}
		return o.affine(x, 0, 0)
	case "elu":
		up := o.step(x, 0, false)
		low := o.exp(o.times(x, o.affine(up, -1, 1)))
		if k == 0 { // x·1[x>0] + exp(x·1[x≤0]) − 1
			return o.plus(o.times(x, up), o.affine(low, 1, -1))
		}
		if k == 1 {
			return o.plus(up, o.times(low, o.affine(up, -1, 1)))
		}
		return nil
	default:
		return nil
	}
	switch k {
	case 0:
		return o.times(x, slope)
	case 1:
		return slope
	}
	return o.affine(x, 0, 0)
}
