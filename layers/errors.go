package layers

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/scalar"
)

// ConstantError reports a constant that a maker of activations or networks cannot take: What was made, the Value, and
// what is wanted. Makers of activations panic with it, makers of networks return it.
type ConstantError = scalar.ConstantError

func refusal(what, value, want string) *ConstantError {
	return &ConstantError{What: what, Value: value, Want: want}
}

// DimensionError reports a vector whose length is not the one that an activation acts on.
// The activation panics with it.
type DimensionError struct {
	Activation string
	Dim, Want  int
}

func (e *DimensionError) Error() string {
	return fmt.Sprintf("layers: activation %s acts on dimension %d, not %d; change the dimension of the vertex or the constants of the activation", e.Activation, e.Want, e.Dim)
}

// mustHave panics with *DimensionError unless z has length n, or length 0, where there is
// nothing to do.
func mustHave(a fmt.Stringer, n int, z []float64) {
	if len(z) != n && len(z) != 0 {
		panic(&DimensionError{a.String(), len(z), n})
	}
}

// UnknownActivationError reports a text that Parse does not know.
type UnknownActivationError struct {
	Text   string // the part that was not understood
	Reason string
	Near   string // the known text that comes closest; may be empty
}

func (e *UnknownActivationError) Error() string {
	t := e.Text
	if len(t) > 80 {
		t = t[:80] + "…"
	}
	near := ""
	if e.Near != "" {
		near = fmt.Sprintf("; did you mean %s?", e.Near)
	}
	return fmt.Sprintf("layers: unknown activation %q: %s%s", t, e.Reason, near)
}
