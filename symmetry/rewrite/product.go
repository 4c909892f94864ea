package rewrite

import (
	"slices"

	"github.com/quivernet/quivernet/internal/ir"

	"github.com/quivernet/quivernet/internal/inspect"
)

// product is an arrow, or several: x·Wᵀ, where x may be a concatenation.
type product struct {
	x       *ir.Node
	w       *ir.Node   // the input that holds the matrix
	over    bool       // w is the transpose of the arrow's matrix, d_s×d_t
	through []*ir.Node // the nodes between w and the product
	factor  float64    // the product multiplies by this times w
	single

	first *product // of x·(A·B): the product with A; then x and the matrix A·B belong to it
	ab    *ir.Node // the node of A·B
}

// matchProduct reads x·W, x·Wᵀ, W·x and W·v, with W an input or a constant times one, transposed by nodes or by the
// product itself, or with W the product of two weights. It returns nil for anything else, and where both or
// neither side is a weight.
func matchProduct(e *ir.Node) *product {
	if e.Kind.Name != "matmul" && e.Kind.Name != "matvec" || !inspect.IsFloat(e.Dtype) {
		return nil
	}
	l, r := matrixOf(e.In[0]), matrixOf(e.In[1])
	if l != nil && r != nil && l.w.Role != r.w.Role { // a fixed matrix may be data, a weight may not
		if l.w.Role == ir.Fixed {
			l = nil
		} else {
			r = nil
		}
	}
	switch {
	case e.Kind.Name == "matvec":
		v := e.In[1]
		if l == nil || len(v.Shape) != 1 || v.Role == ir.Weight || v.Role == ir.Fixed && l.w.Role == ir.Fixed {
			return matchFactors(e)
		}
		return &product{x: v, w: l.w, over: l.turned != e.Kind.TransA, through: l.through, factor: l.factor, single: single{vector}}
	case l != nil && r == nil && !e.Kind.TransB: // W·x
		return &product{x: e.In[1], w: l.w, over: l.turned != e.Kind.TransA, through: l.through, factor: l.factor, single: single{columns}}
	case r != nil && l == nil && !e.Kind.TransA: // x·W: the matrix is Wᵀ
		return &product{x: e.In[0], w: r.w, over: r.turned == e.Kind.TransB, through: r.through, factor: r.factor, single: single{rows}}
	case l == nil && r == nil:
		return matchFactors(e)
	}
	return nil
}

// matchFactors reads x·(A·B), (A·B)·x and (A·B)·v with two weights, which is a chain of two arrows.
func matchFactors(e *ir.Node) *product {
	for i, ab := range e.In {
		x := e.In[1-i]
		if ab.Kind.Name != "matmul" || ab.Root || len(ab.Uses) != 1 || ab.Kind.TransA || ab.Kind.TransB || e.Kind.TransA || e.Kind.TransB || ir.IsMadeOfWeights(x) {
			continue
		}
		a, b := matrixOf(ab.In[0]), matrixOf(ab.In[1])
		if a == nil || b == nil || a.w == b.w || a.w.Role != ir.Weight || b.w.Role != ir.Weight || !ir.IsUsable(a.w) || !ir.IsUsable(b.w) {
			continue
		}
		lay := rows
		switch {
		case i == 0 && e.Kind.Name == "matvec":
			lay = vector
		case i == 0:
			lay = columns
		case e.Kind.Name == "matvec":
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
	w       *ir.Node
	turned  bool
	through []*ir.Node // from the input to the operand, without the input
	factor  float64
}

// matrixOf reads an operand as an input, or its transpose, times constants and trainable numbers. A number may not be 0.
func matrixOf(e *ir.Node) *matrix {
	m := &matrix{factor: 1}
	for len(m.through) < 16 {
		switch {
		case ir.IsMatrix(e) && len(e.Shape) == 2:
			m.w = e
			slices.Reverse(m.through)
			return m
		case e.Kind.Is("transpose", 1, 0):
			m.turned = !m.turned
			m.through = append(m.through, e)
			e = e.In[0]
			continue
		case e.Kind.Name == "neg":
			m.factor = -m.factor
			m.through = append(m.through, e)
			e = e.In[0]
			continue
		case e.Kind.Name == "⊙" || e.Kind.Name == "÷":
			x := (*ir.Node)(nil)
			for i, c := range e.In {
				k, ok := c.Number()
				if !ok || c.Role != ir.Fixed && c.Role != ir.Weight || k == 0 || !inspect.IsFinite(k) || !inspect.IsFinite(1/k) || i == 0 && e.Kind.Name == "÷" || !ir.SameType(e.In[1-i], e) {
					continue
				}
				x = e.In[1-i]
				if e.Kind.Name == "÷" {
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
func recogniseProduct(s *scanner, e *ir.Node) form {
	p := matchProduct(e)
	if p == nil || !p.lay.fits(e.Shape) || !ir.IsUsable(p.w) {
		return nil
	}
	if l := s.lay[p.x]; l != none && l != p.lay {
		return nil
	}
	return p
}
