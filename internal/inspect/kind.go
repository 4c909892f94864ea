package inspect

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
)

// Kind is what is known of an operation. Gorgonia's own operations have types
// that are not exported; they are told apart by the names of the types, by what
// they print and by their fields, and a test pins that. What is not known is a boundary.
type Kind struct {
	Name           string // "tanh", "+", "matmul", …; "" where the operation is not known
	Axes           []int  // of a sum, a maximum, a size, a repetition, a concatenation, a slice, a transposition
	Lo, Hi         int    // of a slice; hi = 0 is the whole
	TransA, TransB bool   // of a product
	Compares       bool   // it gives 0 or 1
	Own            *op.Op // the operation, where it is one of this library
}

// KindOf returns the kind of an operation; an input has none, and the name "input".
func KindOf(o gorgonia.Op) Kind {
	if o == nil {
		return Kind{Name: "input"}
	}
	if own, ok := o.(*op.Op); ok {
		return Kind{Name: "own", Own: own}
	}
	switch typeOf(o) {
	case "elemUnaryOp":
		return Kind{Name: o.String()}
	case "elemBinOp":
		name, same, _ := strings.Cut(o.String(), " ")
		k := Kind{Name: name, Compares: strings.ContainsAny(name, "<>=!")}
		if k.Compares && same != "true" { // a result of truth values
			k.Name = ""
		}
		return k
	case "linAlgBinOp":
		return linear(o.String())
	case "transposeOp":
		return Kind{Name: "transpose", Axes: ints(o, "pattern")}
	case "reshapeOp":
		return Kind{Name: "reshape"}
	case "sizeOp":
		return Kind{Name: "size", Axes: ints(o, "axis")}
	case "repeatOp":
		return Kind{Name: "repeat", Axes: ints(o, "along")}
	case "sumOp":
		return Kind{Name: "sum", Axes: ints(o, "along")}
	case "concatOp":
		return Kind{Name: "concat", Axes: ints(o, "axis")}
	case "sliceOp":
		return slice(o)
	case "constantScalar", "constantTensor":
		return Kind{Name: "constant"}
	case "Iop":
		return Kind{Name: "identity"}
	}
	return Kind{}
}

// linear reads what a product of Gorgonia prints: "A × B", "Aᵀ × b", ….
func linear(s string) Kind {
	f := strings.Fields(s)
	if len(f) != 3 {
		return Kind{}
	}
	k := Kind{TransA: f[0] == "Aᵀ", TransB: f[2] == "Bᵀ"}
	switch matrix := strings.HasPrefix(f[0], "A"); {
	case f[1] != "×" && f[1] != "⋅":
	case matrix && strings.HasPrefix(f[2], "B"):
		k.Name = "matmul"
	case matrix:
		k.Name = "matvec"
	}
	return k
}

func slice(o gorgonia.Op) Kind {
	k := Kind{Name: "slice", Axes: ints(o, "along")}
	s, ok := o.(interface{ IsSlice() tensor.Slice })
	if !ok || len(k.Axes) != 1 {
		return Kind{}
	}
	r := s.IsSlice()
	if r == nil || reflect.ValueOf(r).Kind() == reflect.Pointer && reflect.ValueOf(r).IsNil() {
		return k
	}
	if r.End() > r.Start() {
		if r.Step() > 1 {
			return Kind{}
		}
		k.Lo, k.Hi = r.Start(), r.End()
	}
	return k
}

// ints reads an unexported field that is an int or a slice of ints; nil where there is none.
func ints(o gorgonia.Op, field string) []int {
	v := reflect.Indirect(reflect.ValueOf(o))
	if v.Kind() != reflect.Struct {
		return nil
	}
	f := v.FieldByName(field)
	switch {
	case !f.IsValid():
		return nil
	case f.CanInt():
		return []int{int(f.Int())}
	case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Int:
		var is []int
		for i := range f.Len() {
			is = append(is, int(f.Index(i).Int()))
		}
		return is
	}
	return nil
}

// Is says whether the operation has the name and works along just these axes.
func (k Kind) Is(name string, axes ...int) bool { return k.Name == name && slices.Equal(k.Axes, axes) }

// typeOf returns the name of the type of one of Gorgonia's own operations, and "" for any other: a type
// of another package may have the same name and print the same text.
func typeOf(o gorgonia.Op) string {
	if o == nil {
		return ""
	}
	t := reflect.TypeOf(o)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() != reflect.TypeFor[gorgonia.Node]().PkgPath() {
		return ""
	}
	return t.Name()
}

// Stateful says that an operation must not be run to compare: it draws random numbers or
// changes a state of its own, or is neither Gorgonia's nor this library's, so that nobody knows.
func Stateful(o gorgonia.Op) bool {
	if _, own := o.(*op.Op); own || o == nil {
		return false
	}
	switch typeOf(o) {
	case "", "dropoutOp", "dropoutDiffOp", "randomOp", "BatchNormOp", "batchnormDiffOp", "ExternalOp":
		return true
	}
	return false
}

// IsStatement says that an operation has no value: a Read.
func IsStatement(o gorgonia.Op) bool {
	switch typeOf(o) {
	case "readOp", "letOp", "devTrans":
		return true
	}
	return false
}

// NameOf returns the node's name for a person: its own or, for a node without one, its
// operation and number.
func NameOf(n *gorgonia.Node) string {
	switch k := KindOf(n.Op()); {
	case IsStatement(n.Op()):
		return fmt.Sprintf("statement#%d", n.ID())
	case IsNamed(n):
		return n.Name()
	case k.Name == "" || k.Name == "own":
		return fmt.Sprintf("%v#%d", n.Op(), n.ID())
	default:
		return fmt.Sprintf("%s#%d", k.Name, n.ID())
	}
}

// IsNamed says whether a node was named by its maker. For one that was not, Gorgonia's Name makes a text up,
// which could be somebody's name as well.
func IsNamed(n *gorgonia.Node) bool { return GivenName(n) != "" }

// GivenName returns the name that the maker of a node gave it, or "".
func GivenName(n *gorgonia.Node) string {
	if f := reflect.ValueOf(n).Elem().FieldByName("name"); f.IsValid() && f.Kind() == reflect.String {
		return f.String()
	}
	if g := n.Graph(); g != nil && slices.Contains(g.ByName(n.Name()), n) {
		return n.Name()
	}
	return ""
}
