package identify

import (
	"fmt"
	"math/big"
	"strings"
)

// ActivationError reports a vertex whose activation a method cannot treat.
type ActivationError struct {
	Op         string // what was asked for: "path embedding", "condition P", …
	Vertex     string
	Activation string
	Reason     string
}

func (e *ActivationError) Error() string {
	return fmt.Sprintf("identify: %s: vertex %q has activation %s; %s", e.Op, e.Vertex, e.Activation, e.Reason)
}

// ChainError reports a quiver of another shape than the one a theorem is about:
// one input, one output, hidden vertices in a row, each arrow trainable, one bias
// arrow into each vertex.
type ChainError struct {
	Op     string
	Where  string // the vertex or arrow that breaks the shape, as `vertex "h2"`
	Reason string
}

func (e *ChainError) Error() string {
	return fmt.Sprintf("identify: %s is for chains only: %s %s; build one with layers.MLP", e.Op, e.Where, e.Reason)
}

// StructureError reports a fixed, tied or parallel arrow where a method needs a
// matrix that is free and alone.
type StructureError struct {
	Op     string
	Where  string
	Reason string
}

func (e *StructureError) Error() string {
	return fmt.Sprintf("identify: %s: %s %s", e.Op, e.Where, e.Reason)
}

// Boundary is a unit of a hidden or output vertex whose activation has a kink at
// the unit's pre-activation z for one sample.
type Boundary struct {
	Sample int     `json:"sample"`
	Vertex string  `json:"vertex"`
	Unit   int     `json:"unit"`
	Z      float64 `json:"z"`
}

// BoundaryError reports samples at which the network has no derivative.
type BoundaryError struct {
	First []Boundary // at most eight
	Count int        // samples concerned
	Of    int        // samples in all
}

func (e *BoundaryError) Error() string {
	var s []string
	for _, b := range e.First {
		s = append(s, fmt.Sprintf("sample %d at %s[%d] (z = %.3g)", b.Sample, b.Vertex, b.Unit, b.Z))
	}
	if e.Count > len(e.First) {
		s = append(s, "…")
	}
	if e.Count == e.Of {
		return fmt.Sprintf("identify: all %d samples lie on a kink: %s; give other samples", e.Of, strings.Join(s, ", "))
	}
	return fmt.Sprintf("identify: %d of %d samples lie on a kink, where the network has no derivative: %s; move them, or set Options.Drop", e.Count, e.Of, strings.Join(s, ", "))
}

// EmptyError reports that nothing is left to work on.
type EmptyError struct{ Reason string }

func (e *EmptyError) Error() string {
	return "identify: " + e.Reason + "; give at least one sample"
}

// LimitError reports a result that would be larger than the limit. Count is exact.
type LimitError struct {
	What   string
	Count  *big.Int
	Limit  int
	Advice string
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("identify: %s: %v, over the limit of %d; %s", e.What, e.Count, e.Limit, e.Advice)
}

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

// OverflowError reports a number beyond float64.
type OverflowError struct{ What, Advice string }

func (e *OverflowError) Error() string {
	return fmt.Sprintf("identify: %s exceeds the range of float64; %s", e.What, e.Advice)
}

// EmbeddingError reports a matrix that is not the path embedding of any
// representation of the quiver with the given signs.
type EmbeddingError struct {
	Vertex string // "" for the matrix as a whole
	Unit   int
	Reason string
}

func (e *EmbeddingError) Error() string {
	if e.Vertex == "" {
		return "identify: reconstruction: " + e.Reason
	}
	return fmt.Sprintf("identify: reconstruction: %s[%d]: %s", e.Vertex, e.Unit, e.Reason)
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

// OracleError reports a query function that cannot be the function of a shallow
// ReLU network of the given width, or only with noise.
type OracleError struct{ Reason string }

func (e *OracleError) Error() string { return "identify: query function: " + e.Reason }

// NotSmoothError reports a unit whose pre-activation is zero on an open set of
// inputs, so that the network is not differentiable there in its parameters.
type NotSmoothError struct {
	Vertex string
	Unit   int
	Where  string // the set, as text
}

func (e *NotSmoothError) Error() string {
	return fmt.Sprintf("identify: %s[%d] is 0 for all inputs %s: the network has no derivative in its parameters there; shift the unit's bias", e.Vertex, e.Unit, e.Where)
}
