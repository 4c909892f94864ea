package identify

import (
	"github.com/quivernet/quivernet/internal/jsontext"
	"github.com/quivernet/quivernet/quiver"
)

// Box is the set of inputs that a statement is about. It is quiver.Box.
type Box = quiver.Box

// BoxError reports a box that is empty, flat, of the wrong dimension or not a number. It is
// quiver.BoxError.
type BoxError = quiver.BoxError

// Number is a float64 that prints with three digits and whose JSON is a number where JSON has
// one, else the string "+Inf", "-Inf" or "NaN".
type Number = jsontext.Number

// Cube returns the box [−r, r]ⁿ. It panics with *BoxError for a negative n.
func Cube(n int, r float64) Box { return quiver.Cube(n, r) }

// Whole returns all of ℝⁿ. It panics as Cube does.
func Whole(n int) Box { return quiver.Whole(n) }
