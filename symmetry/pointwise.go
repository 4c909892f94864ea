package symmetry

import (
	"fmt"
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/inputs"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Pointwise reduces the hidden vertices whose activation works coordinate by coordinate, unit
// by unit, without loss: the lossless compression of ReLU networks (arXiv 2001.00218,
// 2102.07804) and of tanh networks (arXiv 2305.05089), for any acyclic quiver. It removes,
// until nothing more is found:
//
//   - unobserved units: each arrow that leaves them carries zeros, or leads nowhere;
//   - constant units: nothing but a bias reaches them, or what reaches them stays where the
//     activation is flat, as for ReLU units that are always off. Their value moves into the
//     biases of their targets, in new arrows and a new bias vertex if need be: that has no more
//     numbers than the units, unless fixed arrows carried them, and then they stay;
//   - twins: the rows of the incoming arrows, side by side, are equal up to a factor c with
//     σ(c·t) = φ(c)·σ(t), see Group: c > 0 for ReLU and its like, −1 for odd and even functions.
//     The columns of the outgoing arrows are added with the factor φ(c). What parallel arrows
//     bring counts together;
//   - linear units: what reaches them stays where the activation is a line, as for ReLU units
//     that are always on. They become arrows past the vertex, or a linear vertex of the rank of
//     what they carry ("h.linear", or h itself), where that makes the network smaller. A hidden
//     vertex with the identity as activation counts as one of linear units.
//
// "Stays" is proved by interval arithmetic with outward rounding: alone for every input, so
// that equality holds everywhere; with Box or Samples for these inputs, and then it holds there
// and the Certificate says so.
//
// Entries count as zero or equal up to 16 units in the last place of what they were added up
// from, as long as that shows at no output: the error of all that was done is bounded there, by
// products of norms, or measured in numbers of twice the length, and where it may show the units
// go only if exact arithmetic allows it, or stay, and the report says so. BoundBall counts what
// remains. An activation of your own has to implement quiver.PointJet to be reduced; its bounds are
// known if it implements quiver.Lipschitz, and the factors of twins if it declares its group
// (Symmetric). Training is
// another matter: the gradients of merged units are not those of one, so Subspace returns an
// error where units went. That is why it is an option. Vertices that tied arrows touch are left
// alone, and the report says so; fixed arrows become other fixed matrices, and trainable ones
// where linear units pass them. Radial vertices of the same quiver are reduced as always, both
// in turn until nothing changes.
func Pointwise() Option { return option(func(o *options) { o.units = true }) }

// Box is Pointwise for inputs whose entries all lie between lo and hi, which may be infinite.
// Where intervals do not decide and the box is finite, a linear program does: the least value
// that a unit can have when each activation before it is relaxed to the convex hull of its
// graph (for ReLU x ≥ 0, x ≥ z, and below a chord). It is not solved but bounded by its dual,
// in which every point is a proof, and the point that is used is evaluated with all rounding
// errors counted against the unit; so nothing rests on the accuracy of a solver. Where that does
// not decide, the box is cut into cases, in each of which one unit more stands on one side of
// its bend. Units that are stable but not proved to be stay. The search has a limit of some
// seconds, counted in products and so the same on every machine; the report says if it was
// reached, and then compressing the result may find more.
//
// The function is equal on the box and, where the certificate does not say that it holds for
// every input, nowhere else.
func Box(lo, hi float64) Option {
	return option(func(o *options) {
		if !(lo <= hi) || math.IsInf(lo, 1) || math.IsInf(hi, -1) {
			o.bad = append(o.bad, &OptionError{fmt.Sprintf("Box(%v, %v)", lo, hi), "want lo ≤ hi"})
		}
		o.units = true
		o.sets = append(o.sets, "Box")
		o.set = func(q *quiver.Quiver) (*inputs.Set, error) {
			d := &inputs.Set{Text: fmt.Sprintf("the box [%v, %v]", lo, hi)}
			dims := q.Dims()
			for _, name := range q.Inputs() {
				d.Lo, d.Hi = append(d.Lo, slices.Repeat([]float64{lo}, dims[name])), append(d.Hi, slices.Repeat([]float64{hi}, dims[name]))
			}
			return d, nil
		}
	})
}

// Boxes is Box with bounds of its own for each coordinate: one matrix per input in declared
// order, 2 × dim, the lower bounds in the first row and the upper ones in the second, or nil
// for an input that may be anything.
func Boxes(bounds ...*mat.Dense) Option {
	return option(func(o *options) {
		o.units = true
		o.sets = append(o.sets, "Boxes")
		o.set = func(q *quiver.Quiver) (*inputs.Set, error) { return boxes(q, bounds) }
	})
}

func boxes(q *quiver.Quiver, bounds []*mat.Dense) (*inputs.Set, error) {
	d := &inputs.Set{Text: "the given box"}
	if err := perInput("Boxes", q, bounds); err != nil {
		return nil, err
	}
	dims := q.Dims()
	for i, name := range q.Inputs() {
		b, n := bounds[i], dims[name]
		d.Lo, d.Hi = append(d.Lo, slices.Repeat([]float64{math.Inf(-1)}, n)), append(d.Hi, slices.Repeat([]float64{math.Inf(1)}, n))
		if b == nil || n == 0 {
			continue
		}
		if r, c := b.Dims(); r != 2 || c != n {
			return nil, &OptionError{"Boxes", fmt.Sprintf("input %q: bounds are %d×%d, want 2×%d: the lower bounds, then the upper ones", name, r, c, n)}
		}
		for j := range n {
			lo, hi := b.At(0, j), b.At(1, j)
			if !(lo <= hi) || math.IsInf(lo, 1) || math.IsInf(hi, -1) {
				return nil, &OptionError{"Boxes", fmt.Sprintf("input %q, coordinate %d: bounds %v and %v, want lo ≤ hi", name, j, lo, hi)}
			}
			d.Lo[i][j], d.Hi[i][j] = lo, hi
		}
	}
	return d, nil
}

// Samples is Pointwise for the given inputs and no others: one matrix per input in declared
// order, samples × dim, or nil for an input that may be anything. A unit that is off on all
// samples is removed even if another input would switch it on, so the function is equal on
// these rows only; Data, which keeps the function on their whole span, is another option.
func Samples(xs ...*mat.Dense) Option {
	return option(func(o *options) {
		o.units = true
		o.sets = append(o.sets, "Samples")
		o.set = func(q *quiver.Quiver) (*inputs.Set, error) { return samplesOf(q, xs) }
	})
}

func samplesOf(q *quiver.Quiver, xs []*mat.Dense) (*inputs.Set, error) {
	d := &inputs.Set{Samples: xs}
	if err := perInput("Samples", q, xs); err != nil {
		return nil, err
	}
	dims := q.Dims()
	for i, name := range q.Inputs() {
		if xs[i] == nil || dims[name] == 0 {
			continue
		}
		r, c := xs[i].Dims()
		if d.Rows == 0 {
			d.Rows = r
		}
		if c != dims[name] || r == 0 || r != d.Rows {
			return nil, &OptionError{"Samples", fmt.Sprintf("input %q: samples are %d×%d, want as many rows as the other inputs have, and %d columns", name, r, c, dims[name])}
		}
		for j := range r {
			for k, x := range xs[i].RawRowView(j) {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					return nil, &quiver.NonFiniteError{Where: fmt.Sprintf("samples of input %q", name), Row: j, Col: k, Value: x}
				}
			}
		}
	}
	if d.Rows == 0 {
		return nil, &OptionError{"Samples", "no samples; give a matrix with rows for an input, or use Pointwise"}
	}
	d.Text = fmt.Sprintf("the %d given samples", d.Rows)
	return d, nil
}

func perInput(option string, q *quiver.Quiver, xs []*mat.Dense) error {
	if names := q.Inputs(); len(xs) != len(names) {
		return &OptionError{option, fmt.Sprintf("%d matrices, want one per input (%v); give nil for an input that may be anything", len(xs), names)}
	}
	return nil
}

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
