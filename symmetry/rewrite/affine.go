package rewrite

import (
	"slices"

	"gorgonia.org/tensor"
)

// layout says which axis of a value carries the features.
type layout uint8

const (
	none    layout = iota
	rows           // n×d, one sample per row
	columns        // d×n, one sample per column
	vector         // d, one sample
)

// feature returns the axis of the features, batch that of the samples or −1.
func (l layout) feature() int {
	if l == rows {
		return 1
	}
	return 0
}

func (l layout) batch() int {
	switch l {
	case rows:
		return 0
	case columns:
		return 1
	}
	return -1
}

func (l layout) fits(s tensor.Shape) bool {
	return l != none && (l == vector) == (len(s) == 1) && (len(s) == 1 || len(s) == 2)
}

// product is an arrow, or several: x·Wᵀ, where x may be a concatenation.
type product struct {
	x       *expr
	w       *expr // the input that holds the matrix
	over    bool  // w is the transpose of the arrow's matrix, d_s×d_t
	through *expr // the transposition between w and the product, or nil
	lay     layout
}

// matchProduct reads x·W, x·Wᵀ, W·x and W·v, with W an input, transposed by a node or by the
// product itself. It returns nil for anything else, and where both or neither side is a
// weight.
func matchProduct(e *expr) *product {
	if e.kind.name != "matmul" && e.kind.name != "matvec" || !isFloat(e.dt) {
		return nil
	}
	wl, tl, throughL := matrixOf(e.in[0])
	wr, tr, throughR := matrixOf(e.in[1])
	if wl != nil && wr != nil && wl.role != wr.role { // a fixed matrix may be data, a weight may not
		if wl.role == fixed {
			wl = nil
		} else {
			wr = nil
		}
	}
	switch {
	case e.kind.name == "matvec":
		if v := e.in[1]; wl == nil || len(v.shape) != 1 || v.role == weight || v.role == fixed && wl.role == fixed {
			return nil
		}
		return &product{e.in[1], wl, tl != e.kind.transA, throughL, vector}
	case wl != nil && wr == nil && !e.kind.transB: // W·x
		return &product{e.in[1], wl, tl != e.kind.transA, throughL, columns}
	case wr != nil && wl == nil && !e.kind.transA: // x·W: the matrix is Wᵀ
		return &product{e.in[0], wr, tr == e.kind.transB, throughR, rows}
	}
	return nil
}

// matrixOf returns the input that an operand is, or is the transpose of.
func matrixOf(e *expr) (w *expr, transposed bool, through *expr) {
	if e.kind.is("transpose", 1, 0) {
		if w, _, through = matrixOf(e.in[0]); through == nil {
			return w, true, e
		}
		return nil, false, nil
	}
	if isMatrix(e) && len(e.shape) == 2 {
		return e, false, nil
	}
	return nil, false, nil
}

// isMatrix says whether an expression is a weight or a fixed matrix.
func isMatrix(e *expr) bool { return e.role == weight || e.role == fixed && len(e.shape) > 0 }

// bias is a weight that is added to each sample: chain are the nodes from the weight to the
// operand of the sum, the operand last.
type bias struct {
	b     *expr
	chain []*expr
	size  *expr // the node that gives the number of samples, or nil
	rows  bool  // one for each sample
}

// matchBias reads the operand of a sum as a bias of features in layout l: a repetition
// over the samples, or the weight itself, also reshaped, where there is one sample.
func matchBias(e *expr, l layout, d int) *bias {
	one := (l == vector || len(e.shape) == 2 && e.shape[l.batch()] == 1) && e.shape.TotalSize() == d && l.fits(e.shape)
	switch {
	case e.role == weight && one:
		return &bias{b: e}
	case e.role == weight:
		return nil
	case e.kind.name == "reshape" && e.in[0].role == weight && one:
		return &bias{b: e.in[0], chain: []*expr{e}}
	}
	if l == vector || !e.kind.is("repeat", l.batch()) || e.in[1].kind.name != "size" {
		return nil
	}
	b, chain := e.in[0], []*expr{e}
	if b.kind.name == "reshape" {
		b, chain = b.in[0], []*expr{b, e}
	}
	if b.role != weight || b.shape.TotalSize() != d || len(e.in[0].shape) != 2 || e.in[0].shape[l.batch()] != 1 {
		return nil
	}
	return &bias{b: b, chain: chain, size: e.in[1]}
}

// bias reads the operand of a sum as a bias, or as a weight of the sum's own shape: a bias for each sample.
func (s *scanner) bias(e *expr, l layout, d int) *bias {
	if e.role == weight && l != vector && len(e.shape) == 2 && e.shape[l.batch()] > 1 && !s.a.off["sample bias"] {
		return &bias{b: e, rows: true}
	}
	return matchBias(e, l, d)
}

// as names the way in which a bias reads its weight.
func (b *bias) as() string {
	if b.rows {
		return "bias of each sample"
	}
	return "bias"
}

// readers returns who reads e, without the nodes that ask for its size only.
func readers(e *expr, sizes map[*expr]bool) []*expr {
	return slices.DeleteFunc(slices.Clone(e.uses), func(u *expr) bool { return sizes[u] })
}
