package symmetry

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Certificate says how far the reduced network is from the original.
type Certificate struct {
	Exact bool    // equal by a theorem, for every input, up to rounding
	Gap   float64 // measured: max|F−F_red| / max|F|, the largest over the outputs
	Bound float64 // proved, relative like Gap; +Inf where there is no bound
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
	certificateSeed = 20210706
)

// certify measures the gap of an exact compression.
func certify(a, b *quiver.Rep, xs []*mat.Dense) (Certificate, error) {
	on := "the given inputs"
	if xs == nil {
		xs = randomInputs(a.Quiver(), certificateRows)
		on = fmt.Sprintf("%d normal random inputs", certificateRows)
	}
	gap, err := Equivalent(a, b, xs...)
	return Certificate{Exact: true, Gap: gap, Bound: math.Inf(1), On: "holds for every input, measured on " + on}, err
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
// 0/0 counts as 0. Without inputs it takes 64 normal random ones. The networks need the same
// input and output dimensions in the same order. Dividing by the size of the output
// itself matters: a deep network's output may be small.
func Equivalent(a, b *quiver.Rep, xs ...*mat.Dense) (float64, error) {
	if len(xs) == 0 {
		xs = randomInputs(a.Quiver(), certificateRows)
	}
	ya, err := a.Eval(xs...)
	if err != nil {
		return 0, err
	}
	yb, err := b.Eval(xs...)
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

// gap returns max|a−b| / max|a|; 0 where both vanish, NaN where one holds a NaN.
func gap(a, b *mat.Dense) float64 {
	if a.IsEmpty() {
		return 0
	}
	var diff, size float64
	r, c := a.Dims()
	for i := range r {
		for j := range c {
			x, y := a.At(i, j), b.At(i, j)
			if x == y {
				size = max(size, math.Abs(x))
				continue
			}
			diff, size = max(diff, math.Abs(x-y)), max(size, math.Abs(x))
		}
	}
	if diff == 0 {
		return 0
	}
	return diff / size
}

// String returns the report that a person reads: a line of what changed, then a table.
func (c *Compression) String() string {
	var parts []string
	for _, w := range c.Widths {
		if w.From != w.To {
			parts = append(parts, fmt.Sprintf("%s %d→%d", w.Vertex, w.From, w.To))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "no vertex shrinks")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, parameters %d→%d, max gap %.2g\n", strings.Join(parts, ", "), c.original.Quiver().NumParams(), c.Reduced.Quiver().NumParams(), c.Certificate.Gap)
	for _, w := range c.Widths {
		if w.Reason != "" {
			fmt.Fprintf(&b, "  %s: %s\n", w.Vertex, w.Reason)
		}
	}
	kind := "equal up to rounding"
	if !c.Certificate.Exact {
		kind = "not exact"
	}
	fmt.Fprintf(&b, "  %s: %s\n", kind, c.Certificate.On)
	return b.String()
}
