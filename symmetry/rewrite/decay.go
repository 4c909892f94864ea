package rewrite

import (
	"slices"
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
