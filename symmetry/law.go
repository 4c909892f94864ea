package symmetry

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

// GapError reports that a compression would not have what its certificate has to say, and that no
// vertex could be left alone to mend it: an activation may give other values at each call.
type GapError struct {
	Vertex        string // where the networks part, or ""
	Options       string // those that were given, as far as they cut
	Gap, Rounding float64
}

func (e *GapError) Error() string {
	at := ""
	if e.Vertex != "" {
		at = fmt.Sprintf(" from vertex %q on", e.Vertex)
	}
	return fmt.Sprintf("symmetry: %s: outputs differ by %.2g%s, where the bound allows %.2g; leave the option out, or Keep the vertex", e.Options, e.Gap, at, e.Rounding)
}

const (
	lawRows   = 12 // samples on which rounding is bounded
	lawMargin = 2  // one evaluation of the original for each network
)

// measurement compares two networks on some inputs.
type measurement struct {
	gap      float64          // max|F−F'| / max|F|, the largest over the outputs, over the rows that count
	rounding float64          // the same, of the bound of rounding on the rows where it matters
	broken   bool             // on some row the difference is more than rounding explains
	rows     int              // rows on which all outputs of the original are finite
	of       int              // all rows
	margin   float64          // how many times the running error is explained
	worst    []int            // rows that were looked at closely, the ones with the largest ratio first
	values   *evaluate.Values // of the second network; nil where Rep.Eval had to look at the inputs
}

// measure compares b with a on xs: what rounding explains is twice the running error bound of a,
// once for each network, in the largest coordinate of an output, row by row.
func measure(a, b *quiver.Rep, xs []*mat.Dense) (measurement, error) {
	return measureWithin(a, b, xs, lawMargin)
}

// measureWithin is measure where rounding explains that many times the running error bound.
func measureWithin(a, b *quiver.Rep, xs []*mat.Dense, margin float64) (measurement, error) {
	m := measurement{margin: margin}
	ya, err := evaluate.Outputs(a, xs)
	if err != nil {
		return m, err
	}
	var yb []*mat.Dense
	if n, ok := evaluate.Rows(b.Quiver(), b.Quiver().Vertices(), xs); ok {
		v := evaluate.Of(b, n, xs, true)
		m.values, yb = &v, v.Outputs(b.Quiver())
	} else if yb, err = evaluate.Outputs(b, xs); err != nil {
		return m, err
	}
	if err := comparable(a, b, ya, yb); err != nil {
		return m, err
	}
	for _, y := range ya {
		if !y.IsEmpty() {
			m.of, _ = y.Dims()
		}
	}
	size := make([]float64, len(ya)) // max|F| by output
	off, rel := make([][]float64, len(ya)), make([]float64, m.of)
	counts := make([]bool, m.of)
	for s := range counts {
		counts[s] = true
		for k := range ya {
			counts[s] = counts[s] && (ya[k].IsEmpty() || finite(ya[k].RawRowView(s)))
		}
		if counts[s] {
			m.rows++
		}
	}
	floor := leastRounding(a.Quiver())
	for k := range ya {
		floor[k] *= margin / lawMargin
		off[k] = make([]float64, m.of)
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
	m.worst = worstRows(rel, off, floor, size)
	for k := range ya {
		if d := maximum(off[k]); d > 0 {
			m.gap = max(m.gap, linalg.Ratio(d, size[k]))
			m.rounding = max(m.rounding, floor[k])
		}
	}
	if len(m.worst) > 0 {
		m.explain(a, inputs.Pick(xs, m.worst), off, size)
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
		floor = append(floor, lawMargin*terms*0x1p-52)
	}
	return floor
}

// explain compares the differences on the rows looked at with the running error of a.
func (m *measurement) explain(a *quiver.Rep, xs []*mat.Dense, off [][]float64, size []float64) {
	r := rounding.Of(a, xs)
	for k, name := range a.Quiver().Outputs() {
		v, _ := a.Quiver().VertexIndex(name)
		d := a.Quiver().Vertices()[v].Dim
		if d == 0 {
			continue
		}
		for i, s := range m.worst {
			e := m.margin * maximum(r.E[v][i*d:(i+1)*d])
			m.broken = m.broken || !(off[k][s] <= e)
			if e > 0 {
				m.rounding = max(m.rounding, e/size[k])
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
	rows = rows[:min(len(rows), lawRows)]
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

// parting returns the hidden vertex at which the reduced network first leaves the original by more
// than rounding explains, on some rows: the difference of x_v and B_v·x̃_v, coordinate by
// coordinate, beside twice the running error. It returns "" where there is none.
func (c *Compression) parting(xs []*mat.Dense, barred map[string]string) string {
	q := c.original.Quiver()
	full, small := rounding.Of(c.original, xs), rounding.Of(c.Reduced, xs)
	excess := make([]float64, q.NumVertices())
	for v, vertex := range q.Vertices() {
		b := c.frame.Basis[v]
		if vertex.Kind != quiver.KindHidden || b == nil || c.frame.Dropped[v] || vertex.Dim == 0 || barred[vertex.Name] != "" {
			continue
		}
		d, k := vertex.Dim, linalg.Width(b)
		for s := range full.N {
			x, e := full.X[v][s*d:(s+1)*d], full.E[v][s*d:(s+1)*d]
			y := make([]float64, d)
			if k > 0 {
				y = linalg.MulVec(b, small.X[v][s*k:(s+1)*k])
			}
			for i := range x {
				if o := math.Abs(x[i] - y[i]); o > lawMargin*e[i] {
					excess[v] = max(excess[v], o/e[i])
				}
			}
		}
	}
	most := maximum(excess)
	for v, x := range excess {
		if x > 0 && x >= 0.1*most {
			return q.Vertices()[v].Name
		}
	}
	return ""
}
