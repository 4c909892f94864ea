package optim

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/quivernet/quivernet/quiver"
)

// NilError reports an argument that is nil, or weights without a quiver. A method of a nil
// pointer that returns no error panics with it.
type NilError struct {
	In   string // the function or the method
	What string // the argument
	Next string // what to do
}

func (e *NilError) Error() string { return fmt.Sprintf("optim: %s: no %s; %s", e.In, e.What, e.Next) }

// AliasError reports a gradient that lies in the memory of the weights, so that a step would
// change the gradient while it reads it.
type AliasError struct{ Method string }

func (e *AliasError) Error() string {
	return fmt.Sprintf("optim: %s: the gradient lies in the memory of the weights, and a step would overwrite it; make one with w.Like()", e.Method)
}

// checkRun checks the context and the objective of a run or a search.
func checkRun(name string, ctx context.Context, o Objective) error {
	switch {
	case ctx == nil:
		return &NilError{name, "context", "use context.Background()"}
	case o == nil:
		return &NilError{name, "objective", "give it one, such as a graph.Problem"}
	}
	return nil
}

// checkStep checks what every step is given: weights and a gradient of one layout that share no memory.
func checkStep(name string, w, grad *quiver.Rep) error {
	switch {
	case missing(w):
		return &NilError{name, "weights", "make some with quiver.Random"}
	case missing(grad):
		return &NilError{name, "gradient", "make one with w.Like()"}
	}
	if err := w.Fits(grad); err != nil {
		return fmt.Errorf("optim: %s: weights and gradient: %w", name, err)
	}
	if overlap(w.Data(), grad.Data()) {
		return &AliasError{name}
	}
	return nil
}

// missing says whether there is no representation: nil, or one that no quiver made.
func missing(w *quiver.Rep) bool { return w.Fits(w) != nil }

// overlap says whether two slices share an element.
func overlap(a, b []float64) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	first := func(s []float64) uintptr { return uintptr(unsafe.Pointer(&s[0])) }
	last := func(s []float64) uintptr { return uintptr(unsafe.Pointer(&s[len(s)-1])) }
	return first(a) <= last(b) && first(b) <= last(a)
}

// absent says whether an interface holds nothing, or a nil pointer.
func absent(x any) bool {
	if x == nil {
		return true
	}
	v := reflect.ValueOf(x)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// exist panics with a *NilError where a method is called on a nil pointer.
func exist[T any](m *T, name string) {
	if m == nil {
		panic(&NilError{name, "method", "use &optim." + name + "{}"})
	}
}

// nonFinite says whether an error reports a number that is not finite: it, or one that it wraps,
// says so by a method NonFinite, or is a *quiver.NonFiniteError.
func nonFinite(err error) bool {
	if err == nil {
		return false
	}
	var says interface{ NonFinite() bool }
	if errors.As(err, &says) {
		return says.NonFinite()
	}
	var number *quiver.NonFiniteError
	return errors.As(err, &number)
}
