package op

// Translate is how package graph, which this package cannot import, gives its own documented types to those who ask for them
// with errors.As. It is set while that package is initialised.
var Translate func(err error, target any) bool

// As lets errors.As find the error as graph.NodeError.
func (e *NodeError) As(target any) bool { return Translate != nil && Translate(e, target) }

// As lets errors.As find the error as graph.OrderError.
func (e *OrderError) As(target any) bool { return Translate != nil && Translate(e, target) }
