package symbolic

import (
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// activation writes the operations of a vertex and of its activation.
func (r *reader) activation(o *op.Op, named bool, arg func(i int) *formula.Formula) *formula.Formula {
	in := o.Children()
	at := indexedCall(o.Owner())
	jet := at
	if named { // λ[h1] = λ(|z[h1]|) says the vertex once
		jet = formula.Call
	}
	// z and, where the activation has parameters, p.
	point := func(params bool) []*formula.Formula {
		args := []*formula.Formula{arg(0)}
		if params {
			args = append(args, arg(len(in)-1))
		}
		return args
	}
	switch o.Kind() {
	case op.KindSum, op.KindVertex:
		z := r.sumOf(o)
		if o.Kind() == op.KindSum || r.linear(o) {
			return z
		}
		args := []*formula.Formula{z}
		if len(in) > 0 && r.isParam(in[len(in)-1]) {
			args = append(args, arg(len(in)-1))
		}
		return at("ρ", `\rho`, args...)
	case op.KindAct:
		return at("ρ", `\rho`, point(len(in) == 2)...)
	case op.KindActVJP:
		return formula.Apply(formula.Transpose(at("Dρ", `D\rho`, point(len(in) == 3)...)), arg(1))
	case op.KindActVJPParams:
		return total(formula.Apply(formula.Transpose(at("Dₚρ", `D_{p}\rho`, point(true)...)), arg(1)))
	case op.KindActJVP:
		return formula.Apply(at("Dρ", `D\rho`, arg(0)), arg(1))
	case op.KindActVJP2:
		return at("D²ρ", `D^{2}\rho`, arg(0), arg(1), arg(2))
	case op.KindActVJP2Params: // the gradient at z, g or p of ⟨u, D_zρᵀg⟩ + ⟨v, D_pρᵀg⟩
		letter, _, _ := strings.Cut(strings.TrimPrefix(o.String(), "∂²"), "[")
		var args []*formula.Formula
		for i := range in {
			args = append(args, arg(i))
		}
		return at("∂²ρ/∂"+letter, `\partial_{`+letter+`}D\rho`, args...)
	case op.KindRadialJet:
		return at("λ"+subscriptOf(o.Order()), `\lambda`+texOrder(o.Order()), formula.Norm(arg(0)))
	case op.KindProfile:
		return jet("λ"+subscriptOf(o.Order()), `\lambda`+texOrder(o.Order()), arg(0))
	case op.KindSlope:
		return jet("λ′", `\lambda^{\prime}`, arg(0))
	case op.KindPointJet:
		return at("σ"+strings.Repeat("′", o.Order()), `\sigma`+texPrimes(o.Order()), arg(0))
	}
	var args []*formula.Formula
	for i := range in {
		args = append(args, arg(i))
	}
	return at(o.Kind().String(), texOperator(o.Kind().String()), args...)
}

// indexedCall writes functions that belong to a vertex, ρ[h1](z).
func indexedCall(owner string) func(text, tex string, args ...*formula.Formula) *formula.Formula {
	return func(text, tex string, args ...*formula.Formula) *formula.Formula {
		return formula.Call(text+"["+owner+"]", formula.TexIndex(tex, owner), args...).Means(text, owner)
	}
}

func subscriptOf(k int) string {
	if k == 0 {
		return ""
	}
	return op.Subscript(k)
}

func texOrder(k int) string {
	if k == 0 {
		return ""
	}
	return "_{" + formula.TexNumber(float64(k)) + "}"
}

func texPrimes(k int) string {
	if k == 0 {
		return ""
	}
	return "^{" + strings.Repeat(`\prime`, k) + "}"
}

// function writes a derivative of a named scalar function, h″(r).
func (r *reader) function(name string, order int, x *formula.Formula) *formula.Formula {
	return formula.Call(name+strings.Repeat("′", order), texOperator(name)+texPrimes(order), x).Means("function", name)
}

// sumOf writes the sum of a vertex: by the name z where the expression has it.
func (r *reader) sumOf(o *op.Op) *formula.Formula {
	if z := o.Twin(); z != nil && r.need[z] {
		return r.term(z)
	}
	var ps []*formula.Formula
	var ones []float64
	for _, t := range o.Terms() {
		m := formula.Indexed("I", "I", model.ArrowName(t.Arrow))
		if t.W != nil {
			m = r.term(t.W)
		}
		ps, ones = append(ps, formula.Product(r.term(t.X), formula.Transpose(m))), append(ones, 1)
	}
	return formula.Sum(ones, 0, ps...)
}

func (r *reader) linear(o *op.Op) bool {
	i, ok := r.p.model.Quiver.VertexIndex(o.Owner())
	return ok && r.p.model.Vertices[i].Act == quiver.Identity
}

func (r *reader) isParam(n *gorgonia.Node) bool {
	for _, p := range r.e.Params {
		if p == n {
			return n != nil
		}
	}
	return false
}
