package viz

import (
	"errors"
	"fmt"
	"strings"
)

// Error reports a drawing that Graphviz refuses, or that has nowhere to go.
type Error struct {
	Doing string // "read", "draw" or "write"
	Err   error
}

func (e *Error) Error() string {
	if e.Doing == "write" {
		return fmt.Sprintf("viz: the picture cannot be written: %v", e.Err)
	}
	return fmt.Sprintf("viz: Graphviz could not %s it: %v", e.Doing, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// What is wrong with a drawing that is none.
var (
	errNil      = errors.New("the drawing is nil; see the error of what was to make it")
	errNoWriter = errors.New("the writer is nil; give os.Stdout or a file")
	errZero     = errors.New("the text contains a zero byte")
	errEmpty    = errors.New("there is no graph in it")
)

// MissingError reports a picture in which lines would be missing: Graphviz gave up on them. It does so where
// clusters point at each other in circles; draw such a graph without clusters.
type MissingError struct {
	Lines []string // from → to
	Of    int      // edges of the graph
}

func (e *MissingError) Error() string {
	lines := e.Lines
	const most = 5
	more := ""
	if len(lines) > most {
		more = fmt.Sprintf(" and %d more", len(lines)-most)
		lines = lines[:most]
	}
	return fmt.Sprintf("viz: %d of %d edges have no line in the picture: %s%s; clusters that point at each other in circles do this, draw the graph without them", len(e.Lines), e.Of, strings.Join(lines, ", "), more)
}

// PartError reports a part that a drawing does not have.
type PartError struct {
	Name   string // of a vertex that is unknown
	Known  []string
	Reason string
}

func (e *PartError) Error() string {
	text := e.Reason
	if text == "" {
		text = fmt.Sprintf("no vertex %q", e.Name)
	}
	if len(e.Known) > 0 {
		text += "; the vertices are " + strings.Join(e.Known, ", ")
	}
	return "viz: " + text
}

// FormatError reports a file name whose ending says nothing.
type FormatError struct{ Path string }

func (e *FormatError) Error() string {
	return fmt.Sprintf("viz: %q: the ending decides the format; want .svg, .dot or .gv", e.Path)
}
