package fault

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/op"
)

// TestErrorsOfOperations: the errors of internal/op are found as the documented types of this package, field by field and however
// deep they lie, and not as each other.
func TestErrorsOfOperations(t *testing.T) {
	var ne *NodeError
	var oe *OrderError
	node, order := &op.NodeError{Name: "y", Reason: "no"}, &op.OrderError{Order: 2, Vertex: "h", Act: "relu"}
	require.ErrorAs(t, fmt.Errorf("deep: %w", node), &ne)
	assert.Equal(t, NodeError{"y", "no"}, *ne)
	assert.Equal(t, node.Error(), ne.Error())
	require.ErrorAs(t, fmt.Errorf("deep: %w", order), &oe)
	assert.Equal(t, OrderError{2, "h", "relu"}, *oe)
	assert.Equal(t, order.Error(), oe.Error())
	assert.False(t, errors.As(error(node), &oe))
	assert.False(t, errors.As(error(order), &ne))
	assert.IsType(t, ne, Typed(node))
	assert.IsType(t, oe, Typed(order))
	assert.Equal(t, errors.ErrUnsupported, Typed(errors.ErrUnsupported))
	assert.NoError(t, Typed(nil))
}
