package symbolic

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/op"
)

// reader turns the nodes of an expression into formulas.
type reader struct {
	*Expr
	need  map[*gorgonia.Node]bool // the nodes of the expression
	names map[*gorgonia.Node]*formula.Formula
	used  gorgonia.Nodes // what the formula at hand refers to by name
}

// plain steps over what is only a step: a factor 1 from the seed of the sweep.
func (r *reader) plain(n *gorgonia.Node) *gorgonia.Node {
	for {
		o, ok := n.Op().(*op.Op)
		if !ok {
			return n
		}
		switch in := o.Children(); {
		case r.labels.symbol[n] != nil:
			return n
		case o.Kind() == op.KindScale && in[0] == r.e.Unit:
			n = in[1]
		case o.Kind() == op.KindScale && in[1] == r.e.Unit:
			n = in[0]
		default:
			return n
		}
	}
}

// short says that a value needs no name: it is written as quickly as its name.
func (r *reader) short(n *gorgonia.Node) bool {
	o, ok := n.Op().(*op.Op)
	if !ok {
		return len(op.Children(n)) == 0 || isSize(n) || isTranspose(n)
	}
	switch o.Kind() {
	case op.KindTranspose:
		return true // what it turns has a name, or is short itself
	case op.KindRowNorm, op.KindRadialJet, op.KindProfile, op.KindPointJet, op.KindColumns, op.KindSoftmax:
		return r.labels.symbol[o.Children()[0]] != nil
	}
	return false
}

// term writes a node inside a formula.
func (r *reader) term(n *gorgonia.Node) *formula.Formula {
	n = r.plain(n)
	if s := r.names[n]; s != nil && n != r.node {
		r.used = append(r.used, n)
		return s
	}
	if s := r.labels.symbol[n]; s != nil {
		r.used = append(r.used, n)
		return s
	}
	return r.formula(n)
}

// formula writes a node by its operation.
func (r *reader) formula(n *gorgonia.Node) *formula.Formula {
	o, ok := n.Op().(*op.Op)
	if !ok {
		if len(op.Children(n)) == 0 {
			return r.labels.symbol[n]
		}
		return r.foreign(n)
	}
	in := o.Children()
	arg := func(i int) *formula.Formula { return r.term(in[i]) }
	c := o.Coefficients()
	switch o.Kind() {
	case op.KindArrowDW:
		return formula.Product(formula.Transpose(arg(0)), arg(1))
	case op.KindArrowDX:
		if len(in) == 1 {
			return formula.Product(arg(0), formula.Indexed("I", "I", model.ArrowName(o.Owner())))
		}
		return formula.Product(arg(0), arg(1))
	case op.KindMatMul:
		return formula.Product(arg(0), arg(1))
	case op.KindTranspose:
		return formula.Transpose(arg(0))
	case op.KindCombine:
		var args []*formula.Formula
		for i := range in {
			args = append(args, arg(i))
		}
		return formula.Sum(c, 0, args...)
	case op.KindAffine:
		if c[0] == 0 {
			return formula.Symbol(fmt.Sprint(c[1]), formula.TexNumber(c[1]))
		}
		return formula.Sum(c[:1], c[1], arg(0))
	case op.KindScale:
		return formula.Product(arg(1), arg(0))
	case op.KindRowScale:
		return formula.Product(formula.Call("diag", `\operatorname{diag}`, arg(1)), arg(0))
	case op.KindColScale:
		return formula.Product(arg(0), formula.Call("diag", `\operatorname{diag}`, arg(1)))
	case op.KindAddRow:
		return formula.Sum([]float64{1, 1}, 0, arg(0), formula.Product(formula.Ones(), arg(1)))
	case op.KindSpread:
		return formula.Product(arg(1), formula.Ones())
	case op.KindHadamard:
		return formula.Hadamard(arg(0), arg(1))
	case op.KindRatio:
		return formula.Fraction(arg(0), arg(1))
	case op.KindPower:
		return formula.Power(arg(0), c[0])
	case op.KindRowNorm:
		return formula.Norm(arg(0))
	case op.KindRowDot:
		return formula.Call("rows", `\operatorname{rows}`, formula.Inner(arg(0), arg(1)))
	case op.KindDot:
		return formula.Inner(arg(0), arg(1))
	case op.KindTotal, op.KindColSum:
		return total(arg(0))
	case op.KindBasis:
		b := formula.Indexed("B", "B", o.Owner())
		if c[0] == 1 {
			b = formula.Transpose(b)
		}
		return formula.Product(arg(0), b)
	case op.KindColumns:
		k := fmt.Sprintf("%g", c[0]+1)
		if c[1] > c[0]+1 {
			k += fmt.Sprintf("…%g", c[1])
		}
		return formula.Call("col"+k, `\operatorname{col}_{`+strings.Replace(k, "…", `\ldots `, 1)+"}", arg(0)).Means("col", "")
	case op.KindUnit:
		at := fmt.Sprintf("%g,%g", c[0]+1, c[1]+1)
		return formula.Symbol("E["+at+"]", "E_{"+at+"}").Means("E", "")
	case op.KindFlat:
		return formula.Call("vec", `\operatorname{vec}`, arg(0))
	case op.KindStack:
		var args []*formula.Formula
		for i := range in {
			args = append(args, arg(i))
		}
		return formula.Call("stack", `\operatorname{stack}`, args...)
	case op.KindJoin:
		var args []*formula.Formula
		for i := range in {
			args = append(args, arg(i))
		}
		return formula.Call("join", `\operatorname{join}`, args...)
	case op.KindFunction:
		return r.function(o.String(), o.Order(), arg(0))
	case op.KindRowFunction:
		return formula.Call(o.String(), texOperator(o.String()), arg(0)).Means("rowfunction", o.String())
	case op.KindSoftmax:
		return formula.Call("softmax", `\operatorname{softmax}`, arg(0))
	case op.KindSoftmaxDerivative:
		return formula.Product(formula.Transpose(formula.Call("Dsoftmax", `D\operatorname{softmax}`, arg(0))), arg(1))
	case op.KindGather, op.KindScatter, op.KindContract, op.KindPick, op.KindPlace, op.KindGreater, op.KindExponential:
		return r.shaped(o, in, arg)
	}
	for _, s := range model.Stages() {
		switch {
		case s.Residual: // its operations are those of sums and inner products
		case o.Kind() == s.Sum:
			return formula.Call(s.Symbol, texOperator(s.Symbol), arg(0), arg(1))
		case o.Kind() == s.Difference:
			return s.Slope(arg(0), arg(1))
		}
	}
	return r.activation(o, r.labels.symbol[n] != nil, arg)
}

// total is the sum over the samples.
func total(a *formula.Formula) *formula.Formula {
	return formula.Call("Σ", `\operatorname{\Sigma}`, a)
}

// texOperator writes the name of a function; what LaTeX has of its own it has in this way too.
func texOperator(name string) string {
	return `\operatorname{` + strings.TrimSuffix(strings.TrimPrefix(formula.TexName(name), `\mathrm{`), "}") + "}"
}
