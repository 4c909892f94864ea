package units

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/evaluate"
	"github.com/quivernet/quivernet/internal/inputs"
	"github.com/quivernet/quivernet/quiver"
)

// Interval encloses the values of one output on all samples, one after another.
type Interval struct{ Lo, Hi []float64 }

// Enclosed returns enclosures of the outputs of w.
func Enclosed(w *quiver.Rep, xs []*mat.Dense) ([]Interval, error) {
	if _, ok := evaluate.Rows(w.Quiver(), w.Quiver().Vertices(), xs); !ok {
		if _, err := w.Eval(xs...); err != nil {
			return nil, err
		}
	}
	on := &inputs.Set{Samples: xs, Rows: 1}
	for _, x := range xs {
		if !x.IsEmpty() {
			on.Rows, _ = x.Dims()
		}
	}
	d := newDraft(w, nil)
	d.gather(false) // what Rep.Eval computes, arrow by arrow, is to lie within too
	at := map[string]*vertex{}
	for _, s := range d.vertices {
		at[s.Name] = s
	}
	outputs := w.Quiver().Outputs()
	found := make([]Interval, len(outputs))
	for k := range on.Rows {
		d.enclosePiece(on, k, nil)
		for i, name := range outputs {
			found[i].Lo = append(found[i].Lo, at[name].xlo...)
			found[i].Hi = append(found[i].Hi, at[name].xhi...)
		}
	}
	return found, nil
}
