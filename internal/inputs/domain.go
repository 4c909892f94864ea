package inputs

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Set is a set of inputs: a box, samples, or everything.
type Set struct {
	Lo, Hi  [][]float64  // a box, by input in declared order
	Samples []*mat.Dense // or the rows of these; nil matrices are unbounded inputs
	Rows    int
	Text    string
	Work    float64 // products that a search for bounds may still cost,
	Spare   float64 // and one that tells cases apart
}

// Everything returns the domain of all inputs of q.
func Everything(q *quiver.Quiver) *Set {
	d := &Set{Text: "every input"}
	dims := q.Dims()
	for _, name := range q.Inputs() {
		d.Lo, d.Hi = append(d.Lo, slices.Repeat([]float64{math.Inf(-1)}, dims[name])), append(d.Hi, slices.Repeat([]float64{math.Inf(1)}, dims[name]))
	}
	return d
}

// Pieces returns the number of boxes whose union is the domain.
func (d *Set) Pieces() int {
	if d.Samples != nil {
		return d.Rows
	}
	return 1
}

// Piece returns the bounds of input i in box k; n is its dimension.
func (d *Set) Piece(k, i, n int) (lo, hi []float64) {
	switch {
	case d.Samples == nil:
		return d.Lo[i], d.Hi[i]
	case d.Samples[i] == nil || n == 0:
		return slices.Repeat([]float64{math.Inf(-1)}, n), slices.Repeat([]float64{math.Inf(1)}, n)
	}
	x := d.Samples[i].RawRowView(k)
	return x, x
}

// Bounded reports whether the domain is one box with finite ends.
func (d *Set) Bounded() bool {
	if d.Samples != nil {
		return false
	}
	for i, lo := range d.Lo {
		for j, x := range lo {
			if math.IsInf(x, 0) || math.IsInf(d.Hi[i][j], 0) {
				return false
			}
		}
	}
	return true
}

// Around reports whether the domain, nil for all inputs, contains all inputs of length at most
// radius.
func (d *Set) Around(radius float64) bool {
	switch {
	case d == nil:
		return true
	case d.Samples != nil:
		return false
	}
	for i, lo := range d.Lo {
		for j, x := range lo {
			if !(x <= -radius && radius <= d.Hi[i][j]) {
				return false
			}
		}
	}
	return true
}

// Points returns n points of the domain for each input: samples from the first on, of a box
// random points, a quarter of them corners. Unbounded coordinates are normal.
func (d *Set) Points(q *quiver.Quiver, n int) []*mat.Dense {
	rng := rand.New(rand.NewPCG(Seed, 1))
	if d.Samples != nil {
		n = min(n, d.Rows)
	}
	xs := Normal(q, n)
	for i, x := range xs {
		if x.IsEmpty() || d.Samples != nil && d.Samples[i] == nil {
			continue
		}
		_, c := x.Dims()
		for r := range n {
			row := x.RawRowView(r)
			lo, hi := d.Piece(r, i, c)
			for j := range row {
				row[j] = placed(rng, row[j], lo[j], hi[j], r%4 == 3)
			}
		}
	}
	return xs
}

// placed moves a normal number z into an interval.
func placed(rng *rand.Rand, z, lo, hi float64, corner bool) float64 {
	u := rng.Float64()
	if corner {
		u = math.Round(u)
	}
	switch below, above := math.IsInf(lo, -1), math.IsInf(hi, 1); {
	case below && above:
		return z
	case below:
		return hi - math.Abs(z)
	case above:
		return lo + math.Abs(z)
	}
	return min(hi, max(lo, lo*(1-u)+hi*u))
}
