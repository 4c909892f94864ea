package identify

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/pieces"
)

// DegenerateError reports a hidden unit that nothing enters or nothing leaves: all
// its incoming weights and its bias are zero, or all its outgoing weights are.
type DegenerateError struct {
	Vertex string
	Unit   int
	Side   string // "incoming" or "outgoing"
}

func (e *DegenerateError) Error() string {
	return fmt.Sprintf("identify: %s[%d] is degenerate: its %s weights are all zero; remove the unit first", e.Vertex, e.Unit, e.Side)
}

// ParameterError reports a setting outside its range.
type ParameterError struct {
	Name  string
	Value float64
	Want  string
}

func (e *ParameterError) Error() string {
	return fmt.Sprintf("identify: %s is %v, want %s", e.Name, e.Value, e.Want)
}

// The errors of networks and their samples, which the packages beside this one return as well.
type (
	// ActivationError reports a vertex whose activation a method cannot treat.
	ActivationError = pieces.ActivationError

	// Boundary is a unit of a hidden or output vertex whose activation has a kink at the unit's
	// pre-activation for one sample.
	Boundary = pieces.Boundary

	// BoundaryError reports samples at which the network has no derivative.
	BoundaryError = pieces.BoundaryError

	// EmptyError reports that nothing is left to work on.
	EmptyError = pieces.EmptyError

	// LimitError reports a result that would be larger than the limit. Count is exact.
	LimitError = pieces.LimitError

	// NotSmoothError reports a unit whose pre-activation is zero on an open set of inputs, so that
	// the network is not differentiable there in its parameters.
	NotSmoothError = pieces.NotSmoothError

	// OverflowError reports a number beyond float64.
	OverflowError = pieces.OverflowError

	// StructureError reports a fixed, tied or parallel arrow where a method needs a matrix that is
	// free and alone.
	StructureError = pieces.StructureError
)

// PiecewiseLinear may be implemented by a pointwise activation that is linear on each side of the
// origin, to say so by its two slopes. Activations with a quiver.PointJet need not: they are
// recognised by their values.
type PiecewiseLinear = pieces.PiecewiseLinear
