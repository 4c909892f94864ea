package rewrite

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/ir"

	"github.com/quivernet/quivernet/internal/inspect"

	"github.com/quivernet/quivernet/quiver"
	"gonum.org/v1/gonum/mat"
)

// vertex is a vertex of the lifted quiver: the value of a node.
type vertex struct {
	at      *ir.Node
	lay     layout
	dim     int
	name    string
	kind    quiver.Kind
	act     quiver.Activation // nil at inputs
	acts    *activation       // nil where the activation is no pattern
	terms   []*term
	also    string   // what makes it an output
	reader  *ir.Node // the reader outside the regions that does, or nil
	virtual bool     // no node has its value
	parms   *ir.Node // the input that holds the activation's parameters
}

// term is an arrow of the lifted quiver.
type term struct {
	arrow  string
	source *vertex  // nil: the bias
	at     *ir.Node // the product, the operand that is a bias or a copy, or the vertex of this library
	slot   int      // which operand of at
	w      *ir.Node // the weight or fixed matrix, nil for a copy
	over   bool     // w holds the transpose of the arrow's matrix
	lo, hi int      // the columns of the arrow's matrix that belong to this source, within w's
	fixed  quiver.Inclusion
	dense  *mat.Dense // instead of fixed, where that is no inclusion
	diag   bool       // the arrow's matrix is diagonal, and w holds the diagonal
	rows   bool       // w holds a bias for each sample
	outer  float64    // the arrow's matrix is this times w's, or times fixed: signs and constants behind it
}

type inputKey struct {
	e *ir.Node
	l layout
}

type termKey struct {
	at   *ir.Node
	slot int
}

const biasVertex = "one"

// onBase is the slot of the arrow from a value to its activation.
const onBase = -1

// total says whether e is the whole sum of a vertex, which keeps its value when arrows are
// merged; a part of it does not.
func (v *vertex) total(e *ir.Node) bool { return e == v.at || v.acts != nil && e == v.acts.base }

// path names a fixed matrix by its ends.
func (t *term) path(v *vertex) string { return t.source.name + "→" + v.name }

// describe names a vertex for a person.
func (v *vertex) describe() string { return fmt.Sprintf("node %q", v.at.Name()) }

// elementwise says whether a vertex has an activation that works entry by entry, and is not linear.
func (v *vertex) elementwise() bool {
	if v.act == nil || v.act == quiver.Identity {
		return false
	}
	_, ok := v.act.(quiver.PointJet)
	return ok
}

// value returns the numbers that the term's weight holds.
func (t *term) value() []float64 {
	if t.w == nil {
		return nil
	}
	x, _ := inspect.Numbers(t.w.Value)
	return x
}

// matrix returns the arrow's matrix, dim(target) × dim(source), from the numbers of the
// weight; nil for a copy.
func (t *term) matrix(v *vertex, x []float64) (*mat.Dense, error) {
	if t.w == nil {
		return nil, nil
	}
	if len(x) != t.w.Shape.TotalSize() {
		return nil, fmt.Errorf("the value of %q does not have the node's shape", t.w.Name())
	}
	var m *mat.Dense
	switch {
	case t.diag:
		m = mat.NewDense(v.dim, v.dim, nil)
		for i, y := range x {
			m.Set(i, i, y)
		}
	case t.source == nil:
		m = mat.NewDense(v.dim, 1, x)
	case t.over:
		m = mat.DenseCopyOf(mat.NewDense(len(x)/v.dim, v.dim, x).Slice(t.lo, t.hi, 0, v.dim).T())
	default:
		m = mat.DenseCopyOf(mat.NewDense(v.dim, len(x)/v.dim, x).Slice(0, v.dim, t.lo, t.hi))
	}
	if t.outer != 1 {
		m.Scale(t.outer, m)
	}
	return m, nil
}

// inclusion returns the matrix of a copy.
func (t *term) inclusion() mat.Matrix {
	if t.dense != nil {
		return t.dense
	}
	if t.outer == 1 {
		return t.fixed
	}
	m := mat.DenseCopyOf(t.fixed)
	m.Scale(t.outer, m)
	return m
}

// inner returns what stands at the term's place in the graph for the arrow's matrix m: signs
// and constants behind it stay in the graph.
func (t *term) inner(m *mat.Dense) *mat.Dense {
	if t.outer == 1 {
		return m
	}
	var n mat.Dense
	n.Scale(1/t.outer, m)
	return &n
}

// store writes the arrow's matrix, or its diagonal, back into the numbers of the weight, for a target of
// rows and sources of cols in all, the term's beginning at lo.
func (t *term) store(x []float64, m mat.Matrix, rows, cols, lo int) {
	r, c := m.Dims()
	if t.diag {
		for i := range x {
			x[i] = m.At(i, i) / t.outer
		}
		return
	}
	for i := range r {
		for j := range c {
			if y := m.At(i, j) / t.outer; t.over {
				x[(lo+j)*rows+i] = y
			} else {
				x[i*cols+lo+j] = y
			}
		}
	}
}
