package regions

import (
	"slices"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
)

// Decay is Σ‖W‖², the sum of the squares of a weight, as people add it to a loss. Turned coordinates
// leave it as it is, and directions that are cut take a part with them that projected training does
// not move: so Σ‖W‖² = Σ‖W′‖² + a constant, and the gradients correspond.
type Decay struct {
	single
	Weight *ir.Node
	path   []*ir.Node // from the weight to the sum, both included
	turned []*ir.Node // those of them that transpose or scale the weight itself, which products may read, too
	Factor float64    // the sum is this times Σ‖W‖²
}

// matchDecay reads a sum of all squares of a weight, also in two steps, with constant factors before or after the
// square, and of its transpose.
func matchDecay(e *ir.Node) *Decay {
	if e.Kind.Name != "sum" || !e.IsScalar() {
		return nil
	}
	d := &Decay{path: []*ir.Node{e}, Factor: 1}
	x := e.In[0]
	for x.Kind.Name == "sum" || squared(x) == nil {
		y := x
		if x.Kind.Name != "sum" {
			var k float64
			if y, k = x.Factor(ir.Fixed); y == nil {
				return nil
			}
			d.Factor *= k
		} else {
			y = x.In[0]
		}
		d.path = append(d.path, x)
		x = y
	}
	m := MatrixOf(squared(x))
	if w := squared(x); m == nil && w.Role == ir.Weight {
		m = &Matrix{Weight: w, factor: 1} // a vector
	}
	if m == nil || m.Weight.Role != ir.Weight || slices.ContainsFunc(m.through, trained) {
		return nil
	}
	d.Factor *= m.factor * m.factor
	d.Weight, d.turned, d.path = m.Weight, m.through, append(d.path, x)
	for _, n := range d.path[1:] {
		if n.Root || slices.ContainsFunc(n.Uses, func(u *ir.Node) bool { return !slices.Contains(d.path, u) && !counts(u, nil) }) {
			return nil
		}
	}
	slices.Reverse(d.path)
	d.path = slices.Concat([]*ir.Node{d.Weight}, d.turned, d.path)
	if !inspect.IsFinite(d.Factor) {
		return nil
	}
	return d
}

// RecogniseDecay takes the sum of the squares of a weight.
func RecogniseDecay(_ *Scanner, e *ir.Node) Form {
	if d := matchDecay(e); d != nil {
		return d
	}
	return nil
}
