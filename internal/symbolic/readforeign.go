package symbolic

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/builtin"
	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/op"
)

// foreign writes an operation of Gorgonia's, as they stand in custom losses and their gradients.
// A repetition along the rows or columns is a product with ones, and a reshape that only adds or
// drops axes of length 1 is not written.
func (r *reader) foreign(n *gorgonia.Node) *formula.Formula {
	name := strings.TrimSuffix(strings.TrimSuffix(fmt.Sprint(n.Op()), " false"), " true")
	if isSize(n) {
		size := strings.TrimPrefix(name, "SizeOf=")
		return formula.Symbol(size, size)
	}
	children := op.Children(n)
	var args []*formula.Formula
	for _, c := range children {
		args = append(args, r.term(c))
	}
	switch {
	case len(args) == 2 && name == "+":
		return formula.Sum([]float64{1, 1}, 0, args...)
	case len(args) == 2 && name == "-":
		return formula.Sum([]float64{1, -1}, 0, args...)
	case len(args) == 2 && name == "⊙" && isOne(children[0]):
		return args[1]
	case len(args) == 2 && name == "⊙" && isOne(children[1]):
		return args[0]
	case len(args) == 2 && name == "⊙" && children[0].IsScalar():
		return formula.Product(args...)
	case len(args) == 2 && name == "⊙" && children[1].IsScalar():
		return formula.Product(args[1], args[0])
	case len(args) == 2 && (name == "⊙" || name == "*"):
		return formula.Hadamard(args...)
	case len(args) == 2 && name == "÷":
		return formula.Fraction(args[0], args[1])
	case len(args) == 2 && strings.Contains(name, " × ") && children[1].Dims() == 2:
		for i, letter := range []string{"Aᵀ", "Bᵀ"} {
			if strings.Contains(name, letter) {
				args[i] = formula.Transpose(args[i])
			}
		}
		return formula.Product(args...)
	case len(args) == 1 && name == "neg":
		return formula.Sum([]float64{-1}, 0, args...)
	case len(args) == 1 && name == "square":
		return formula.Power(args[0], 2)
	case len(args) == 1 && name == "sqrt":
		return formula.Power(args[0], 0.5)
	case name == "Aᵀ{1, 0}":
		return formula.Transpose(args[0])
	case name == "Repeat0" && spreads(children[0], 0):
		return formula.Product(formula.Ones(), args[0])
	case name == "Repeat1" && spreads(children[0], 1):
		return formula.Product(args[0], formula.Transpose(formula.Ones()))
	case strings.HasPrefix(name, "Reshape(") && n.Shape().TotalSize() == longest(n) && longest(n) == longest(children[0]):
		return args[0]
	}
	name = strings.Join(strings.Fields(name), "")
	return formula.Call(name, texOperator(name), args...).Means("foreign", name)
}

// isOne says that a node is the constant 1.
func isOne(n *gorgonia.Node) bool {
	if n.Op() != nil && len(op.Children(n)) > 0 || n.Value() == nil || len(n.Shape()) != 0 {
		return false
	}
	switch v := n.Value().Data().(type) {
	case float64:
		return v == 1
	case float32:
		return v == 1
	}
	return false
}

// shaped writes an operation of the derivatives of Gorgonia's, on values of any number of axes. A repetition is a product with
// ones, and a reshape is not written.
func (r *reader) shaped(o *op.Op, in gorgonia.Nodes, arg func(int) *formula.Formula) *formula.Formula {
	c := o.Coefficients()
	switch {
	case o.Kind() == op.KindGather && c[0] == 2:
		return arg(0)
	case o.Kind() == op.KindGather && c[0] == 1:
		return formula.Product(arg(0), formula.Transpose(formula.Ones()))
	case o.Kind() == op.KindGather && c[0] == 0:
		return formula.Product(formula.Ones(), arg(0))
	case o.Kind() == op.KindGather && c[0] == -1:
		return formula.Product(arg(0), formula.Ones())
	}
	var args []*formula.Formula
	for i := range in {
		args = append(args, arg(i))
	}
	if o.Kind() == op.KindExponential && o.Order() > 0 {
		return formula.Call("pow"+strings.Repeat("′", o.Order()), `\operatorname{pow}`+texPrimes(o.Order()), args...).Means("foreign", "pow")
	}
	return formula.Call(o.String(), texOperator(o.String()), args...).Means("foreign", o.String())
}

// isSize says that a node is the length of an axis, a number whatever it is asked of.
func isSize(n *gorgonia.Node) bool { return builtin.IsSize(n.Op()) }

// spreads says that repeating n along an axis is a product with ones: n is one row, or one column.
func spreads(n *gorgonia.Node, axis int) bool { return n.Dims() == 2 && n.Shape()[axis] == 1 }

// longest returns the length of the longest axis, 1 where there is none.
func longest(n *gorgonia.Node) int {
	d := 1
	for _, s := range n.Shape() {
		d = max(d, s)
	}
	return d
}
