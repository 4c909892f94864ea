package symmetry

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/evaluate"
	"github.com/quivernet/quivernet/internal/inputs"
	"github.com/quivernet/quivernet/quiver"
)

// interval encloses the values of one output on all samples, one after another.
type interval struct{ lo, hi []float64 }

// enclosed returns enclosures of the outputs of w.
func enclosed(w *quiver.Rep, xs []*mat.Dense) ([]interval, error) {
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
	at := map[string]*site{}
	for _, s := range d.sites {
		at[s.Name] = s
	}
	outputs := w.Quiver().Outputs()
	found := make([]interval, len(outputs))
	for k := range on.Rows {
		d.enclosePiece(on, k, nil)
		for i, name := range outputs {
			found[i].lo = append(found[i].lo, at[name].xlo...)
			found[i].hi = append(found[i].hi, at[name].xhi...)
		}
	}
	return found, nil
}
