package symmetry

import (
	"fmt"
	"slices"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/quiver"
)

// Within is Pointwise for the inputs in a box, which gives an interval for each coordinate of all
// inputs in declared order, one input behind the other: the same option as Boxes, for a box of the
// type that the other packages take. An end of a side may be infinite, and a side may be a point.
// What is proved, and how, stands at Box. A box that has another number of sides than the quiver
// has input coordinates, or an empty side, is an *OptionError that names the side.
func Within(box quiver.Box) Option {
	return option(func(o *options) {
		o.units = true
		o.sets = append(o.sets, "Within")
		o.set = func(q *quiver.Quiver) (*inputs.Set, error) { return sidesOf(q, box) }
	})
}

// sidesOf deals the sides of a box out to the inputs.
func sidesOf(q *quiver.Quiver, box quiver.Box) (*inputs.Set, error) {
	dims, n := q.Dims(), 0
	for _, name := range q.Inputs() {
		n += dims[name]
	}
	if err := box.Check(n); err != nil {
		return nil, &OptionError{"Within", sideOf(q, err)}
	}
	d := &inputs.Set{Text: "the box " + box.String()}
	if len(d.Text) > 60 {
		d.Text = "the given box"
	}
	box.Lo, box.Hi = slices.Clone(box.Lo), slices.Clone(box.Hi)
	at := 0
	for _, name := range q.Inputs() {
		d.Lo, d.Hi = append(d.Lo, box.Lo[at:at+dims[name]]), append(d.Hi, box.Hi[at:at+dims[name]])
		at += dims[name]
	}
	return d, nil
}

// sideOf returns the reason of an error of a box, with the input that its side belongs to.
func sideOf(q *quiver.Quiver, err error) string {
	e := err.(*quiver.BoxError) // as Check promises
	side, dims := e.Side, q.Dims()
	for _, name := range q.Inputs() {
		if side >= 0 && side < dims[name] {
			return fmt.Sprintf("input %q, coordinate %d: %s", name, side, e.Reason)
		}
		side -= dims[name]
	}
	return e.Reason
}
