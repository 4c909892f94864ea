package rewrite

import "slices"

// product is an arrow, or several: x·Wᵀ, where x may be a concatenation.
type product struct {
	x       *expr
	w       *expr   // the input that holds the matrix
	over    bool    // w is the transpose of the arrow's matrix, d_s×d_t
	through []*expr // the nodes between w and the product
	factor  float64 // the product multiplies by this times w
	single

	first *product // of x·(A·B): the product with A; then x and the matrix A·B belong to it
	ab    *expr    // the node of A·B
}

// matchProduct reads x·W, x·Wᵀ, W·x and W·v, with W an input or a constant times one, transposed by nodes or by the
// product itself, or with W the product of two weights. It returns nil for anything else, and where both or
// neither side is a weight.
func matchProduct(e *expr) *product {
	if e.kind.name != "matmul" && e.kind.name != "matvec" || !isFloat(e.dt) {
		return nil
	}
	l, r := matrixOf(e.in[0]), matrixOf(e.in[1])
	if l != nil && r != nil && l.w.role != r.w.role { // a fixed matrix may be data, a weight may not
		if l.w.role == fixed {
			l = nil
		} else {
			r = nil
		}
	}
	switch {
	case e.kind.name == "matvec":
		v := e.in[1]
		if l == nil || len(v.shape) != 1 || v.role == weight || v.role == fixed && l.w.role == fixed {
			return matchFactors(e)
		}
		return &product{x: v, w: l.w, over: l.turned != e.kind.transA, through: l.through, factor: l.factor, single: single{vector}}
	case l != nil && r == nil && !e.kind.transB: // W·x
		return &product{x: e.in[1], w: l.w, over: l.turned != e.kind.transA, through: l.through, factor: l.factor, single: single{columns}}
	case r != nil && l == nil && !e.kind.transA: // x·W: the matrix is Wᵀ
		return &product{x: e.in[0], w: r.w, over: r.turned == e.kind.transB, through: r.through, factor: r.factor, single: single{rows}}
	case l == nil && r == nil:
		return matchFactors(e)
	}
	return nil
}

// matchFactors reads x·(A·B), (A·B)·x and (A·B)·v with two weights, which is a chain of two arrows.
func matchFactors(e *expr) *product {
	for i, ab := range e.in {
		x := e.in[1-i]
		if ab.kind.name != "matmul" || ab.root || len(ab.uses) != 1 || ab.kind.transA || ab.kind.transB || e.kind.transA || e.kind.transB || madeOfWeights(x) {
			continue
		}
		a, b := matrixOf(ab.in[0]), matrixOf(ab.in[1])
		if a == nil || b == nil || a.w == b.w || a.w.role != weight || b.w.role != weight || !usable(a.w) || !usable(b.w) {
			continue
		}
		lay := rows
		switch {
		case i == 0 && e.kind.name == "matvec":
			lay = vector
		case i == 0:
			lay = columns
		case e.kind.name == "matvec":
			return nil
		}
		last, first := b, a
		if lay != rows {
			last, first = a, b
		}
		turned := lay == rows // then the arrow's matrix is the transpose
		p := &product{x: x, w: last.w, over: last.turned != turned, through: last.through, factor: last.factor, single: single{lay}, ab: ab}
		p.first = &product{x: x, w: first.w, over: first.turned != turned, through: first.through, factor: first.factor, single: single{lay}}
		return p
	}
	return nil
}

// matrix is an operand that is an input of two axes, transposed and scaled.
type matrix struct {
	w       *expr
	turned  bool
	through []*expr // from the input to the operand, without the input
	factor  float64
}

// matrixOf reads an operand as an input, or its transpose, times constants and trainable numbers. A number may not be 0.
func matrixOf(e *expr) *matrix {
	m := &matrix{factor: 1}
	for len(m.through) < 16 {
		switch {
		case isMatrix(e) && len(e.shape) == 2:
			m.w = e
			slices.Reverse(m.through)
			return m
		case e.kind.is("transpose", 1, 0):
			m.turned = !m.turned
			m.through = append(m.through, e)
			e = e.in[0]
			continue
		case e.kind.name == "neg":
			m.factor = -m.factor
			m.through = append(m.through, e)
			e = e.in[0]
			continue
		case e.kind.name == "⊙" || e.kind.name == "÷":
			x := (*expr)(nil)
			for i, c := range e.in {
				k, ok := c.number()
				if !ok || c.role != fixed && c.role != weight || k == 0 || !finite(k) || !finite(1/k) || i == 0 && e.kind.name == "÷" || !sameType(e.in[1-i], e) {
					continue
				}
				x = e.in[1-i]
				if e.kind.name == "÷" {
					k = 1 / k
				}
				m.factor *= k
				break
			}
			if x == nil {
				return nil
			}
			m.through = append(m.through, e)
			e = x
			continue
		}
		return nil
	}
	return nil
}

// recogniseProduct takes x·W and its spellings; see matchProduct.
func recogniseProduct(s *scanner, e *expr) form {
	p := matchProduct(e)
	if p == nil || !p.lay.fits(e.shape) || !usable(p.w) {
		return nil
	}
	if l := s.lay[p.x]; l != none && l != p.lay {
		return nil
	}
	return p
}
