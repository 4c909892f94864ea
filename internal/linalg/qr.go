package linalg

import (
	"gonum.org/v1/gonum/mat"
)

// QR returns the thin decomposition A = B·R by Householder reflections: A is n×s, B is
// n×r with orthonormal columns, R is r×s upper trapezoidal with exact zeros below the
// diagonal and a diagonal that is not negative, r = min(n, s). The sign of a
// zero on the diagonal counts as +1, so that B is orthonormal whatever the rank of
// A. A is not empty.
func QR(a *mat.Dense) (b, r *mat.Dense) {
	n, s := a.Dims()
	f, g := Factorize(Of(a, n, s))
	return f.thin().Dense(), g.Dense()
}

// Complete returns an orthogonal factor whose first columns are b, which is n×k with
// orthonormal columns, up to rounding: reflections, never multiplied out. Unit vectors
// are completed by unit vectors.
func Complete(b *mat.Dense) Factor {
	if rows, ok := unitRows(b); ok {
		n, _ := b.Dims()
		taken := make([]bool, n)
		for _, i := range rows {
			taken[i] = true
		}
		for i := range n {
			if !taken[i] {
				rows = append(rows, i)
			}
		}
		return &Permutation{rows}
	}
	n, k := b.Dims()
	f, _ := Factorize(Of(b, n, k))
	return f
}

// unitRows returns, for a matrix whose columns are unit vectors e_i, the i of each.
func unitRows(b *mat.Dense) ([]int, bool) {
	n, k := b.Dims()
	rows := make([]int, k)
	for j := range k {
		rows[j] = -1
		for i := range n {
			switch b.At(i, j) {
			case 0:
			case 1:
				if rows[j] >= 0 {
					return nil, false
				}
				rows[j] = i
			default:
				return nil, false
			}
		}
		if rows[j] < 0 {
			return nil, false
		}
	}
	return rows, true
}
