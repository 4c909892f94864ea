package linalg

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/mat"
)

// TestSpanOfRowsKeepsTheRank: where everything fits the span still has the numerical rank of the matrix.
func TestSpanOfRowsKeepsTheRank(t *testing.T) {
	a := mat.NewDense(3, 3, []float64{1, 0, 1, 0, 1, 1, 0, 0, 0})
	for rank, fits := range map[int]func(*mat.Dense) bool{
		2: func(*mat.Dense) bool { return true },
		3: func(b *mat.Dense) bool { return Width(b) == 3 },
	} {
		e := mat.DenseCopyOf(a)
		for j := range 3 {
			l := mat.Norm(e.ColView(j), 2)
			for i := range 3 {
				e.Set(i, j, e.At(i, j)/l)
			}
		}
		assert.Equal(t, rank, Width(spanOfRows(e, a, fits)))
	}
}
