package quiver

import (
	"fmt"
	"math/rand/v2"
)

// What a nil or a zero value gives: a typed panic where a method has no error to return.

var (
	nilQuiver = &InputError{"a nil quiver; make one with quiver.New"}
	nilRep    = &InputError{"a nil representation; make one with quiver.Zero or quiver.Random"}
)

func (q *Quiver) must() {
	if q == nil {
		panic(nilQuiver)
	}
}

func (w *Rep) must() {
	if w == nil || w.q == nil {
		panic(nilRep)
	}
}

// made returns an error for a nil or zero representation.
func made(ws ...*Rep) error {
	for _, w := range ws {
		if w == nil || w.q == nil {
			return nilRep
		}
	}
	return nil
}

// IndexError reports the number of an arrow, a vertex, a row or a column that does not exist. It is a
// panic: only a programming error can cause it.
type IndexError struct {
	What     string // "arrow", "vertex", "row" or "column"
	Index, N int    // want 0 ≤ Index < N
}

func (e *IndexError) Error() string {
	return fmt.Sprintf("quiver: %s %d of %d; want 0 ≤ index < %d", e.What, e.Index, e.N, e.N)
}

func mustIndex(what string, i, n int) {
	if i < 0 || i >= n {
		panic(&IndexError{what, i, n})
	}
}

var nilSource = &InputError{"a nil source of random numbers; give one such as rand.NewPCG(1, 2)"}

// noSource stands for a nil source: whoever does not ask it for a number gets along without one.
type noSource struct{}

func (noSource) Uint64() uint64 { panic(nilSource) }

func randOf(src rand.Source) *rand.Rand {
	if isNil(src) {
		src = noSource{}
	}
	return rand.New(src)
}

func mustRand(rng *rand.Rand) {
	if rng == nil {
		panic(&InputError{"a nil *rand.Rand; make one with rand.New(rand.NewPCG(1, 2))"})
	}
}

// actString is the string of an activation; one that cannot even say that, such as a struct
// around nil, is reported as a panic's text.
func actString(a Activation) (s string, trouble any) {
	defer func() { trouble = recover() }()
	return a.String(), nil
}
