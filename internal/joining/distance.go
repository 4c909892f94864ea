package joining

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Off returns the distance of each row from the spans.
func (j *Spans) Off(xs []*mat.Dense) ([]float64, error) {
	rows := inputs.Rows(xs)
	off := make([]float64, rows)
	for _, s := range j.spans {
		x := xs[s.input]
		r, d := x.Dims()
		want := len(s.size)
		if s.bias != "" {
			want--
		}
		if d != want || r != rows {
			return nil, &quiver.ShapeError{Where: fmt.Sprintf("input %q", s.name), Rows: r, Cols: d, WantRows: rows, WantCols: want, Why: "samples × dim " + s.name}
		}
		for i := range rows {
			y := append([]float64(nil), x.RawRowView(i)...)
			if s.bias != "" {
				y = append([]float64{1}, y...)
			}
			near := make([]float64, len(y))
			if !s.j.IsEmpty() {
				var p mat.VecDense
				p.MulVec(s.j.T(), mat.NewVecDense(len(y), y))
				near = linalg.MulVec(s.j, p.RawVector().Data)
			}
			for k, v := range y {
				if v != near[k] {
					off[i] = max(off[i], math.Abs(v-near[k])/max(s.size[k], math.SmallestNonzeroFloat64))
				}
			}
		}
	}
	return off, nil
}
