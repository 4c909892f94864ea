package symmetry

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// explains says whether w·e ≤ t·level(w·m), entry by entry; w nil is a row of ones.
func explains(e, m *mat.Dense, t float64, w *mat.Dense) bool {
	if w == nil {
		n, _ := e.Dims()
		w = mat.NewDense(1, n, nil)
		for i := range n {
			w.Set(0, i, 1)
		}
	}
	return below(product(w, false, e, nil), product(w, false, m, nil), t)
}

// below says whether x ≤ t·level(y), entry by entry.
func below(x, y *mat.Dense, t float64) bool {
	r, c := y.Dims()
	row, col := make([]float64, r), make([]float64, c)
	for i := range r {
		for j, v := range y.RawRowView(i) {
			col[j] = max(col[j], v)
		}
	}
	for i := range r {
		for j, v := range y.RawRowView(i) {
			if v > 0 {
				row[i] = max(row[i], v/col[j])
			}
		}
	}
	clear(col)
	for i := range r {
		for j, v := range y.RawRowView(i) {
			if v > 0 {
				col[j] = max(col[j], v/row[i])
			}
		}
	}
	for i := range r {
		for j, v := range x.RawRowView(i) {
			if !(v <= t*row[i]*col[j]) {
				return false
			}
		}
	}
	return true
}

// absolute returns the matrix of absolute values.
func absolute(m mat.Matrix) *mat.Dense {
	out := mat.DenseCopyOf(m)
	raw := out.RawMatrix().Data
	for i, x := range raw {
		raw[i] = math.Abs(x)
	}
	return out
}
