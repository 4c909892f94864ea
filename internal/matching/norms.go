package matching

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Norm returns the norm of all matrices, tied ones once, fixed ones included.
func Norm(w *quiver.Rep) float64 { return math.Sqrt(weightSum(w, w.Matrix)) }

// Distance returns the norm of the difference of all matrices.
func Distance(a, b *quiver.Rep) float64 {
	return math.Sqrt(weightSum(a, func(i int) mat.Matrix {
		m := a.Matrix(i)
		if r, c := m.Dims(); r == 0 || c == 0 {
			return m
		}
		var d mat.Dense
		d.Sub(m, b.Matrix(i))
		return &d
	}))
}

func weightSum(w *quiver.Rep, matrix func(int) mat.Matrix) (s float64) {
	for i, a := range w.Quiver().Arrows() {
		if a.TiedTo != "" || a.Rows*a.Cols == 0 {
			continue
		}
		n := mat.Norm(matrix(i), 2)
		s += n * n
	}
	return s
}
