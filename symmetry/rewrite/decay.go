package rewrite

import (
	"slices"

	"gorgonia.org/gorgonia"
)

// decay is Σ‖W‖², the sum of the squares of a weight, as people add it to a loss. Turned coordinates
// leave it as it is, and directions that are cut take a part with them that projected training does
// not move: so Σ‖W‖² = Σ‖W′‖² + a constant, and the gradients correspond.
type decay struct {
	single
	w      *expr
	path   []*expr // from the weight to the sum, both included
	turned []*expr // those of them that transpose or scale the weight itself, which products may read, too
	factor float64 // the sum is this times Σ‖W‖²
}

// matchDecay reads a sum of all squares of a weight, also in two steps, with constant factors before or after the
// square, and of its transpose.
func matchDecay(e *expr) *decay {
	if e.kind.name != "sum" || !e.scalar() {
		return nil
	}
	d := &decay{path: []*expr{e}, factor: 1}
	x := e.in[0]
	for x.kind.name == "sum" || squared(x) == nil {
		y := x
		if x.kind.name != "sum" {
			var k float64
			if y, k = scaledByConstant(x); y == nil {
				return nil
			}
			d.factor *= k
		} else {
			y = x.in[0]
		}
		d.path = append(d.path, x)
		x = y
	}
	m := matrixOf(squared(x))
	if w := squared(x); m == nil && w.role == weight {
		m = &matrix{w: w, factor: 1} // a vector
	}
	if m == nil || m.w.role != weight || slices.ContainsFunc(m.through, trained) {
		return nil
	}
	d.factor *= m.factor * m.factor
	d.w, d.turned, d.path = m.w, m.through, append(d.path, x)
	for _, n := range d.path[1:] {
		if n.root || slices.ContainsFunc(n.uses, func(u *expr) bool { return !slices.Contains(d.path, u) && !counts(u, nil) }) {
			return nil
		}
	}
	slices.Reverse(d.path)
	d.path = slices.Concat([]*expr{d.w}, d.turned, d.path)
	if !finite(d.factor) {
		return nil
	}
	return d
}

// recogniseDecay takes the sum of the squares of a weight.
func recogniseDecay(_ *scanner, e *expr) form {
	if d := matchDecay(e); d != nil {
		return d
	}
	return nil
}

// scaledByConstant reads −x, c·x, x·c and x÷c with a constant c, and returns x and the factor; nil for anything else.
func scaledByConstant(e *expr) (x *expr, factor float64) {
	switch e.kind.name {
	case "neg":
		return e.in[0], -1
	case "⊙", "÷":
		for i, c := range e.in {
			k, ok := c.number()
			if !ok || c.role != fixed || i == 0 && e.kind.name == "÷" || !sameType(e.in[1-i], e) {
				continue
			}
			if e.kind.name == "÷" {
				k = 1 / k
			}
			return e.in[1-i], k
		}
	}
	return nil, 0
}

// decayed says whether the squares of a weight of v are summed: then it must stay one input.
func (s *scanner) decayed(v *vertex) bool {
	for _, d := range s.decays() {
		if slices.ContainsFunc(v.terms, func(t *term) bool { return t.w == d.w }) {
			return true
		}
	}
	return false
}

// decay rebuilds the sum of the squares of a weight that changed.
func (b *builder) decay(e *expr, d *decay) (*gorgonia.Node, error) {
	n, err := b.plain(e)
	if err != nil {
		return nil, err
	}
	b.altered[e] = false
	before, after := squares(mustNumbers(d.w.value)), squares(b.leaves[d.w].x)
	c := d.factor * (before - after)
	if before-after <= 0x1p-48*before {
		return n, nil
	}
	k := b.number(e.dt, c)
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
	for _, d := range r.l.decays() {
		for _, v := range r.l.vertices {
			for _, t := range v.terms {
				if t.w == d.w && (b.loose[v] || r.from[t] != nil) {
					return true
				}
			}
		}
		if n := b.leaves[d.w]; n != nil && squares(n.x) > (1+0x1p-40)*squares(mustNumbers(d.w.value)) {
			return true
		}
	}
	return false
}
