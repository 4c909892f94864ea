package graph

import (
	"fmt"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// expression is the Gorgonia graph of a quiver at one batch size.
type expression struct {
	model   *model
	g       *gorgonia.ExprGraph
	dtype   tensor.Dtype
	rows    int
	open    bool                   // sum is in use
	sum     []*gorgonia.Node       // z_v by position
	vertex  []*gorgonia.Node       // x_v by position; nil at dimension 0
	weight  []*gorgonia.Node       // by arrow: the owner's node, or the fixed matrix; nil where structured or empty
	arrowAt map[*gorgonia.Node]int // the arrow of a weight node

	gradientOf    map[*gorgonia.Node]int // the arrow at whose matrix a node is the gradient, see arrowOf
	gradientsSeen int                    // how many gradients gradientOf was made of
	param         []*gorgonia.Node       // by vertex
	target        []*gorgonia.Node       // by loss
	share         []*gorgonia.Node       // by loss: 1×1, weight times share
	lossSum       []*gorgonia.Node       // by loss: its sum over the samples
	loss          *gorgonia.Node         // 1×1
	unit          *gorgonia.Node         // 1×1, the seed of the sweep
	one           *gorgonia.Node         // rows×1, a column of ones, where nothing else says how many samples there are; else nil
	names         map[string]bool        // of the inputs
	grad          []*gorgonia.Node       // by slab segment; nil where the loss does not depend on it
	segment       []*gorgonia.Node       // the node of each slab segment; nil where it is empty
	tangent       []*gorgonia.Node       // for Hessian-vector products, by segment
	hvp           []*gorgonia.Node
}

// arrowName prints "x->h1" as "x→h1".
func arrowName(s string) string { return strings.ReplaceAll(s, "->", "→") }

// build makes the forward graph.
func (p *model) build(rows int) (*expression, error) { return p.buildAs(rows, p.dtype, false) }

// buildAs makes the forward graph in a precision; where open is true, each vertex is two
// nodes, the sum z and ρ(z), so that gradients at z can be asked for.
func (p *model) buildAs(rows int, dt tensor.Dtype, open bool) (*expression, error) {
	q := p.q
	e := &expression{model: p, g: gorgonia.NewGraph(), dtype: dt, rows: rows, open: open, arrowAt: make(map[*gorgonia.Node]int), sum: make([]*gorgonia.Node, q.NumVertices()),
		vertex: make([]*gorgonia.Node, q.NumVertices()), weight: make([]*gorgonia.Node, q.NumArrows()), param: make([]*gorgonia.Node, q.NumVertices())}
	for v, vertex := range p.vertices {
		if err := e.addVertex(v, vertex); err != nil {
			return nil, err
		}
	}
	for i, a := range p.arrows {
		if !a.Fixed && a.TiedTo == "" {
			e.segment = append(e.segment, e.weight[i])
		}
	}
	for v := range p.vertices {
		if p.params[v] > 0 {
			e.segment = append(e.segment, e.param[v])
		}
	}
	return e, nil
}

// newExpression returns an expression without nodes; m may be nil where none of them will be those of a model.
func newExpression(m *model, rows int, dt tensor.Dtype) *expression {
	return &expression{model: m, g: gorgonia.NewGraph(), dtype: dt, rows: rows}
}

func (e *expression) addVertex(v int, vertex quiver.Vertex) (err error) {
	if vertex.Dim == 0 {
		return nil
	}
	if vertex.Kind == quiver.KindInput || vertex.Kind == quiver.KindBias {
		e.vertex[v], err = op.Input(e.g, e.dtype, vertex.Name, e.rows, vertex.Dim)
		return err
	}
	var terms []op.Term
	for _, i := range e.model.q.In(v) {
		a := e.model.arrows[i]
		if a.Rows*a.Cols == 0 {
			continue
		}
		t := op.Term{X: e.vertex[a.Source], Arrow: a.Name}
		if in, ok := e.model.q.Fixed(i).(quiver.Inclusion); ok && a.Fixed {
			t.Fixed = in
		} else if t.W, err = e.matrix(i); err != nil {
			return err
		}
		terms = append(terms, t)
	}
	if len(terms) == 0 { // nothing arrives: z = 0, shaped by a product with nothing
		zero, err := e.ones()
		if err != nil {
			return err
		}
		terms = append(terms, op.Term{X: zero, Fixed: quiver.Inclusion{Rows: vertex.Dim, Cols: 1}})
	}
	if n := e.model.params[v]; n > 0 {
		if e.param[v], err = e.input("p["+vertex.Name+"]", 1, n); err != nil {
			return err
		}
	}
	if !e.open {
		e.vertex[v], err = op.Vertex(vertex.Name, vertex.Name, vertex.Act, terms, e.param[v])
		return err
	}
	if e.sum[v], err = op.Sum(vertex.Name, "z["+vertex.Name+"]", terms); err != nil {
		return err
	}
	e.vertex[v], err = op.Act(vertex.Name, vertex.Name, vertex.Act, e.sum[v], e.param[v])
	return err
}

// matrix returns the node of arrow i's matrix; tied arrows share their owner's.
func (e *expression) matrix(i int) (*gorgonia.Node, error) {
	a := e.model.arrows[i]
	at := i
	if a.TiedTo != "" {
		at, _ = e.model.q.ArrowIndex(a.TiedTo)
	}
	if e.weight[at] == nil {
		letter := "W"
		if a.Fixed {
			letter = "F"
		}
		n, err := e.input(fmt.Sprintf("%s[%s]", letter, arrowName(e.model.arrows[at].Name)), a.Rows, a.Cols)
		if err != nil {
			return nil, err
		}
		e.weight[at] = n
		e.arrowAt[n] = at
	}
	e.weight[i] = e.weight[at]
	return e.weight[at], nil
}

const (
	onesName = "·1·" // of the column of ones
	unitName = "·1"  // of the seed of the sweep
)

func (e *expression) ones() (n *gorgonia.Node, err error) {
	if e.one == nil {
		e.one, err = e.input(onesName, e.rows, 1)
	}
	return e.one, err
}

// input adds an input that is no vertex. Gorgonia takes inputs of one name and size for one, and a vertex may have any
// legal name, "W[x→h]" too: a name that is taken is followed by a number, after a space, which no vertex has in its name.
func (e *expression) input(name string, rows, cols int) (*gorgonia.Node, error) {
	free := name
	for k := 2; e.names[free] || e.model.named[free]; k++ {
		free = fmt.Sprintf("%s %d", name, k)
	}
	if e.names == nil {
		e.names = make(map[string]bool)
	}
	e.names[free] = true
	return op.Input(e.g, e.dtype, free, rows, cols)
}

func dtypeOf(f32 bool) tensor.Dtype {
	if f32 {
		return tensor.Float32
	}
	return tensor.Float64
}

// sizeOf returns rows and columns of a node; vectors are columns, scalars 1×1.
func sizeOf(n *gorgonia.Node) [2]int {
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
