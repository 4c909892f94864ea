package pieces

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Samples checks a batch and returns it as one row of length InDim per sample.
// Errors: quiver.InputError, quiver.ShapeError, quiver.NonFiniteError, EmptyError.
func (net *Network) Samples(xs []*mat.Dense) ([][]float64, error) {
	if len(xs) != len(net.Inputs) {
		return nil, &quiver.InputError{Reason: fmt.Sprintf("%d input matrices, want %d (%v); give one per input in declared order", len(xs), len(net.Inputs), net.Rep.Quiver().Inputs())}
	}
	n := 1
	for k, v := range net.Inputs {
		if xs[k] == nil {
			return nil, &quiver.InputError{Reason: fmt.Sprintf("input %q is nil; use &mat.Dense{} for an empty batch", net.Vertices[v].Name)}
		}
		if net.Vertices[v].Dim > 0 {
			n, _ = xs[k].Dims()
		}
	}
	if n == 0 {
		return nil, &EmptyError{"the batch has no samples"}
	}
	rows := make([][]float64, n)
	flat := make([]float64, n*net.InDim)
	for i := range rows {
		rows[i] = flat[i*net.InDim : (i+1)*net.InDim]
	}
	for k, p := range net.Inputs {
		v := &net.Vertices[p]
		if v.Dim == 0 {
			continue
		}
		r, c := xs[k].Dims()
		if r != n || c != v.Dim {
			return nil, &quiver.ShapeError{Where: fmt.Sprintf("input %q", v.Name), Rows: r, Cols: c, WantRows: n, WantCols: v.Dim, Why: "samples × dim " + v.Name}
		}
		for i := range n {
			for j := range c {
				x := xs[k].At(i, j)
				if math.IsNaN(x) || math.IsInf(x, 0) {
					return nil, &quiver.NonFiniteError{Where: fmt.Sprintf("input %q", v.Name), Row: i, Col: j, Value: x}
				}
				rows[i][v.Col+j] = x
			}
		}
	}
	return rows, nil
}

// Batch is the inverse of Samples: one matrix per input.
func (net *Network) Batch(rows [][]float64) []*mat.Dense {
	xs := make([]*mat.Dense, len(net.Inputs))
	for k, p := range net.Inputs {
		v := &net.Vertices[p]
		if v.Dim == 0 || len(rows) == 0 {
			xs[k] = &mat.Dense{}
			continue
		}
		xs[k] = mat.NewDense(len(rows), v.Dim, nil)
		for i, x := range rows {
			xs[k].SetRow(i, x[v.Col:v.Col+v.Dim])
		}
	}
	return xs
}
