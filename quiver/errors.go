package quiver

import (
	"fmt"
	"strings"
)

// NameError reports an ill-formed name of a vertex or an arrow.
type NameError struct {
	What   string // "vertex" or "arrow"
	Name   string
	Reason string
}

func (e *NameError) Error() string {
	return fmt.Sprintf("quiver: %s name %q: %s; use letters, digits and punctuation without \"->\", quotes or white space", e.What, e.Name, e.Reason)
}

// DuplicateError reports two vertices or two arrows with one name.
type DuplicateError struct {
	What string // "vertex" or "arrow"
	Name string
}

func (e *DuplicateError) Error() string {
	if e.What == "arrow" {
		return fmt.Sprintf("quiver: two arrows named %q; name one with quiver.Named", e.Name)
	}
	return fmt.Sprintf("quiver: two vertices named %q; rename one", e.Name)
}

// UnknownVertexError reports a vertex name that the quiver does not have.
type UnknownVertexError struct {
	Vertex string
	Arrow  string // the arrow that mentions it; may be empty
	Known  []string
}

func (e *UnknownVertexError) Error() string {
	var b strings.Builder
	b.WriteString("quiver: ")
	if e.Arrow != "" {
		fmt.Fprintf(&b, "arrow %q: ", e.Arrow)
	}
	fmt.Fprintf(&b, "no vertex %q; %s", e.Vertex, known("vertices", e.Known))
	return b.String()
}

// UnknownArrowError reports an arrow name that the quiver does not have.
type UnknownArrowError struct {
	Arrow string
	Known []string
}

func (e *UnknownArrowError) Error() string {
	return fmt.Sprintf("quiver: no arrow %q; %s", e.Arrow, known("arrows", e.Known))
}

// DimError reports an impossible dimension.
type DimError struct {
	Vertex string
	Dim    int
	Reason string
}

func (e *DimError) Error() string {
	return fmt.Sprintf("quiver: vertex %q: dimension %d %s", e.Vertex, e.Dim, e.Reason)
}

// ShapeError reports a matrix whose shape is not the one that its place asks for.
type ShapeError struct {
	Where              string // `arrow "h1->h2"`, `input "x"`, …
	Rows, Cols         int
	WantRows, WantCols int    // -1: any
	Why                string // "dim h2 × dim h1", "samples × dim x"
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("quiver: %s: matrix is %s, want %s (%s)", e.Where, size(e.Rows, e.Cols), size(e.WantRows, e.WantCols), e.Why)
}

// CycleError reports a directed cycle; Path starts and ends with one vertex.
type CycleError struct {
	Path []string
}

func (e *CycleError) Error() string {
	p := e.Path
	if len(p) > 12 {
		p = append(append(append([]string{}, p[:6]...), fmt.Sprintf("… (%d more)", len(p)-11)), p[len(p)-5:]...)
	}
	if len(e.Path) == 2 {
		return fmt.Sprintf("quiver: loop %s; a vertex cannot feed itself, unroll recurrent quivers over time", strings.Join(p, " -> "))
	}
	return fmt.Sprintf("quiver: cycle %s; unroll recurrent quivers over time", strings.Join(p, " -> "))
}

// KindError reports a vertex used against its kind, such as an arrow into an input.
type KindError struct {
	Vertex string
	Kind   Kind
	Arrow  string
	Reason string
}

func (e *KindError) Error() string {
	if e.Arrow == "" {
		return fmt.Sprintf("quiver: %s %q: %s", e.Kind, e.Vertex, e.Reason)
	}
	return fmt.Sprintf("quiver: arrow %q: vertex %q is %s %s, %s", e.Arrow, e.Vertex, article(e.Kind), e.Kind, e.Reason)
}

// TieError reports arrows that cannot share one matrix.
type TieError struct {
	Arrow, Other string
	Reason       string
}

func (e *TieError) Error() string {
	return fmt.Sprintf("quiver: arrow %q tied to %q: %s", e.Arrow, e.Other, e.Reason)
}

// FixedError reports a fixed arrow used as a trainable one, or the other way round.
type FixedError struct {
	Arrow string
	Fixed bool // the arrow is fixed
}

func (e *FixedError) Error() string {
	if e.Fixed {
		return fmt.Sprintf("quiver: arrow %q is fixed and cannot be set; use WithFixed", e.Arrow)
	}
	return fmt.Sprintf("quiver: arrow %q is trainable and has no fixed matrix; use Set", e.Arrow)
}

// ActivationError reports an activation that a vertex cannot have.
type ActivationError struct {
	Vertex     string
	Activation string
	Reason     string
}

func (e *ActivationError) Error() string {
	if e.Activation == "" {
		return fmt.Sprintf("quiver: vertex %q: %s", e.Vertex, e.Reason)
	}
	return fmt.Sprintf("quiver: vertex %q: activation %s: %s", e.Vertex, e.Activation, e.Reason)
}

// NonFiniteError reports a NaN or an infinity and the place where it stands.
type NonFiniteError struct {
	Where    string // `arrow "x->h1"`, `input "x"`, `parameters of vertex "h1"`
	Row, Col int
	Value    float64
}

func (e *NonFiniteError) Error() string {
	return fmt.Sprintf("quiver: %s: entry (%d,%d) is %v; every number must be finite", e.Where, e.Row, e.Col, e.Value)
}

// InputError reports matrices that do not fit a quiver's inputs or outputs as
// a whole: their number, or batches of different sizes.
type InputError struct {
	Reason string
}

func (e *InputError) Error() string { return "quiver: " + e.Reason }

// LayoutError reports two Reps whose quivers differ in a name, a dimension, an
// arrow, a tie or an activation, so that their slabs do not correspond.
type LayoutError struct {
	Left, Right *Quiver
}

func (e *LayoutError) Error() string {
	if e.Left == nil || e.Right == nil {
		return "quiver: representations of different quivers, one of them nil; both must have the same layout"
	}
	return fmt.Sprintf("quiver: representations of different quivers: %s; both must have the same layout", e.Left.difference(e.Right))
}

func known(what string, names []string) string {
	if len(names) == 0 {
		return "the quiver has no " + what
	}
	const most = 8
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	return fmt.Sprintf("the %s are %s%s", what, strings.Join(names, ", "), more)
}

func size(r, c int) string {
	f := func(n int) string {
		if n < 0 {
			return "n"
		}
		return fmt.Sprint(n)
	}
	return f(r) + "×" + f(c)
}

func article(k Kind) string {
	if k == KindInput || k == KindOutput {
		return "an"
	}
	return "a"
}
