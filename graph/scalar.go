package graph

import (
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
)

// ownScalar says that a node is a number, of no axis, that an operation of this library computes: Gorgonia's operations take
// it as a value of its own, which is made at each run.
func ownScalar(n *gorgonia.Node) bool {
	_, own := n.Op().(*op.Op)
	return own && len(n.Shape()) == 0
}

// shaped returns a value in the shape of its node. Gorgonia's slices return a number where their node is a vector of length 1, as
// it is for one sample, and its other operations do not take that.
func shaped[T op.Float](n *gorgonia.Node, v gorgonia.Value) gorgonia.Value {
	if x, ok := v.Data().(T); ok && len(n.Shape()) > 0 && n.Shape().TotalSize() == 1 {
		return tensor.New(tensor.WithShape(n.Shape().Clone()...), tensor.WithBacking([]T{x}))
	}
	return v
}

func scalarValue[T op.Float](x T) gorgonia.Value {
	switch x := any(x).(type) {
	case float32:
		return gorgonia.NewF32(x)
	case float64:
		return gorgonia.NewF64(x)
	}
	return nil
}
