package fault

import (
	"fmt"
	"strings"

	"github.com/quivernet/quivernet/internal/op"
)

// OrderError says that an activation cannot be differentiated often enough, and at which
// vertex. Find it with errors.As.
type OrderError struct {
	Order  int    // the derivative that there is not: 2 for a Hessian
	Vertex string // where it is asked for
	Act    string // the activation
}

func (e *OrderError) Error() string { return (*op.OrderError)(e).Error() }

// NodeError reports a node that could not be added to the expression graph. Find it with errors.As.
type NodeError struct {
	Name   string // of the node, or of the vertex or arrow that it would have been
	Reason string // what was refused, and by what
}

func (e *NodeError) Error() string { return (*op.NodeError)(e).Error() }

func init() { op.Translate = translate }

// translate finds the errors of internal/op as those of this package.
func translate(err error, target any) bool {
	switch e := err.(type) {
	case *op.NodeError:
		if t, ok := target.(**NodeError); ok {
			*t = (*NodeError)(e)
			return true
		}
	case *op.OrderError:
		if t, ok := target.(**OrderError); ok {
			*t = (*OrderError)(e)
			return true
		}
	}
	return false
}

// typed turns an error of internal/op into one of this package.
func Typed(err error) error {
	switch e := err.(type) {
	case *op.NodeError:
		return (*NodeError)(e)
	case *op.OrderError:
		return (*OrderError)(e)
	}
	return err
}

// LossError reports a loss that cannot be built or evaluated.
type LossError struct {
	Output string
	Reason string
}

func (e *LossError) Error() string {
	if e.Output == "" {
		return "graph: " + e.Reason
	}
	return fmt.Sprintf("graph: loss at output %q: %s", e.Output, e.Reason)
}

// OptionError reports an option of Compile whose value makes no sense.
type OptionError struct {
	Option string // "Workers"
	Reason string
}

func (e *OptionError) Error() string { return fmt.Sprintf("graph: option %s: %s", e.Option, e.Reason) }

// DataError reports inputs or targets that do not fit the program.
type DataError struct {
	What   string // `input "x"`, `targets of output "y"`, …
	Reason string
}

func (e *DataError) Error() string { return fmt.Sprintf("graph: %s: %s", e.What, e.Reason) }

// RepError reports weights that the program was not compiled for.
type RepError struct {
	Reason string
	Err    error
}

func (e *RepError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("graph: %s: %v", e.Reason, e.Err)
	}
	return "graph: " + e.Reason
}

// Unwrap returns the cause.
func (e *RepError) Unwrap() error { return e.Err }

// NonFiniteError reports a NaN or an infinity and the first place where it appears.
type NonFiniteError struct {
	Where    string // `input "x"`, `weights`, `vertex "h1"`, …
	Row, Col int
	Value    float64
}

func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("graph: %s: entry (%d,%d) is %v; nothing was trained on it", e.Where, e.Row, e.Col, e.Value)
}

// NonFinite says true: a line search takes the point where this happened for a step too long.
func (e *NonFiniteError) NonFinite() bool { return true }

// OpError reports an operation that failed while the program ran.
type OpError struct {
	Owner string // the vertex or arrow
	Node  string
	Err   error
}

func (e *OpError) Error() string {
	return fmt.Sprintf("graph: %q, node %s: %v", e.Owner, e.Node, e.Err)
}

// Unwrap returns the cause.
func (e *OpError) Unwrap() error { return e.Err }

// UnknownArrowError reports an arrow without a gradient.
type UnknownArrowError struct {
	Arrow string
	Known []string
}

func (e *UnknownArrowError) Error() string {
	return fmt.Sprintf("graph: no trainable arrow %q; the trainable arrows are %s", e.Arrow, strings.Join(e.Known, ", "))
}

// UnknownVertexError reports a vertex that the quiver does not have.
type UnknownVertexError struct {
	Vertex string
	Known  []string
}

func (e *UnknownVertexError) Error() string {
	return fmt.Sprintf("graph: no vertex %q; the vertices are %s", e.Vertex, strings.Join(e.Known, ", "))
}

// Must is the panic, of a typed value, of a method that returns no error.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}
