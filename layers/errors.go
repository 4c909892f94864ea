package layers

import (
	"fmt"
	"reflect"
)

// ConstantError reports a constant that a maker of activations or networks cannot take.
// Makers of activations panic with it, makers of networks return it.
type ConstantError struct {
	What, Value, Want string
}

func (e *ConstantError) Error() string {
	return fmt.Sprintf("layers: %s: %s; %s", e.What, e.Value, e.Want)
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

// mustFunc panics with *ConstantError for a nil function.
func mustFunc(what string, h Func) {
	if v := reflect.ValueOf(h); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		panic(&ConstantError{what, "a nil function", "give one such as layers.Tanh"})
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
