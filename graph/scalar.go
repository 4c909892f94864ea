package graph

import (
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// ownScalar says that a node is a number, of no axis, that an operation of this library computes: Gorgonia's operations take
// it as a value of its own, which is made at each run.
func ownScalar(n *gorgonia.Node) bool {
	_, own := n.Op().(*op.Op)
	return own && len(n.Shape()) == 0
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
