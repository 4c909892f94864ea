package batch

import (
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/vec"
	"github.com/quivernet/quivernet/quiver"
)

// Attributed replaces the error of a number that is not finite by one that names the weight, input or target from
// which it comes, where that is finite in double precision and not in the precision of the program.
func Attributed(m *model.Model, err error, w *quiver.Rep, xs, ys []*mat.Dense) error {
	if err == nil || m.Dtype != tensor.Float32 {
		return err
	}
	if cause := TooLarge(m, w, xs, ys); errors.As(err, new(*fault.NonFiniteError)) && cause != nil {
		return cause
	}
	return err
}

// TooLarge names the first number that single precision cannot hold, nil where there is none.
func TooLarge(m *model.Model, w *quiver.Rep, xs, ys []*mat.Dense) error {
	for i, a := range m.Arrows {
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
	for _, v := range m.Parametric {
		if e := tooLarge(fmt.Sprintf("parameters of vertex %q", m.Vertices[v].Name), w.ParamsAt(v), m.NumParams[v]); e != nil {
			return e
		}
	}
	for i, v := range m.Inputs {
		if e := tooLargeRows(fmt.Sprintf("input %q", m.Vertices[v].Name), xs[i]); e != nil {
			return e
		}
	}
	for i := range ys {
		if e := tooLargeRows(fmt.Sprintf("targets of output %q", m.Losses[i].Output), ys[i]); e != nil {
			return e
		}
	}
	return nil
}

func tooLarge(what string, data []float64, cols int) error {
	for i, x := range data {
		if float32(x)*0 != 0 && x*0 == 0 {
			return &fault.NonFiniteError{Where: fmt.Sprintf("%s in single precision (it is %v in double)", what, x), Row: i / cols, Col: i % cols, Value: float64(float32(x))}
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
			err.(*fault.NonFiniteError).Row = i
			return err
		}
	}
	return nil
}

// Finite names the first entry that is NaN or infinite.
func Finite(what, name string, m *mat.Dense) error {
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
			return &fault.NonFiniteError{Where: fmt.Sprintf("%s %q", what, name), Row: i, Col: k, Value: row[k]}
		}
	}
	return nil
}

// NotFinite reports whether matrices hold a number that is not finite, and whether one of them is NaN.
func NotFinite(ms ...*mat.Dense) (bad, nan bool) {
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
