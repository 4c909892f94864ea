package graph

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// attributed replaces the error of a number that is not finite by one that names the weight, input or target from
// which it comes, where that is finite in double precision and not in the precision of the program.
func attributed(p *model.Model, err error, w *quiver.Rep, xs, ys []*mat.Dense) error {
	if err == nil || p.Dtype != tensor.Float32 {
		return err
	}
	if cause := tooLargeIn(p, w, xs, ys); errors.As(err, new(*NonFiniteError)) && cause != nil {
		return cause
	}
	return err
}

// tooLarge names the first number that single precision cannot hold, nil where there is none.
func tooLargeIn(p *model.Model, w *quiver.Rep, xs, ys []*mat.Dense) error {
	for i, a := range p.Arrows {
		var data []float64
		switch {
		case a.Rows*a.Cols == 0:
		case a.Fixed:
			data = mat.DenseCopyOf(w.Fixed(i)).RawMatrix().Data
		case a.TiedTo == "":
			data = w.Block(i)
		}
		if e := tooLarge(fmt.Sprintf("arrow %q", a.Name), data, a.Cols); e != nil {
			return e
		}
	}
	for _, v := range p.Parametric {
		if e := tooLarge(fmt.Sprintf("parameters of vertex %q", p.Vertices[v].Name), w.ParamsAt(v), p.NumParams[v]); e != nil {
			return e
		}
	}
	for i, v := range p.Inputs {
		if e := tooLargeRows(fmt.Sprintf("input %q", p.Vertices[v].Name), xs[i]); e != nil {
			return e
		}
	}
	for i := range ys {
		if e := tooLargeRows(fmt.Sprintf("targets of output %q", p.Losses[i].Output), ys[i]); e != nil {
			return e
		}
	}
	return nil
}

func tooLarge(what string, data []float64, cols int) error {
	for i, x := range data {
		if float32(x)*0 != 0 && x*0 == 0 {
			return &NonFiniteError{Where: fmt.Sprintf("%s in single precision (it is %v in double)", what, x), Row: i / cols, Col: i % cols, Value: float64(float32(x))}
		}
	}
	return nil
}

func tooLargeRows(what string, m *mat.Dense) error {
	if m.IsEmpty() {
		return nil
	}
	r, c := m.Dims()
	for i := range r {
		if err := tooLarge(what, m.RawRowView(i), c); err != nil {
			err.(*NonFiniteError).Row = i
			return err
		}
	}
	return nil
}

// finite names the first entry that is NaN or infinite.
func finite(what, name string, m *mat.Dense) error {
	if m.IsEmpty() {
		return nil
	}
	raw := m.RawMatrix()
	if raw.Stride == raw.Cols && vec.FirstBad(raw.Data[:raw.Rows*raw.Cols]) < 0 {
		return nil
	}
	for i := range raw.Rows {
		row := m.RawRowView(i)
		if k := vec.FirstBad(row); k >= 0 {
			return &NonFiniteError{Where: fmt.Sprintf("%s %q", what, name), Row: i, Col: k, Value: row[k]}
		}
	}
	return nil
}

// notFinite reports whether matrices hold a number that is not finite, and whether one of them is NaN.
func notFinite(ms ...*mat.Dense) (bad, nan bool) {
	for _, m := range ms {
		if m.IsEmpty() {
			continue
		}
		raw := m.RawMatrix()
		if raw.Stride == raw.Cols && vec.FirstBad(raw.Data[:raw.Rows*raw.Cols]) < 0 {
			continue
		}
		for i := range raw.Rows {
			for _, x := range m.RawRowView(i) {
				bad, nan = bad || x*0 != 0, nan || x != x
			}
		}
	}
	return bad, nan
}
