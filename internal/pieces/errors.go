package pieces

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

// OverflowError reports a number beyond float64.
type OverflowError struct{ What, Advice string }

func (e *OverflowError) Error() string {
	return fmt.Sprintf("identify: %s exceeds the range of float64; %s", e.What, e.Advice)
}

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
