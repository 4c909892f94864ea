package foreign

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
)

// TakesNumber says that a node is a number, of no axis, that an operation of this library computes: Gorgonia's operations take
// it as a value of its own, which is made at each run.
func TakesNumber(n *gorgonia.Node) bool {
	_, own := n.Op().(*op.Op)
	return own && len(n.Shape()) == 0
}

// Shaped returns a value in the shape of its node. Gorgonia's slices return a number where their node is a vector of length 1, as
// it is for one sample, and its other operations do not take that.
func Shaped[T op.Float](n *gorgonia.Node, v gorgonia.Value) gorgonia.Value {
	if x, ok := v.Data().(T); ok && len(n.Shape()) > 0 && n.Shape().TotalSize() == 1 {
		return tensor.New(tensor.WithShape(n.Shape().Clone()...), tensor.WithBacking([]T{x}))
	}
	return v
}

// Number is a number as Gorgonia takes it.
func Number[T op.Float](x T) gorgonia.Value {
	switch x := any(x).(type) {
	case float32:
		return gorgonia.NewF32(x)
	case float64:
		return gorgonia.NewF64(x)
	}
	return nil
}

// Store copies a Gorgonia value into our memory. Of a constant any type will do: it may be a shape.
func Store[T op.Float](to []T, v gorgonia.Value, constant bool) error {
	switch d := v.Data().(type) {
	case []T:
		if len(d) != len(to) {
			return fmt.Errorf("a value of %d numbers, want %d", len(d), len(to))
		}
		copy(to, d)
	case T:
		to[0] = d
	default:
		if !constant {
			return fmt.Errorf("a value of type %T", d)
		}
	}
	return nil
}
