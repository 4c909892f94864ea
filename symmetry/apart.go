package symmetry

import (
	"math"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/evaluate"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// apart returns a bound of max|F−F_red| / max|F| on the given inputs, the largest over the
// outputs: the values of both networks are enclosed, sample by sample; +Inf where an activation
// does not know its Lipschitz constant.
func (c *Compression) apart(xs []*mat.Dense) (float64, error) {
	a, err := enclosed(c.source, xs)
	if err != nil {
		return 0, err
	}
	b, err := enclosed(c.reduced(), xs)
	if err != nil {
		return 0, err
	}
	var worst float64
	for k := range a {
		var diff, size float64
		for i, lo := range a[k].lo {
			hi := a[k].hi[i]
			diff = max(diff, hi-b[k].lo[i], b[k].hi[i]-lo)
			size = max(size, lo, -hi)
			if math.IsNaN(diff) || math.IsInf(diff, 1) {
				return math.Inf(1), nil
			}
		}
		switch {
		case diff <= 0:
		case !(size > 0):
			return math.Inf(1), nil
		default:
			worst = max(worst, diff/size)
		}
	}
	return worst, nil
}

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
