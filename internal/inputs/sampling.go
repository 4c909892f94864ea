package inputs

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

const (
	certificateRows = 64
	certificateSize = 1 << 22  // numbers that a measurement may fill at once
	Seed            = 20210706 // of all random inputs at which networks are measured
)

// Count returns the number of rows for a measurement: fewer where vertices are huge.
func Count(q *quiver.Quiver) int {
	n := 1
	for _, d := range q.Dims() {
		n += d
	}
	return min(certificateRows, max(4, certificateSize/n))
}

// Normal returns rows of standard normal numbers for each input, the same at
// each call.
func Normal(q *quiver.Quiver, rows int) []*mat.Dense {
	rng := rand.New(rand.NewPCG(Seed, 0))
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

// Few returns at most that many rows of the data, from the first to the last, random ones where an
// input has none.
func Few(q *quiver.Quiver, data []*mat.Dense, rows int) []*mat.Dense {
	for _, x := range data {
		if x != nil && !x.IsEmpty() {
			r, _ := x.Dims()
			rows = min(rows, r)
		}
	}
	xs := Normal(q, rows)
	for i, x := range data {
		if x != nil && !x.IsEmpty() {
			r, c := x.Dims()
			xs[i] = mat.NewDense(rows, c, nil)
			for k := range rows {
				xs[i].SetRow(k, x.RawRowView(k*(r-1)/max(1, rows-1)))
			}
		}
	}
	return xs
}

// Pick returns some rows of each input.
func Pick(xs []*mat.Dense, rows []int) []*mat.Dense {
	out := make([]*mat.Dense, len(xs))
	for i, x := range xs {
		if out[i] = x; x.IsEmpty() {
			continue
		}
		_, c := x.Dims()
		out[i] = mat.NewDense(len(rows), c, nil)
		for k, s := range rows {
			out[i].SetRow(k, x.RawRowView(s))
		}
	}
	return out
}

// Rows returns the number of samples.
func Rows(xs []*mat.Dense) (rows int) {
	for _, x := range xs {
		if r, _ := x.Dims(); !x.IsEmpty() {
			rows = max(rows, r)
		}
	}
	return rows
}
