package model

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// Expression is the Gorgonia graph of a quiver at one batch size.
type Expression struct {
	Model   *Model
	Graph   *gorgonia.ExprGraph
	Dtype   tensor.Dtype
	Rows    int
	open    bool                   // sum is in use
	Sum     []*gorgonia.Node       // z_v by position
	Vertex  []*gorgonia.Node       // x_v by position; nil at dimension 0
	Weight  []*gorgonia.Node       // by arrow: the owner's node, or the fixed matrix; nil where structured or empty
	arrowAt map[*gorgonia.Node]int // the arrow of a weight node

	gradientOf    map[*gorgonia.Node]int // the arrow at whose matrix a node is the gradient, see ArrowOf
	gradientsSeen int                    // how many gradients gradientOf was made of
	Params        []*gorgonia.Node       // by vertex
	Target        []*gorgonia.Node       // by loss
	Share         []*gorgonia.Node       // by loss: 1×1, weight times share
	lossSum       []*gorgonia.Node       // by loss: its sum over the samples
	Loss          *gorgonia.Node         // 1×1
	Unit          *gorgonia.Node         // 1×1, the seed of the sweep
	Ones          *gorgonia.Node         // rows×1, a column of ones, where nothing else says how many samples there are; else nil
	names         map[string]bool        // of the inputs
	Gradient      []*gorgonia.Node       // by slab segment; nil where the loss does not depend on it
	Segment       []*gorgonia.Node       // the node of each slab segment; nil where it is empty
	Tangent       []*gorgonia.Node       // for Hessian-vector products, by segment
	HVP           []*gorgonia.Node       // Hessian-vector products, by segment
}

// ArrowName prints "x->h1" as "x→h1".
func ArrowName(s string) string { return strings.ReplaceAll(s, "->", "→") }

// Build makes the forward graph.
func (m *Model) Build(rows int) (*Expression, error) { return m.BuildAs(rows, m.Dtype, false) }

// BuildAs makes the forward graph in a precision; where open is true, each vertex is two
// nodes, the sum z and ρ(z), so that gradients at z can be asked for.
func (m *Model) BuildAs(rows int, dt tensor.Dtype, open bool) (*Expression, error) {
	q := m.Quiver
	e := &Expression{Model: m, Graph: gorgonia.NewGraph(), Dtype: dt, Rows: rows, open: open, arrowAt: make(map[*gorgonia.Node]int), Sum: make([]*gorgonia.Node, q.NumVertices()),
		Vertex: make([]*gorgonia.Node, q.NumVertices()), Weight: make([]*gorgonia.Node, q.NumArrows()), Params: make([]*gorgonia.Node, q.NumVertices())}
	for v, vertex := range m.Vertices {
		if err := e.addVertex(v, vertex); err != nil {
			return nil, err
		}
	}
	for i, a := range m.Arrows {
		if !a.Fixed && a.TiedTo == "" {
			e.Segment = append(e.Segment, e.Weight[i])
		}
	}
	for v := range m.Vertices {
		if m.NumParams[v] > 0 {
			e.Segment = append(e.Segment, e.Params[v])
		}
	}
	return e, nil
}

// NewExpression returns an expression without nodes; m may be nil where none of them will be those of a model.
func NewExpression(m *Model, rows int, dt tensor.Dtype) *Expression {
	return &Expression{Model: m, Graph: gorgonia.NewGraph(), Dtype: dt, Rows: rows}
}

// addVertex adds the value of a vertex, whose sources are in already.
func (e *Expression) addVertex(v int, vertex quiver.Vertex) (err error) {
	if vertex.Dim == 0 {
		return nil
	}
	if vertex.Kind == quiver.KindInput || vertex.Kind == quiver.KindBias {
		e.Vertex[v], err = op.Input(e.Graph, e.Dtype, vertex.Name, e.Rows, vertex.Dim)
		return err
	}
	var terms []op.Term
	for _, i := range e.Model.Quiver.In(v) {
		a := e.Model.Arrows[i]
		if a.Rows*a.Cols == 0 {
			continue
		}
		t := op.Term{X: e.Vertex[a.Source], Arrow: a.Name}
		if in, ok := e.Model.Quiver.Fixed(i).(quiver.Inclusion); ok && a.Fixed {
			t.Fixed = in
		} else if t.W, err = e.matrix(i); err != nil {
			return err
		}
		terms = append(terms, t)
	}
	if len(terms) == 0 { // nothing arrives: z = 0, shaped by a product with nothing
		zero, err := e.column()
		if err != nil {
			return err
		}
		terms = append(terms, op.Term{X: zero, Fixed: quiver.Inclusion{Rows: vertex.Dim, Cols: 1}})
	}
	if n := e.Model.NumParams[v]; n > 0 {
		if e.Params[v], err = e.Input("p["+vertex.Name+"]", 1, n); err != nil {
			return err
		}
	}
	if !e.open {
		e.Vertex[v], err = op.Vertex(vertex.Name, vertex.Name, vertex.Act, terms, e.Params[v])
		return err
	}
	if e.Sum[v], err = op.Sum(vertex.Name, "z["+vertex.Name+"]", terms); err != nil {
		return err
	}
	e.Vertex[v], err = op.Act(vertex.Name, vertex.Name, vertex.Act, e.Sum[v], e.Params[v])
	return err
}

// matrix returns the node of arrow i's matrix; tied arrows share their owner's.
func (e *Expression) matrix(i int) (*gorgonia.Node, error) {
	a := e.Model.Arrows[i]
	at := i
	if a.TiedTo != "" {
		at, _ = e.Model.Quiver.ArrowIndex(a.TiedTo)
	}
	if e.Weight[at] == nil {
		letter := "W"
		if a.Fixed {
			letter = "F"
		}
		n, err := e.Input(fmt.Sprintf("%s[%s]", letter, ArrowName(e.Model.Arrows[at].Name)), a.Rows, a.Cols)
		if err != nil {
			return nil, err
		}
		e.Weight[at] = n
		e.arrowAt[n] = at
	}
	e.Weight[i] = e.Weight[at]
	return e.Weight[at], nil
}

const (
	onesName = "·1·" // of the column of ones

	// UnitName is the name of the seed of the sweep.
	UnitName = "·1"
)

// column returns the column of ones.
func (e *Expression) column() (n *gorgonia.Node, err error) {
	if e.Ones == nil {
		e.Ones, err = e.Input(onesName, e.Rows, 1)
	}
	return e.Ones, err
}

// Input adds an input that is no vertex. Gorgonia takes inputs of one name and size for one, and a vertex may have any
// legal name, "W[x→h]" too: a name that is taken is followed by a number, after a space, which no vertex has in its name.
func (e *Expression) Input(name string, rows, cols int) (*gorgonia.Node, error) {
	free := name
	for k := 2; e.names[free] || e.Model.named[free]; k++ {
		free = fmt.Sprintf("%s %d", name, k)
	}
	if e.names == nil {
		e.names = make(map[string]bool)
	}
	e.names[free] = true
	return op.Input(e.Graph, e.Dtype, free, rows, cols)
}

// Dtype returns the type of the numbers in single or in double precision.
func Dtype(f32 bool) tensor.Dtype {
	if f32 {
		return tensor.Float32
	}
	return tensor.Float64
}

// SizeOf returns rows and columns of a node; vectors are columns, scalars 1×1.
func SizeOf(n *gorgonia.Node) [2]int {
	switch s := n.Shape(); len(s) {
	case 0:
		return [2]int{1, 1}
	case 1:
		return [2]int{s[0], 1}
	case 2:
		return [2]int{s[0], s[1]}
	default:
		return [2]int{s[0], s.TotalSize() / max(s[0], 1)}
	}
}
