package shrink

import (
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// isPointwise says whether an option does what symmetry.Pointwise does, which the rewriter applies itself where it
// helps. Options are opaque, so it is asked of a network of two units: one is 0 for every input, the
// other for inputs that Box and Samples bound.
func isPointwise(o symmetry.Option) bool {
	w, err := probe()
	if o == nil || err != nil {
		return false
	}
	c, err := symmetry.Compress(w, o)
	return err == nil && len(c.Units) == 1 && c.Units[0].Unit == 0
}

var probe = sync.OnceValues(func() (*quiver.Rep, error) {
	q, err := quiver.New(
		quiver.Input("x", 1), quiver.Bias("one"), quiver.Hidden("h", 2, layers.Pointwise(layers.ReLU)), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y"),
	)
	if err != nil {
		return nil, err
	}
	w := quiver.Zero(q)
	for arrow, m := range map[string]*mat.Dense{
		"x->h": mat.NewDense(2, 1, []float64{0, 1}), "one->h": mat.NewDense(2, 1, []float64{-1, -1e300}), "h->y": mat.NewDense(1, 2, []float64{1, 1}),
	} {
		if err := w.Set(arrow, m); err != nil {
			return nil, err
		}
	}
	return w, nil
})
