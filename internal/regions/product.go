package regions

import (
	"slices"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
)

// Product is x·Wᵀ times a factor: an arrow, or several where x is a concatenation.
type Product struct {
	X          *ir.Node
	Weight     *ir.Node   // the input that holds the matrix
	Transposed bool       // Weight is the transpose of the arrow's matrix, d_s×d_t
	Between    []*ir.Node // the nodes between the weight and the product
	Factor     float64    // the product multiplies by this times the weight
	single

	First *Product // of x·(A·B): the product with A; then x and the matrix A·B belong to it
	AB    *ir.Node // the node of A·B
}

// matchProduct reads x·W, x·Wᵀ, W·x and W·v, with W an input or a constant times one, transposed by nodes or by the
// product itself, or with W the product of two weights. It returns nil for anything else, and where both or
// neither side is a weight.
func matchProduct(e *ir.Node) *Product {
	if e.Kind.Name != "matmul" && e.Kind.Name != "matvec" || !inspect.IsFloat(e.Dtype) {
		return nil
	}
	l, r := MatrixOf(e.In[0]), MatrixOf(e.In[1])
	if l != nil && r != nil && l.Weight.Role != r.Weight.Role { // a fixed matrix may be data, a weight may not
		if l.Weight.Role == ir.Fixed {
			l = nil
		} else {
			r = nil
		}
	}
	switch {
	case e.Kind.Name == "matvec":
		v := e.In[1]
		if l == nil || len(v.Shape) != 1 || v.Role == ir.Weight || v.Role == ir.Fixed && l.Weight.Role == ir.Fixed {
			return matchFactors(e)
		}
		return &Product{X: v, Weight: l.Weight, Transposed: l.turned != e.Kind.TransA, Between: l.through, Factor: l.factor, single: single{Vector}}
	case l != nil && r == nil && !e.Kind.TransB: // W·x
		return &Product{X: e.In[1], Weight: l.Weight, Transposed: l.turned != e.Kind.TransA, Between: l.through, Factor: l.factor, single: single{Columns}}
	case r != nil && l == nil && !e.Kind.TransA: // x·W: the matrix is Wᵀ
		return &Product{X: e.In[0], Weight: r.Weight, Transposed: r.turned == e.Kind.TransB, Between: r.through, Factor: r.factor, single: single{Rows}}
	case l == nil && r == nil:
		return matchFactors(e)
	}
	return nil
}

// matchFactors reads x·(A·B), (A·B)·x and (A·B)·v with two weights, which is a chain of two arrows.
func matchFactors(e *ir.Node) *Product {
	for i, ab := range e.In {
		x := e.In[1-i]
		if ab.Kind.Name != "matmul" || ab.Root || len(ab.Uses) != 1 || ab.Kind.TransA || ab.Kind.TransB || e.Kind.TransA || e.Kind.TransB || ir.IsMadeOfWeights(x) {
			continue
		}
		a, b := MatrixOf(ab.In[0]), MatrixOf(ab.In[1])
		if a == nil || b == nil || a.Weight == b.Weight || a.Weight.Role != ir.Weight || b.Weight.Role != ir.Weight || !ir.IsUsable(a.Weight) || !ir.IsUsable(b.Weight) {
			continue
		}
		lay := Rows
		switch {
		case i == 0 && e.Kind.Name == "matvec":
			lay = Vector
		case i == 0:
			lay = Columns
		case e.Kind.Name == "matvec":
			return nil
		}
		last, first := b, a
		if lay != Rows {
			last, first = a, b
		}
		turned := lay == Rows // then the arrow's matrix is the transpose
		p := &Product{X: x, Weight: last.Weight, Transposed: last.turned != turned, Between: last.through, Factor: last.factor, single: single{lay}, AB: ab}
		p.First = &Product{X: x, Weight: first.Weight, Transposed: first.turned != turned, Between: first.through, Factor: first.factor, single: single{lay}}
		return p
	}
	return nil
}

// Matrix is an operand that is an input of two axes, transposed and scaled.
type Matrix struct {
	Weight  *ir.Node
	turned  bool
	through []*ir.Node // from the input to the operand, without the input
	factor  float64
}

// MatrixOf reads an operand as an input, or its transpose, times constants and trainable numbers. A number may not be 0.
func MatrixOf(e *ir.Node) *Matrix {
	m := &Matrix{factor: 1}
	for len(m.through) < 16 {
		switch x, k := e.Factor(ir.Fixed, ir.Weight); {
		case ir.IsMatrix(e) && len(e.Shape) == 2:
			m.Weight = e
			slices.Reverse(m.through)
			return m
		case e.Kind.Is("transpose", 1, 0):
			m.turned = !m.turned
			m.through, e = append(m.through, e), e.In[0]
		case x != nil && invertible(k):
			m.factor *= k
			m.through, e = append(m.through, e), x
		default:
			return nil
		}
	}
	return nil
}

// invertible says that a factor and its inverse are finite numbers.
func invertible(k float64) bool { return k != 0 && inspect.IsFinite(k) && inspect.IsFinite(1/k) }

// RecogniseProduct takes x·W and its spellings; see matchProduct.
func RecogniseProduct(s *Scanner, e *ir.Node) Form {
	p := matchProduct(e)
	if p == nil || !p.lay.Fits(e.Shape) || !ir.IsUsable(p.Weight) {
		return nil
	}
	if l := s.lay[p.X]; l != None && l != p.lay {
		return nil
	}
	return p
}
