package rewrite

import (
	"slices"

	"github.com/quivernet/quivernet/internal/ir"

	"github.com/quivernet/quivernet/internal/inspect"

	"gorgonia.org/gorgonia"
)

// gain rebuilds x∘γ: as it was, or as a product with the matrix that the diagonal became.
func (b *builder) gain(e *ir.Node, v *vertex) (*gorgonia.Node, error) {
	g := b.r.l.gain(e)
	t := b.r.l.term(e, g.slot)
	if b.r.mats[t] == nil {
		return nil, nil
	}
	if b.leaves[g.by.b] == nil {
		return b.plain(e)
	}
	x, err := b.emit(g.x)
	if err != nil {
		return nil, err
	}
	m, err := b.emit(g.by.b)
	if err != nil {
		return nil, err
	}
	b.altered[e] = b.r.shrunk(v) || b.loose[v] && !v.total(e)
	if v.lay == rows {
		return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Mul(x, m) }, x, m)
	}
	return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Mul(m, x) }, m, x)
}

// diagonal says whether v has a gain that is still one: as a product it would have more numbers.
func (b *builder) diagonal(v *vertex) bool {
	return slices.ContainsFunc(v.terms, func(t *term) bool { return t.diag && b.leaves[t.w] == nil })
}

// decay rebuilds the sum of the squares of a weight that changed.
func (b *builder) decay(e *ir.Node, d *decay) (*gorgonia.Node, error) {
	n, err := b.plain(e)
	if err != nil {
		return nil, err
	}
	b.altered[e] = false
	before, after := squares(inspect.MustNumbers(d.w.Value)), squares(b.leaves[d.w].x)
	c := d.factor * (before - after)
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

// undecayed says whether a weight with a decay changed in another way than by orthonormal coordinates:
// arrows were merged into it, or it reads the span of data, or its norm grew.
func (b *builder) undecayed() bool {
	r := b.r
	for _, d := range each[*decay](r.l.scanner) {
		for _, v := range r.l.vertices {
			for _, t := range v.terms {
				if t.w == d.w && (b.loose[v] || r.from[t] != nil) {
					return true
				}
			}
		}
		if n := b.leaves[d.w]; n != nil && squares(n.x) > (1+0x1p-40)*squares(inspect.MustNumbers(d.w.Value)) {
			return true
		}
	}
	return false
}
