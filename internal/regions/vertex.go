package regions

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/quiver"
)

// Vertex is a vertex of the quiver that was found: the value of a node.
type Vertex struct {
	Node       *ir.Node
	Layout     Layout
	Dim        int
	Name       string
	Kind       quiver.Kind
	Activation quiver.Activation // nil at inputs
	Spelled    *Activation       // the nodes that compute the activation; nil where it is none, or that of an operation of this library
	Arrows     []*Arrow
	Because    string   // what makes it an output, for a person: "a root", or who reads it
	Reader     *ir.Node // the reader outside the regions that makes it one, or nil
	Virtual    bool     // no node has its value
	Params     *ir.Node // the input that holds the activation's parameters
}

// Arrow is an arrow of the quiver that was found, with its place in the graph: operand Operand of Node. Its matrix is Factor times that of
// Weight, or, where Weight is nil, Factor times the constant matrix Inclusion or Dense.
type Arrow struct {
	Name       string
	Source     *Vertex          // nil: the bias
	Node       *ir.Node         // the product, the operand that is a bias or a copy, or the vertex of this library
	Operand    int              // which operand of Node; OnBase for an activation of a value that others read, too
	Weight     *ir.Node         // the weight or fixed matrix, nil for a copy
	Transposed bool             // Weight holds the transpose of the arrow's matrix
	Lo, Hi     int              // the columns of the matrix that Weight holds which belong to this source
	Inclusion  quiver.Inclusion // the matrix of a copy
	Dense      *mat.Dense       // in the place of Inclusion, where the matrix is none
	Diagonal   bool             // the matrix is diagonal, and Weight holds the diagonal
	PerSample  bool             // Weight holds a bias for each sample
	Factor     float64          // signs and constants behind the product
}

type inputKey struct {
	e *ir.Node
	l Layout
}

type arrowKey struct {
	at   *ir.Node
	slot int
}

// BiasVertex is the name of the bias in the quiver.
const BiasVertex = "one"

// OnBase is the Operand of the arrow from a value to its activation.
const OnBase = -1

// IsSum says whether e is the whole sum of a vertex, which keeps its value when arrows are
// merged; a part of it does not.
func (v *Vertex) IsSum(e *ir.Node) bool {
	return e == v.Node || v.Spelled != nil && e == v.Spelled.Base
}

// Path names a fixed matrix by its ends.
func (t *Arrow) Path(v *Vertex) string { return t.Source.Name + "→" + v.Name }

// Describe names a vertex for a person.
func (v *Vertex) Describe() string { return fmt.Sprintf("node %q", v.Node.Name()) }

// IsElementwise says whether a vertex has an activation that works entry by entry, and is not linear.
func (v *Vertex) IsElementwise() bool {
	if v.Activation == nil || v.Activation == quiver.Identity {
		return false
	}
	_, ok := v.Activation.(quiver.PointJet)
	return ok
}

// Numbers returns the numbers that the arrow's weight holds, nil for a copy.
func (t *Arrow) Numbers() []float64 {
	if t.Weight == nil {
		return nil
	}
	x, _ := inspect.Numbers(t.Weight.Value)
	return x
}

// Matrix returns the arrow's matrix, dim(target) × dim(source), from the numbers of the
// weight; nil for a copy.
func (t *Arrow) Matrix(v *Vertex, x []float64) (*mat.Dense, error) {
	if t.Weight == nil {
		return nil, nil
	}
	if len(x) != t.Weight.Shape.TotalSize() {
		return nil, fmt.Errorf("the value of %q does not have the node's shape", t.Weight.Name())
	}
	var m *mat.Dense
	switch {
	case t.Diagonal:
		m = mat.NewDense(v.Dim, v.Dim, nil)
		for i, y := range x {
			m.Set(i, i, y)
		}
	case t.Source == nil:
		m = mat.NewDense(v.Dim, 1, x)
	case t.Transposed:
		m = mat.DenseCopyOf(mat.NewDense(len(x)/v.Dim, v.Dim, x).Slice(t.Lo, t.Hi, 0, v.Dim).T())
	default:
		m = mat.DenseCopyOf(mat.NewDense(v.Dim, len(x)/v.Dim, x).Slice(0, v.Dim, t.Lo, t.Hi))
	}
	if t.Factor != 1 {
		m.Scale(t.Factor, m)
	}
	return m, nil
}

// Constant returns the matrix of a copy.
func (t *Arrow) Constant() mat.Matrix {
	if t.Dense != nil {
		return t.Dense
	}
	if t.Factor == 1 {
		return t.Inclusion
	}
	m := mat.DenseCopyOf(t.Inclusion)
	m.Scale(t.Factor, m)
	return m
}

// Inner returns what stands at the arrow's place in the graph where its matrix is m: signs
// and constants behind it stay in the graph.
func (t *Arrow) Inner(m *mat.Dense) *mat.Dense {
	if t.Factor == 1 {
		return m
	}
	var n mat.Dense
	n.Scale(1/t.Factor, m)
	return &n
}

// Store writes the arrow's matrix, or its diagonal, back into the numbers of the weight, for a target of
// rows and sources of cols in all, the arrow's own beginning at lo.
func (t *Arrow) Store(x []float64, m mat.Matrix, rows, cols, lo int) {
	r, c := m.Dims()
	if t.Diagonal {
		for i := range x {
			x[i] = m.At(i, i) / t.Factor
		}
		return
	}
	for i := range r {
		for j := range c {
			if y := m.At(i, j) / t.Factor; t.Transposed {
				x[(lo+j)*rows+i] = y
			} else {
				x[i*cols+lo+j] = y
			}
		}
	}
}
