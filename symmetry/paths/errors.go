package paths

import "fmt"

// EmbeddingError reports a matrix that is not the path embedding of any
// representation of the quiver with the given signs.
type EmbeddingError struct {
	Vertex string // "" for the matrix as a whole
	Unit   int
	Reason string
}

func (e *EmbeddingError) Error() string {
	if e.Vertex == "" {
		return "paths: reconstruction: " + e.Reason
	}
	return fmt.Sprintf("paths: reconstruction: %s[%d]: %s", e.Vertex, e.Unit, e.Reason)
}
