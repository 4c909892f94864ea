package quiver

import "gonum.org/v1/gonum/mat"

// LimitJSON lowers the most that DecodeJSON reads, and returns what undoes it.
func LimitJSON(n int) (undo func()) {
	old := maxJSON
	maxJSON = n
	return func() { maxJSON = old }
}

// Misshapen returns copies of w that no function makes: one with a slab too short, one with a fixed matrix too many,
// and one whose fixed matrices are missing.
func Misshapen(w *Rep) []*Rep {
	short, long, bare := w.Clone(), w.Clone(), w.Clone()
	short.data = short.data[1:]
	long.fixed = append(append([]mat.Matrix(nil), w.fixed...), w.fixed[0])
	bare.fixed = make([]mat.Matrix, len(w.fixed))
	return []*Rep{short, long, bare}
}
