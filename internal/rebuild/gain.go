package rebuild

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/regions"
)

// gain rebuilds x∘γ: as it was, or as a product with the matrix that the diagonal became.
func (b *Builder) gain(e *ir.Node, v *regions.Vertex) (*gorgonia.Node, error) {
	g := b.Reduction.Regions.Gain(e)
	t := b.Reduction.Regions.Arrow(e, g.Operand)
	if b.Reduction.Matrices[t] == nil {
		return nil, nil
	}
	if b.changed[g.By.Weight] == nil {
		return b.plain(e)
	}
	x, err := b.emit(g.X)
	if err != nil {
		return nil, err
	}
	m, err := b.emit(g.By.Weight)
	if err != nil {
		return nil, err
	}
	b.altered[e] = b.Reduction.IsSmaller(v) || b.merged[v] && !v.IsSum(e)
	if v.Layout == regions.Rows {
		return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Mul(x, m) }, x, m)
	}
	return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Mul(m, x) }, m, x)
}

// diagonal says whether v has a gain that is still one: as a product it would have more numbers.
func (b *Builder) diagonal(v *regions.Vertex) bool {
	return slices.ContainsFunc(v.Arrows, func(t *regions.Arrow) bool { return t.Diagonal && b.changed[t.Weight] == nil })
}

// decay rebuilds the sum of the squares of a weight that changed.
func (b *Builder) decay(e *ir.Node, d *regions.Decay) (*gorgonia.Node, error) {
	n, err := b.plain(e)
	if err != nil {
		return nil, err
	}
	b.altered[e] = false
	before, after := squares(inspect.MustNumbers(d.Weight.Value)), squares(b.changed[d.Weight].Numbers)
	c := d.Factor * (before - after)
	if before-after <= 0x1p-48*before {
		return n, nil
	}
	k := b.number(e.Dtype, c)
	return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Add(n, k) }, n, k)
}

// squares returns Σx².
func squares(x []float64) float64 {
	var s float64
	for _, y := range x {
		s += y * y
	}
	return s
}

// BreaksDecay says whether a weight with a decay changed in another way than by orthonormal coordinates:
// arrows were merged into it, or it reads the span of data, or its norm grew.
func (b *Builder) BreaksDecay() bool {
	r := b.Reduction
	for _, d := range regions.Each[*regions.Decay](r.Regions) {
		for _, v := range r.Regions.Vertices {
			for _, t := range v.Arrows {
				if t.Weight == d.Weight && (b.merged[v] || r.Spans[t] != nil) {
					return true
				}
			}
		}
		if n := b.changed[d.Weight]; n != nil && squares(n.Numbers) > (1+0x1p-40)*squares(inspect.MustNumbers(d.Weight.Value)) {
			return true
		}
	}
	return false
}
