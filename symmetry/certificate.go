package symmetry

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Certificate says how far the reduced network is from the original.
type Certificate struct {
	Exact bool    // equal by a theorem, for every input, up to rounding
	Gap   float64 // measured: max|F−F_red| / max|F|, the largest over the outputs
	Bound float64 // proved for the inputs of the measurement, relative like Gap; +Inf where there is none
	On    string  // for which inputs Exact and Bound speak, and where Gap was measured
}

// String returns the certificate in one line.
func (c Certificate) String() string {
	s := fmt.Sprintf("max gap %.2g (%s)", c.Gap, c.On)
	if c.Exact {
		s = "exact; " + s
	}
	if !math.IsInf(c.Bound, 1) {
		s += fmt.Sprintf(", bound %.2g", c.Bound)
	}
	return s
}

const (
	certificateRows = 64
	certificateSize = 1 << 22 // numbers that a measurement may fill at once
	certificateSeed = 20210706
)

// measured returns the number of rows for a measurement: fewer where vertices are huge.
func measured(q *quiver.Quiver) int {
	n := 1
	for _, d := range q.Dims() {
		n += d
	}
	return min(certificateRows, max(4, certificateSize/n))
}

// certify measures the gap of a compression and computes its bound on the same inputs.
func certify(c *Compression, xs []*mat.Dense) (Certificate, error) {
	exact := c.frame.exact || c.frame.summed
	on := "the given inputs"
	switch rows := measured(c.original.Quiver()); {
	case xs != nil:
	case c.removed != nil && c.removed.domain != nil:
		xs = c.removed.domain.points(c.original.Quiver(), rows)
		it, them := "it", "them"
		if !exact { // nothing has named the set
			it, them = c.removed.domain.text, c.removed.domain.text
		}
		on = fmt.Sprintf("%d points of %s", rows, it)
		if s := c.removed.domain.samples; s != nil {
			on = fmt.Sprintf("%d of %s", min(rows, c.removed.domain.rows), them)
		}
	default:
		xs = randomInputs(c.original.Quiver(), rows)
		on = fmt.Sprintf("%d normal random inputs", rows)
	}
	gap, err := Equivalent(c.source, c.Reduced, xs...)
	if err != nil {
		return Certificate{}, err
	}
	cert := Certificate{Exact: exact, Gap: gap, On: "holds " + c.holds() + ", measured on " + on}
	if !cert.Exact {
		cert.On = "gap and bound on " + on
	}
	cert.Bound, err = c.BoundOn(xs...)
	return cert, err
}

// holds says for which inputs the function is the same.
func (c *Compression) holds() string {
	units := c.removed != nil && c.removed.domain != nil
	switch {
	case units && c.joined != nil:
		return "on the span of the data within " + c.removed.domain.text
	case units:
		return "on " + c.removed.domain.text
	case c.joined != nil:
		return "on the span of the data"
	}
	return "for every input"
}

// few returns some rows of the data, random ones where an input has none.
func few(q *quiver.Quiver, data []*mat.Dense) []*mat.Dense {
	rows := measured(q)
	for _, x := range data {
		if x != nil && !x.IsEmpty() {
			r, _ := x.Dims()
			rows = min(rows, r)
		}
	}
	xs := randomInputs(q, rows)
	for i, x := range data {
		if x != nil && !x.IsEmpty() {
			_, c := x.Dims()
			xs[i] = mat.DenseCopyOf(x.Slice(0, rows, 0, c))
		}
	}
	return xs
}

// randomInputs returns rows of standard normal numbers for each input, the same at
// each call.
func randomInputs(q *quiver.Quiver, rows int) []*mat.Dense {
	rng := rand.New(rand.NewPCG(certificateSeed, 0))
	var xs []*mat.Dense
	dims := q.Dims()
	for _, name := range q.Inputs() {
		if dims[name] == 0 {
			xs = append(xs, &mat.Dense{})
			continue
		}
		m := mat.NewDense(rows, dims[name], nil)
		for i := range rows {
			for j := range dims[name] {
				m.Set(i, j, rng.NormFloat64())
			}
		}
		xs = append(xs, m)
	}
	return xs
}

// Equivalent returns how far two networks are apart on the given inputs,
// max|F_a−F_b| / max|F_a| for each output vertex, the largest over the outputs, where
// 0/0 counts as 0. Without inputs it takes 64 normal random ones (fewer where a vertex is
// huge). The networks need the same
// input and output dimensions in the same order. Dividing by the size of the output
// itself matters: a deep network's output may be small.
func Equivalent(a, b *quiver.Rep, xs ...*mat.Dense) (float64, error) {
	if err := sameInputs(a, b); err != nil {
		return 0, err
	}
	if len(xs) == 0 {
		xs = randomInputs(a.Quiver(), measured(a.Quiver()))
	}
	ya, err := evaluate(a, xs)
	if err != nil {
		return 0, err
	}
	yb, err := evaluate(b, xs)
	if err != nil {
		return 0, err
	}
	if len(ya) != len(yb) {
		return 0, &quiver.InputError{Reason: fmt.Sprintf("networks with outputs %v and %v cannot be compared", a.Quiver().Outputs(), b.Quiver().Outputs())}
	}
	var worst float64
	for i := range ya {
		ra, ca := ya[i].Dims()
		rb, cb := yb[i].Dims()
		if ra != rb || ca != cb {
			return 0, &quiver.ShapeError{Where: fmt.Sprintf("output %q of the second network", b.Quiver().Outputs()[i]), Rows: rb, Cols: cb, WantRows: ra, WantCols: ca, Why: "as in the first network"}
		}
		worst = max(worst, gap(ya[i], yb[i]))
	}
	return worst, nil
}

// gap returns max|a−b| / max|a|; 0 where both vanish, NaN where a number is not finite.
func gap(a, b *mat.Dense) float64 {
	if a.IsEmpty() {
		return 0
	}
	var diff, size float64
	r, c := a.Dims()
	for i := range r {
		for j := range c {
			x, y := a.At(i, j), b.At(i, j)
			if math.IsInf(x, 0) || math.IsInf(y, 0) {
				return math.NaN()
			}
			diff, size = max(diff, math.Abs(x-y)), max(size, math.Abs(x))
		}
	}
	if diff == 0 {
		return 0
	}
	return diff / size
}
