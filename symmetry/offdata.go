package symmetry

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// OffData returns, for a compression with Data, how far each row of the inputs is from the
// span on which the reduced network equals the original: the largest coordinate of the distance of
// (1, x), or of x, from it, relative to how far the data go in that coordinate, the largest over
// the inputs. It does not depend on units. Without Data it is 0. Inputs of other shapes give a
// *quiver.InputError or a *quiver.ShapeError.
func (c *Compression) OffData(xs ...*mat.Dense) ([]float64, error) {
	if err := c.made(); err != nil {
		return nil, err
	}
	q := c.reduced().Quiver()
	names := q.Inputs()
	if len(xs) != len(names) {
		return nil, &quiver.InputError{Reason: fmt.Sprintf("%d input matrices, want %d (%v)", len(xs), len(names), names)}
	}
	for i, x := range xs {
		if x == nil {
			return nil, &quiver.InputError{Reason: fmt.Sprintf("the matrix of input %q is nil; want samples × %d", names[i], q.Dims()[names[i]])}
		}
	}
	if c.joined == nil {
		return make([]float64, inputs.Rows(xs)), nil
	}
	return c.joined.off(xs)
}

// off returns the distance of each row from the spans.
func (j *joining) off(xs []*mat.Dense) ([]float64, error) {
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
