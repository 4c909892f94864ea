package linalg

import (
	"gonum.org/v1/gonum/mat"
)

// Explains says whether w·e ≤ t·level(w·m), entry by entry; w nil is a row of ones.
func Explains(e, m *mat.Dense, t float64, w *mat.Dense) bool {
	if w == nil {
		n, _ := e.Dims()
		w = mat.NewDense(1, n, nil)
		for i := range n {
			w.Set(0, i, 1)
		}
	}
	return Below(Product(w, false, e, nil), Product(w, false, m, nil), t)
}

// Below says whether x ≤ t·level(y), entry by entry.
func Below(x, y *mat.Dense, t float64) bool {
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
