package stitch

import "gonum.org/v1/gonum/mat"

// Sinkhorn divides the rows of a matrix with entries ≥ 0 by their sums, then the columns by
// theirs, in place, again and again: towards a doubly stochastic matrix. A sum of zero counts as 1.
// More than 2²⁰ rounds are not made. It panics with *FeatureError for a nil matrix.
func Sinkhorn(u *mat.Dense, iterations int) {
	if u == nil {
		panic(&FeatureError{"Sinkhorn", "the matrix is nil"})
	}
	_, c := u.Dims()
	sums := make([]float64, c)
	for range min(iterations, 1<<20) {
		balance(u, sums)
	}
}

// balance is one round.
func balance(u *mat.Dense, sums []float64) {
	r, _ := u.Dims()
	for i := range r {
		row := u.RawRowView(i)
		if s := total(row); s != 0 {
			for j := range row {
				row[j] /= s
			}
		}
	}
	clear(sums)
	for i := range r {
		for j, x := range u.RawRowView(i) {
			sums[j] += x
		}
	}
	for i := range r {
		row := u.RawRowView(i)
		for j, s := range sums {
			if s != 0 {
				row[j] /= s
			}
		}
	}
}
