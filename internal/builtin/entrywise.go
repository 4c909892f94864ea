package builtin

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// The derivatives of Gorgonia's entrywise operations.

// unary is f(x) of each entry: g∘f′(x).
func (d *differentiator) unary() gorgonia.Nodes {
	x := d.fitted(d.in[0])
	var slope *gorgonia.Node
	switch name := entryName(d.n.Op()); name {
	case "neg":
		return gorgonia.Nodes{d.backTo(0, d.scaled(-1, d.g))}
	case "abs":
		slope = d.function("abs", op.AbsJets, 1, x)
	case "sin":
		slope = d.function("cos", op.SineJets(1), 0, x)
	case "cos":
		slope = d.scaled(-1, d.function("sin", op.SineJets(0), 0, x))
	case "exp":
		slope = d.n
	case "expm1":
		slope = d.function("exp", op.ExpJets, 0, x)
	case "ln":
		slope = d.power(1, x, -1)
	case "log2":
		slope = d.power(1/math.Ln2, x, -1)
	case "log1p":
		slope = d.function("log1p", op.Log1pJets, 1, x)
	case "square":
		slope = d.power(2, x, 1)
	case "cube":
		slope = d.power(3, x, 2)
	case "sqrt":
		slope = d.power(0.5, d.n, -1)
	case "inv":
		slope = d.power(-1, x, -2)
	case "invSqrt":
		slope = d.power(-0.5, x, -1.5)
	case "tanh":
		slope = d.function("tanh", op.TanhJets, 1, x)
	case "sigmoid":
		slope = d.function("sigmoid", op.SigmoidJets, 1, x)
	case "softplus":
		slope = d.function("sigmoid", op.SigmoidJets, 0, x)
	default:
		d.refused = fmt.Sprintf("the function %q is not known", name)
		return nil
	}
	return gorgonia.Nodes{d.backTo(0, d.times(slope, d.g))}
}

// fitted returns an argument of an entrywise operation in the shape of the result: itself, reshaped, or a
// number spread over all entries.
func (d *differentiator) fitted(x *gorgonia.Node) *gorgonia.Node {
	switch n := op.Count(d.n); op.Count(x) {
	case n:
		return d.gather("reshape", x, op.Numbers(n), d.n.Shape())
	case 1:
		return d.gather("spread", x, zerosTo(n), d.n.Shape())
	}
	d.refused = fmt.Sprintf("an argument of shape %v for a result of shape %v", x.Shape(), d.n.Shape())
	return nil
}

// backTo is the adjoint of fitted for input i.
func (d *differentiator) backTo(i int, g *gorgonia.Node) *gorgonia.Node {
	x := d.in[i]
	if n := op.Count(d.n); op.Count(x) != n {
		return d.scatter("Σ", g, zerosTo(n), x.Shape())
	}
	return d.gather("reshape", g, op.Numbers(op.Count(x)), x.Shape())
}

// binary is a+b, a−b, a·b, a/b or aᵇ of each entry; either may be a number.
func (d *differentiator) binary() gorgonia.Nodes {
	name := entryName(d.n.Op())
	a, b := d.fitted(d.in[0]), d.fitted(d.in[1])
	if d.refused != "" || d.Err != nil {
		return nil
	}
	var at func(i int) *gorgonia.Node
	switch name {
	case "+":
		at = func(int) *gorgonia.Node { return d.g }
	case "-":
		at = func(i int) *gorgonia.Node { return d.scaled(float64(1-2*i), d.g) }
	case "⊙", "*":
		at = func(i int) *gorgonia.Node {
			if i == 0 {
				return d.times(d.g, b)
			}
			return d.times(d.g, a)
		}
	case "÷", "/":
		at = func(i int) *gorgonia.Node {
			if i == 0 {
				return d.times(d.g, d.power(1, b, -1))
			}
			return d.times(d.times(d.g, a), d.power(-1, b, -2))
		}
	case "^":
		at = func(i int) *gorgonia.Node {
			if d.Err != nil {
				return nil
			}
			return d.times(d.g, d.Put(op.Exponential(d.owner, a, b, 1-i, i)))
		}
	default:
		d.refused = fmt.Sprintf("the operation %q is not known", name)
		return nil
	}
	back := make(gorgonia.Nodes, 2)
	for i := range back {
		if d.wanted[i] {
			back[i] = d.backTo(i, at(i))
		}
	}
	return back
}

// between is the smaller or the larger of two values, entry by entry. Where they are equal the gradient goes to the first.
func (d *differentiator) between() gorgonia.Nodes {
	a, b := d.fitted(d.in[0]), d.fitted(d.in[1])
	if d.refused != "" || d.Err != nil {
		return nil
	}
	if kindOf(d.n.Op()) == "minBetween" {
		a, b = b, a
	}
	back := make(gorgonia.Nodes, 2)
	for i := range back {
		if !d.wanted[i] || d.Err != nil {
			continue
		}
		switch first := kindOf(d.n.Op()) == "maxBetween"; {
		case first && i == 0, !first && i == 0: // a ≥ b, or for the smaller one b ≥ a
			back[i] = d.backTo(i, d.times(d.g, d.Put(op.Greater(d.owner, a, b, false))))
		default:
			back[i] = d.backTo(i, d.times(d.g, d.Put(op.Greater(d.owner, b, a, true))))
		}
	}
	return back
}
