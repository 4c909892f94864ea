package quiver_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Nil arguments are errors where there is one to return, and else panics with an error.
func TestNilArguments(t *testing.T) {
	w := everything(t)
	var none *quiver.Rep
	for what, err := range map[string]error{
		"an option":            second(quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y", nil))),
		"a matrix":             w.Set("h->m", nil),
		"a typed nil matrix":   w.Set("h->m", (*mat.Dense)(nil)),
		"two networks":         second(quiver.Join(w, nil, nil)),
		"the first network":    second(quiver.Join(nil, w, nil)),
		"a network to compute": second(none.Eval()),
		"a zero network":       second(new(quiver.Rep).Eval()),
		"a network to cut":     second(none.CutAfter("h")),
		"a network that fits":  w.Fits(nil),
		"a quiver":             quiver.Check(nil),
		"a reader":             second(quiver.DecodeJSON(nil, parse)),
		"a source":             second(w.ReplaceHead("y", 2, nil, nil, nil)),
	} {
		require.Error(t, err, what)
	}
	for what, f := range map[string]func(){
		"Zero":             func() { quiver.Zero(nil) },
		"Random":           func() { quiver.Random(nil, nil, rand.NewPCG(1, 2)) },
		"a source":         func() { quiver.Random(w.Quiver(), nil, nil) },
		"a typed source":   func() { quiver.Random(w.Quiver(), nil, (*rand.PCG)(nil)) },
		"Data":             func() { none.Data() },
		"AddScaled":        func() { w.AddScaled(1, nil) },
		"Restricted":       func() { quiver.Restricted(nil, &mat.Dense{}) },
		"an arrow":         func() { w.Block(-1) },
		"a vertex":         func() { w.ParamsAt(99) },
		"an entry":         func() { quiver.Eye(2).At(2, 0) },
		"a fixed matrix":   func() { w.Quiver().Fixed(99) },
		"Quiver of a zero": func() { new(quiver.Rep).Quiver() },
	} {
		func() {
			defer func() {
				p := recover()
				err, ok := p.(error)
				require.True(t, ok, "%s: %v", what, p)
				assert.Contains(t, err.Error(), "quiver: ", what)
			}()
			f()
		}()
	}
	assert.Equal(t, quiver.Random(w.Quiver(), quiver.Constant(2), nil).Arrow("h->m").At(0, 0), 2.0, "who asks for no number needs no source")
}

func second[T any](_ T, err error) error { return err }
