package symmetry

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// domain is a set of inputs: a box, samples, or everything.
type domain struct {
	lo, hi  [][]float64  // a box, by input in declared order
	samples []*mat.Dense // or the rows of these; nil matrices are unbounded inputs
	rows    int
	text    string
	work    float64 // products that a search for bounds may still cost,
	spare   float64 // and one that tells cases apart
}

// everything returns the domain of all inputs of q.
func everything(q *quiver.Quiver) *domain {
	d := &domain{text: "every input"}
	dims := q.Dims()
	for _, name := range q.Inputs() {
		d.lo, d.hi = append(d.lo, slices.Repeat([]float64{math.Inf(-1)}, dims[name])), append(d.hi, slices.Repeat([]float64{math.Inf(1)}, dims[name]))
	}
	return d
}

// pieces returns the number of boxes whose union is the domain.
func (d *domain) pieces() int {
	if d.samples != nil {
		return d.rows
	}
	return 1
}

// piece returns the bounds of input i in box k; n is its dimension.
func (d *domain) piece(k, i, n int) (lo, hi []float64) {
	switch {
	case d.samples == nil:
		return d.lo[i], d.hi[i]
	case d.samples[i] == nil || n == 0:
		return slices.Repeat([]float64{math.Inf(-1)}, n), slices.Repeat([]float64{math.Inf(1)}, n)
	}
	x := d.samples[i].RawRowView(k)
	return x, x
}

// bounded reports whether the domain is one box with finite ends.
func (d *domain) bounded() bool {
	if d.samples != nil {
		return false
	}
	for i, lo := range d.lo {
		for j, x := range lo {
			if math.IsInf(x, 0) || math.IsInf(d.hi[i][j], 0) {
				return false
			}
		}
	}
	return true
}

// around reports whether the domain, nil for all inputs, contains all inputs of length at most
// radius.
func (d *domain) around(radius float64) bool {
	switch {
	case d == nil:
		return true
	case d.samples != nil:
		return false
	}
	for i, lo := range d.lo {
		for j, x := range lo {
			if !(x <= -radius && radius <= d.hi[i][j]) {
				return false
			}
		}
	}
	return true
}

// points returns n points of the domain for each input: samples from the first on, of a box
// random points, a quarter of them corners. Unbounded coordinates are normal.
func (d *domain) points(q *quiver.Quiver, n int) []*mat.Dense {
	rng := rand.New(rand.NewPCG(certificateSeed, 1))
	if d.samples != nil {
		n = min(n, d.rows)
	}
	xs := randomInputs(q, n)
	for i, x := range xs {
		if x.IsEmpty() || d.samples != nil && d.samples[i] == nil {
			continue
		}
		_, c := x.Dims()
		for r := range n {
			row := x.RawRowView(r)
			lo, hi := d.piece(r, i, c)
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
