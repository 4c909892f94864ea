package shrink

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/quiver"
)

// mayLoseUnits says whether symmetry.Pointwise may find a unit of an elementwise vertex to remove: nothing but
// a bias reaches it, nothing reads it, all that reaches it has one sign on values that have one, or what
// reaches it is a multiple of what reaches another. This reads each number once, where the search
// itself may take seconds on a wide network.
func (r *Reduction) mayLoseUnits(v *regions.Vertex, w *quiver.Rep) bool {
	in := make([][]float64, v.Dim) // what reaches each unit, side by side
	sided := true
	for _, t := range v.Arrows {
		m, ok := w.Lookup(t.Name)
		if !ok {
			return true
		}
		sided = sided && (t.Source == nil || t.Source.Kind == quiver.KindHidden && t.Source.IsElementwise())
		for i := range in {
			in[i] = append(in[i], m.RawRowView(i)...)
		}
	}
	read := make([]bool, v.Dim)
	for _, u := range r.Regions.Vertices {
		for _, t := range u.Arrows {
			if t.Source != v {
				continue
			}
			m, ok := w.Lookup(t.Name)
			if !ok {
				return true
			}
			some(read, m)
		}
	}
	if slices.Contains(read, false) {
		return true
	}
	first := 0 // columns of the bias, which come where they come
	var constants []int
	for _, t := range v.Arrows {
		m, _ := w.Lookup(t.Name)
		_, c := m.Dims()
		if t.Source == nil {
			constants = append(constants, first)
		}
		first += c
	}
	keys := make(map[[2]int64]bool)
	for _, row := range in {
		var size float64
		moved, minus, plus := false, false, false
		for j, x := range row {
			if size = max(size, math.Abs(x)); x != 0 && !slices.Contains(constants, j) {
				moved = true
			}
			minus, plus = minus || x < 0, plus || x > 0
		}
		if !moved || sided && minus != plus {
			return true
		}
		k := direction(row, size)
		for _, d := range []int64{-1, 0, 1} { // a neighbour may be on the other side of a rounding
			if keys[[2]int64{k[0] + d, k[1]}] || keys[[2]int64{k[0], k[1] + d}] {
				return true
			}
		}
		keys[k] = true
	}
	return false
}

// some marks the columns of m that are not zero.
func some(read []bool, m *mat.Dense) {
	r, c := m.Dims()
	for i := range r {
		for j, x := range m.RawRowView(i)[:c] {
			read[j] = read[j] || x != 0
		}
	}
}

// direction is the same, up to rounding, for rows that are multiples of each other, and hardly ever
// for others: two sums of the entries in proportion to the first entry that is large.
func direction(row []float64, size float64) [2]int64 {
	var lead float64
	for _, x := range row {
		if math.Abs(x) >= size/2 {
			lead = x
			break
		}
	}
	var a, b float64
	for j, x := range row {
		a += x / lead * math.Cos(float64(j))
		b += x / lead * math.Sin(float64(3*j+1))
	}
	const cells = 1 << 30
	return [2]int64{int64(math.Round(a * cells)), int64(math.Round(b * cells))}
}
