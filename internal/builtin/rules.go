package builtin

import (
	"fmt"
	"reflect"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
)

// kindOf returns the name of the Go type of an operation of Gorgonia's own, without package and
// pointer; "" for every other operation.
func kindOf(o gorgonia.Op) string {
	if o == nil {
		return ""
	}
	t := reflect.TypeOf(o)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() != "gorgonia.org/gorgonia" {
		return ""
	}
	return t.Name()
}

// entryName returns which entrywise operation of Gorgonia's this is: "tanh", "+", ">=". What these types
// print is a table of Gorgonia's, followed for two arguments by whether truth values are numbers.
func entryName(o gorgonia.Op) string {
	name, _, _ := strings.Cut(o.String(), " ")
	return name
}

// field reads a field of an operation of Gorgonia's; the zero Value where there is none.
func field(o gorgonia.Op, name string) reflect.Value {
	v := reflect.Indirect(reflect.ValueOf(o))
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return v.FieldByName(name)
}

// axesOf reads a field that is a list of axes, or one.
func axesOf(o gorgonia.Op, name string) (axes []int, ok bool) {
	switch f := field(o, name); {
	case !f.IsValid():
		return nil, false
	case f.CanInt():
		return []int{int(f.Int())}, true
	case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Int:
		for i := range f.Len() {
			axes = append(axes, int(f.Index(i).Int()))
		}
		return axes, true
	}
	return nil, false
}

// IsSize says that an operation of Gorgonia's is the length of an axis: a whole number that no rounding moves.
func IsSize(o gorgonia.Op) bool { return kindOf(o) == "sizeOp" }

// differentiator makes the gradients at the inputs of one operation of Gorgonia's.
type differentiator struct {
	op.Builder
	owner   string
	n, g    *gorgonia.Node // the node and the gradient that arrives at it
	in      gorgonia.Nodes
	wanted  []bool
	refused string // why there is no derivative
}

// byKind are by kind; the result is nil where a gradient is zero or not wanted.
var byKind map[string]func(d *differentiator) gorgonia.Nodes

func init() {
	byKind = map[string]func(d *differentiator) gorgonia.Nodes{
		"elemUnaryOp": (*differentiator).unary, "elemBinOp": (*differentiator).binary,
		"minBetween": (*differentiator).between, "maxBetween": (*differentiator).between,
		"sumOp": (*differentiator).sum, "maxOp": (*differentiator).maximum, "softmaxOp": (*differentiator).softmax,
		"linAlgBinOp": (*differentiator).linear, "tensordotOp": (*differentiator).tensordot,
		"sliceOp": (*differentiator).moved, "transposeOp": (*differentiator).moved, "reshapeOp": (*differentiator).moved,
		"repeatOp": (*differentiator).moved, "concatOp": (*differentiator).moved, "im2colOp": (*differentiator).moved,
		"upsampleOp": (*differentiator).moved, "atOp": (*differentiator).moved,
	}
}

// ruledGradients returns the gradients at the inputs of an operation of Gorgonia's that this package
// knows, and whether it does.
func ruledGradients(owner string, n *gorgonia.Node, in gorgonia.Nodes, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, bool, error) {
	rule := byKind[kindOf(n.Op())]
	if rule == nil {
		return nil, false, nil
	}
	d := &differentiator{owner: owner, n: n, g: g, in: in, wanted: wanted}
	back := rule(d)
	switch {
	case d.refused != "":
		return nil, true, &op.NodeError{Name: n.Name(), Reason: fmt.Sprintf("operation %v has no derivative: %s", n.Op(), d.refused)}
	case d.Err != nil:
		return nil, true, d.Err
	}
	return back, true, nil
}

// times returns a∘b, unless something failed before.
func (d *differentiator) times(a, b *gorgonia.Node) *gorgonia.Node {
	if d.Err != nil || a == nil || b == nil {
		return nil
	}
	return d.Put(op.Hadamard(d.owner, a.Name()+"∘"+b.Name(), a, b))
}

// scaled returns c·a.
func (d *differentiator) scaled(c float64, a *gorgonia.Node) *gorgonia.Node {
	if d.Err != nil || a == nil || c == 1 {
		return a
	}
	return d.Put(op.Combine(d.owner, fmt.Sprintf("%g·%s", c, a.Name()), []float64{c}, a))
}

func (d *differentiator) minus(a, b *gorgonia.Node) *gorgonia.Node {
	if d.Err != nil || a == nil || b == nil {
		return nil
	}
	return d.Put(op.Combine(d.owner, a.Name()+"−"+b.Name(), []float64{1, -1}, a, b))
}

// function returns f⁽ᵏ⁾(x).
func (d *differentiator) function(name string, f op.Jets, k int, x *gorgonia.Node) *gorgonia.Node {
	if d.Err != nil || x == nil {
		return nil
	}
	return d.Put(op.Function(d.owner, name, f, k, x))
}

// power returns c·xᵖ.
func (d *differentiator) power(c float64, x *gorgonia.Node, p float64) *gorgonia.Node {
	if d.Err != nil || x == nil {
		return nil
	}
	if p == 1 {
		return d.scaled(c, x)
	}
	return d.scaled(c, d.Put(op.Power(d.owner, x, p)))
}

// gather and scatter are those of the package.
func (d *differentiator) gather(label string, x *gorgonia.Node, at []int32, out tensor.Shape) *gorgonia.Node {
	if d.Err != nil || x == nil {
		return nil
	}
	return d.Put(op.Gather(d.owner, label, x, at, out))
}

func (d *differentiator) scatter(label string, x *gorgonia.Node, at []int32, out tensor.Shape) *gorgonia.Node {
	if d.Err != nil || x == nil {
		return nil
	}
	return d.Put(op.Scatter(d.owner, label, x, at, out))
}

// zerosTo stands for a number that is spread over n entries, or that sums them.
func zerosTo(n int) []int32 { return make([]int32, n) }
