package recovery

import "fmt"

// ChainError reports a quiver of another shape than the one a theorem is about:
// one input, one output, hidden vertices in a row, each arrow trainable, one bias
// arrow into each vertex.
type ChainError struct {
	Op     string
	Where  string // the vertex or arrow that breaks the shape, as `vertex "h2"`
	Reason string
}

func (e *ChainError) Error() string {
	return fmt.Sprintf("recovery: %s is for chains only: %s %s; build one with layers.MLP", e.Op, e.Where, e.Reason)
}

// OracleError reports a query function that cannot be the function of a shallow
// ReLU network of the given width, or only with noise.
type OracleError struct{ Reason string }

func (e *OracleError) Error() string { return "recovery: query function: " + e.Reason }
