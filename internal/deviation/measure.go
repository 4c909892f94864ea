package deviation

import (
	"fmt"
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/rounding"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/evaluate"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

const closeRows = 12 // samples on which rounding is bounded

// Margin is how many times the running error bound of the original rounding explains: one evaluation for
// each network.
const Margin = 2

// Measurement compares two networks on some inputs.
type Measurement struct {
	Gap      float64          // max|F−F'| / max|F|, the largest over the outputs, over the rows that count
	Rounding float64          // the same, of the bound of rounding on the rows where it matters
	Broken   bool             // on some row the difference is more than rounding explains
	Rows     int              // rows on which all outputs of the original are finite
	Of       int              // all rows
	Margin   float64          // how many times the running error is explained
	Worst    []int            // rows that were looked at closely, the ones with the largest ratio first
	Values   *evaluate.Values // of the second network; nil where Rep.Eval had to look at the inputs
}

// Measure compares b with a on xs: what rounding explains is twice the running error bound of a,
// once for each network, in the largest coordinate of an output, row by row.
func Measure(a, b *quiver.Rep, xs []*mat.Dense) (Measurement, error) {
	return MeasureWithin(a, b, xs, Margin)
}

// MeasureWithin is Measure where rounding explains that many times the running error bound.
func MeasureWithin(a, b *quiver.Rep, xs []*mat.Dense, margin float64) (Measurement, error) {
	m := Measurement{Margin: margin}
	ya, err := evaluate.Outputs(a, xs)
	if err != nil {
		return m, err
	}
	var yb []*mat.Dense
	if n, ok := evaluate.Rows(b.Quiver(), b.Quiver().Vertices(), xs); ok {
		v := evaluate.Of(b, n, xs, true)
		m.Values, yb = &v, v.Outputs(b.Quiver())
	} else if yb, err = evaluate.Outputs(b, xs); err != nil {
		return m, err
	}
	if err := comparable(a, b, ya, yb); err != nil {
		return m, err
	}
	for _, y := range ya {
		if !y.IsEmpty() {
			m.Of, _ = y.Dims()
		}
	}
	size := make([]float64, len(ya)) // max|F| by output
	off, rel := make([][]float64, len(ya)), make([]float64, m.Of)
	counts := make([]bool, m.Of)
	for s := range counts {
		counts[s] = true
		for k := range ya {
			counts[s] = counts[s] && (ya[k].IsEmpty() || finite(ya[k].RawRowView(s)))
		}
		if counts[s] {
			m.Rows++
		}
	}
	floor := leastRounding(a.Quiver())
	for k := range ya {
		floor[k] *= margin / Margin
		off[k] = make([]float64, m.Of)
		for s, ok := range counts {
			if !ok || ya[k].IsEmpty() {
				continue
			}
			d, r := rowGap(ya[k].RawRowView(s), yb[k].RawRowView(s))
			off[k][s], size[k] = d, max(size[k], r)
			if d > floor[k]*r {
				rel[s] = max(rel[s], linalg.Ratio(d, r))
			}
		}
	}
	m.Worst = worstRows(rel, off, floor, size)
	for k := range ya {
		if d := maximum(off[k]); d > 0 {
			m.Gap = max(m.Gap, linalg.Ratio(d, size[k]))
			m.Rounding = max(m.Rounding, floor[k])
		}
	}
	if len(m.Worst) > 0 {
		m.explain(a, inputs.Pick(xs, m.Worst), off, size)
	}
	return m, nil
}

// leastRounding returns, for each output, what every bound of rounding exceeds, relative to the size
// of the output: the share of its own vertex. Smaller differences need no other explanation.
func leastRounding(q *quiver.Quiver) []float64 {
	var floor []float64
	for _, name := range q.Outputs() {
		v, _ := q.VertexIndex(name)
		vertex := q.Vertices()[v]
		terms := 32 + float64(vertex.Dim)
		if vertex.Act == quiver.Identity { // |W|·|x| is at least the output
			terms += 4 * rounding.Terms(q, v)
		}
		floor = append(floor, Margin*terms*0x1p-52)
	}
	return floor
}

// explain compares the differences on the rows looked at with the running error of a.
func (m *Measurement) explain(a *quiver.Rep, xs []*mat.Dense, off [][]float64, size []float64) {
	r := rounding.Of(a, xs)
	for k, name := range a.Quiver().Outputs() {
		v, _ := a.Quiver().VertexIndex(name)
		d := a.Quiver().Vertices()[v].Dim
		if d == 0 {
			continue
		}
		for i, s := range m.Worst {
			e := m.Margin * maximum(r.E[v][i*d:(i+1)*d])
			m.Broken = m.Broken || !(off[k][s] <= e)
			if e > 0 {
				m.Rounding = max(m.Rounding, e/size[k])
			}
		}
	}
}

// worstRows returns the rows on which the bound of rounding is to be computed: those with the
// largest relative differences and, for each output, the one with the largest difference.
func worstRows(rel []float64, off [][]float64, floor, size []float64) []int {
	var rows []int
	for s, x := range rel {
		if x > 0 {
			rows = append(rows, s)
		}
	}
	slices.SortStableFunc(rows, func(i, j int) int {
		switch {
		case rel[i] > rel[j]:
			return -1
		case rel[i] < rel[j]:
			return 1
		}
		return 0
	})
	rows = rows[:min(len(rows), closeRows)]
	for k, d := range off {
		if len(d) == 0 || !(maximum(d) > floor[k]*size[k]) {
			continue
		}
		s := 0
		for i := range d {
			if d[i] > d[s] {
				s = i
			}
		}
		if d[s] > 0 && !slices.Contains(rows, s) {
			rows = append(rows, s)
		}
	}
	return rows
}

// rowGap returns max|x−y|, +Inf where y is not finite, and max|x|.
func rowGap(x, y []float64) (d, size float64) {
	for i, v := range x {
		size = max(size, math.Abs(v))
		if e := math.Abs(v - y[i]); math.IsNaN(e) {
			d = math.Inf(1)
		} else {
			d = max(d, e)
		}
	}
	return d, size
}

func maximum(x []float64) (m float64) {
	for _, v := range x {
		m = max(m, v)
	}
	return m
}

// comparable returns an error where the outputs of two networks have different shapes.
func comparable(a, b *quiver.Rep, ya, yb []*mat.Dense) error {
	if len(ya) != len(yb) {
		return &quiver.InputError{Reason: fmt.Sprintf("networks with outputs %v and %v cannot be compared", a.Quiver().Outputs(), b.Quiver().Outputs())}
	}
	for i := range ya {
		ra, ca := ya[i].Dims()
		rb, cb := yb[i].Dims()
		if ra != rb || ca != cb {
			return &quiver.ShapeError{Where: fmt.Sprintf("output %q of the second network", b.Quiver().Outputs()[i]), Rows: rb, Cols: cb, WantRows: ra, WantCols: ca, Why: "as in the first network"}
		}
	}
	return nil
}

// Some returns at most n rows: the worst, then the first.
func (m *Measurement) Some(n int) []int {
	rows := append([]int(nil), m.Worst[:min(n, len(m.Worst))]...)
	for s := 0; s < m.Of && len(rows) < n; s++ {
		if !slices.Contains(rows, s) {
			rows = append(rows, s)
		}
	}
	return rows
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

// Between returns max|F_a−F_b| / max|F_a| on the given inputs, the largest over the outputs, where 0/0
// counts as 0. Outputs of different shapes are an error.
func Between(a, b *quiver.Rep, xs []*mat.Dense) (float64, error) {
	ya, err := evaluate.Outputs(a, xs)
	if err != nil {
		return 0, err
	}
	yb, err := evaluate.Outputs(b, xs)
	if err != nil {
		return 0, err
	}
	if err := comparable(a, b, ya, yb); err != nil {
		return 0, err
	}
	var worst float64
	for i := range ya {
		worst = max(worst, gap(ya[i], yb[i]))
	}
	return worst, nil
}
