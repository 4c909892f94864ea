package quiver

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"gonum.org/v1/gonum/mat"
)

// Kind says what a vertex is for. The declared kind decides, not the arrows: an
// Output may have outgoing arrows, a Hidden may have none.
type Kind uint8

// The four kinds of vertices.
const (
	KindInput  Kind = iota // carries a row of data
	KindBias               // a source of dimension 1 that carries the constant 1
	KindHidden             // x = ρ(Σ W x); a change of basis may act here
	KindOutput             // x = ρ(Σ W x); what Eval returns, never a change of basis
)

// String returns "input", "bias", "hidden" or "output".
func (k Kind) String() string {
	switch k {
	case KindInput:
		return "input"
	case KindBias:
		return "bias"
	case KindHidden:
		return "hidden"
	case KindOutput:
		return "output"
	}
	return "unknown kind"
}

// Vertex is a vertex of a quiver: a name, a kind, a dimension and, at hidden and
// output vertices, an activation.
type Vertex struct {
	Name string
	Kind Kind
	Dim  int
	Act  Activation // nil at inputs and biases
}

// source reports whether the vertex takes its value from outside.
func (v Vertex) source() bool { return v.Kind == KindInput || v.Kind == KindBias }

// Part is a vertex or an arrow of a quiver under construction, made by Input,
// Bias, Hidden, Output and Connect.
type Part interface{ part() }

type vertexPart struct{ Vertex }

type arrowPart struct {
	name, from, to string
	tied           string
	fixed          mat.Matrix
	frozen         bool
	noOption       bool // one of the options is nil
}

func (vertexPart) part() {}
func (arrowPart) part()  {}

// Input declares an input of dimension dim: one row of data per sample.
func Input(name string, dim int) Part {
	return vertexPart{Vertex{Name: name, Kind: KindInput, Dim: dim}}
}

// Bias declares a source of dimension 1 that carries the constant 1. A bias of a
// vertex is an arrow from here: its matrix is dim×1.
func Bias(name string) Part {
	return vertexPart{Vertex{Name: name, Kind: KindBias, Dim: 1}}
}

// Hidden declares a vertex x = act(Σ W x) on which a change of basis may act.
func Hidden(name string, dim int, act Activation) Part {
	return vertexPart{Vertex{Name: name, Kind: KindHidden, Dim: dim, Act: act}}
}

// Output declares a vertex whose value Eval returns. Any activation will do; nil
// means Identity. It may have outgoing arrows.
func Output(name string, dim int, act Activation) Part {
	if act == nil {
		act = Identity
	}
	return vertexPart{Vertex{Name: name, Kind: KindOutput, Dim: dim, Act: act}}
}

// ArrowOption changes an arrow declared by Connect.
type ArrowOption func(*arrowPart)

// Named gives the arrow a name other than "from->to". Parallel arrows need it.
func Named(name string) ArrowOption { return func(a *arrowPart) { a.name = name } }

// Frozen fixes the arrow's matrix, dim(to) × dim(from): it takes part in everything
// except training. New copies the matrix, so that what becomes of m afterwards changes no
// quiver; an Inclusion stays structured.
func Frozen(m mat.Matrix) ArrowOption {
	return func(a *arrowPart) { a.fixed, a.frozen = m, true }
}

// Tied makes the arrow share the matrix of another one, whose shape must be the
// same. Their gradients add.
func Tied(arrow string) ArrowOption { return func(a *arrowPart) { a.tied = arrow } }

// Connect declares an arrow. Its matrix is dim(to) × dim(from); its name is
// "from->to" unless Named says otherwise.
func Connect(from, to string, opts ...ArrowOption) Part {
	a := arrowPart{from: from, to: to, name: from + "->" + to}
	for _, o := range opts {
		if o == nil {
			a.noOption = true
			continue
		}
		o(&a)
	}
	return a
}

// checkName returns the reason why a name is ill-formed, or "".
func checkName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case len(name) > 256:
		return "is longer than 256 bytes"
	case strings.Contains(name, "->"):
		return "contains \"->\""
	}
	for _, r := range name {
		switch {
		case r == unicode.ReplacementChar:
			return "is not valid UTF-8"
		case unicode.IsSpace(r):
			return "contains white space"
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return "contains a control character"
		case r == '"' || r == '\'' || r == '`':
			return "contains a quote"
		}
	}
	return ""
}

// checkVertex returns what is wrong with one declared vertex on its own.
func checkVertex(v Vertex) error {
	if r := checkName(v.Name); r != "" {
		return &NameError{"vertex", v.Name, r}
	}
	if v.Dim < 0 {
		return &DimError{v.Name, v.Dim, "is negative; want 0 or more"}
	}
	if v.Dim > math.MaxInt32 {
		return &DimError{v.Name, v.Dim, "is too large; want at most 2147483647"}
	}
	switch v.Kind {
	case KindInput:
		if v.Act != nil {
			return &ActivationError{v.Name, v.Act.String(), "an input has no activation; put it on a hidden vertex"}
		}
	case KindBias:
		if v.Act != nil {
			return &ActivationError{v.Name, v.Act.String(), "a bias has no activation"}
		}
		if v.Dim != 1 {
			return &DimError{v.Name, v.Dim, "of a bias; want 1"}
		}
	case KindHidden, KindOutput:
		if isNil(v.Act) {
			return &ActivationError{v.Name, "", "activation is nil; use quiver.Identity for a linear vertex"}
		}
		s, trouble := actString(v.Act)
		if trouble != nil {
			return &ActivationError{v.Name, "", fmt.Sprintf("activation of type %T has no string (%v); it may hold a nil", v.Act, trouble)}
		}
		if s == "" || len(s) > 1<<16 || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '"' }) {
			return &ActivationError{v.Name, s, "its string is empty, too long, or contains a quote or a control character"}
		}
		if p, ok := v.Act.(Parametric); ok && p.NumParams(v.Dim) < 0 {
			return &ActivationError{v.Name, s, "a negative number of parameters"}
		}
		if f, ok := v.Act.(Sized); ok && v.Dim != 0 && f.Dim() >= 0 && f.Dim() != v.Dim {
			return &ActivationError{v.Name, s, fmt.Sprintf("it acts on dimension %d, the vertex has dimension %d", f.Dim(), v.Dim)}
		}
	default:
		return &KindError{Vertex: v.Name, Kind: v.Kind, Reason: "use Input, Bias, Hidden or Output"}
	}
	return nil
}
