package graph

import (
	"fmt"
	"slices"
	"strings"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// expression is the Gorgonia graph of a quiver at one batch size.
type expression struct {
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
	e := &expression{g: gorgonia.NewGraph(), dtype: dt, rows: rows, open: open, arrowAt: make(map[*gorgonia.Node]int), sum: make([]*gorgonia.Node, q.NumVertices()),
		vertex: make([]*gorgonia.Node, q.NumVertices()), weight: make([]*gorgonia.Node, q.NumArrows()), param: make([]*gorgonia.Node, q.NumVertices())}
	for v, vertex := range p.vertices {
		if err := e.addVertex(p, v, vertex); err != nil {
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

func (e *expression) addVertex(p *model, v int, vertex quiver.Vertex) (err error) {
	if vertex.Dim == 0 {
		return nil
	}
	if vertex.Kind == quiver.KindInput || vertex.Kind == quiver.KindBias {
		e.vertex[v], err = op.Input(e.g, e.dtype, vertex.Name, e.rows, vertex.Dim)
		return err
	}
	var terms []op.Term
	for _, i := range p.q.In(v) {
		a := p.arrows[i]
		if a.Rows*a.Cols == 0 {
			continue
		}
		t := op.Term{X: e.vertex[a.Source], Arrow: a.Name}
		if in, ok := p.q.Fixed(i).(quiver.Inclusion); ok && a.Fixed {
			t.Fixed = in
		} else if t.W, err = e.matrix(p, i); err != nil {
			return err
		}
		terms = append(terms, t)
	}
	if len(terms) == 0 { // nothing arrives: z = 0, shaped by a product with nothing
		zero, err := e.ones(p)
		if err != nil {
			return err
		}
		terms = append(terms, op.Term{X: zero, Fixed: quiver.Inclusion{Rows: vertex.Dim, Cols: 1}})
	}
	if n := p.params[v]; n > 0 {
		if e.param[v], err = e.input(p, "p["+vertex.Name+"]", 1, n); err != nil {
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
func (e *expression) matrix(p *model, i int) (*gorgonia.Node, error) {
	a := p.arrows[i]
	at := i
	if a.TiedTo != "" {
		at, _ = p.q.ArrowIndex(a.TiedTo)
	}
	if e.weight[at] == nil {
		letter := "W"
		if a.Fixed {
			letter = "F"
		}
		n, err := e.input(p, fmt.Sprintf("%s[%s]", letter, arrowName(p.arrows[at].Name)), a.Rows, a.Cols)
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

func (e *expression) ones(p *model) (n *gorgonia.Node, err error) {
	if e.one == nil {
		e.one, err = e.input(p, onesName, e.rows, 1)
	}
	return e.one, err
}

// input adds an input that is no vertex. Gorgonia takes inputs of one name and size for one, and a vertex may have any
// legal name, "W[x→h]" too: a name that is taken is followed by a number, after a space, which no vertex has in its name.
func (e *expression) input(p *model, name string, rows, cols int) (*gorgonia.Node, error) {
	free := name
	for k := 2; e.names[free] || p.named[free]; k++ {
		free = fmt.Sprintf("%s %d", name, k)
	}
	if e.names == nil {
		e.names = make(map[string]bool)
	}
	e.names[free] = true
	return op.Input(e.g, e.dtype, free, rows, cols)
}

// addLoss adds the losses and their gradients in the weights; widths are the targets' columns.
func (e *expression) addLoss(p *model, widths []int) error {
	if err := e.addLossTerms(p, widths); err != nil {
		return err
	}
	var wrt gorgonia.Nodes
	for _, n := range e.segment {
		if n != nil {
			wrt = append(wrt, n)
		}
	}
	grads, err := e.gradients(wrt)
	if err != nil {
		return err
	}
	e.grad = scatter(e.segment, grads)
	return nil
}

// gradients adds the gradients of the loss at nodes.
func (e *expression) gradients(wrt gorgonia.Nodes) (gorgonia.Nodes, error) {
	return op.Backprop(gorgonia.Nodes{e.loss}, gorgonia.Nodes{e.unit}, wrt)
}

// addLossTerms adds the losses, their sum and the seed of the sweep.
func (e *expression) addLossTerms(p *model, widths []int) error {
	var terms gorgonia.Nodes
	for i, l := range p.losses {
		y := e.vertex[p.lossAt[i]]
		t, err := e.input(p, fmt.Sprintf("t%d[%s]", i+1, l.output), e.rows, widths[i])
		if err != nil {
			return err
		}
		c, err := e.input(p, fmt.Sprintf("c%d[%s]", i+1, l.output), 1, 1)
		if err != nil {
			return err
		}
		e.target, e.share = append(e.target, t), append(e.share, c)
		sum, err := l.loss.build(l.output, y, t)
		if err != nil {
			return err
		}
		e.lossSum = append(e.lossSum, sum)
		n, err := op.Scale(l.output, c.Name()+"·"+l.loss.name, sum, c)
		if err != nil {
			return err
		}
		terms = append(terms, n)
	}
	var err error
	if e.loss, err = op.Add("loss", "L", terms...); err != nil {
		return err
	}
	e.unit, err = e.input(p, unitName, 1, 1)
	return err
}

// ownerOf returns the vertex or arrow that a node belongs to; for an operation of Gorgonia, the output whose
// loss it computes or differentiates.
func (e *expression) ownerOf(p *model, n *gorgonia.Node) string {
	if o, ok := n.Op().(*op.Op); ok {
		return o.Owner()
	}
	for i, l := range p.losses { // what reads the target of a loss, directly or not, is part of that loss
		if i < len(e.target) && slices.Contains(op.Ancestors(gorgonia.Nodes{n}), e.target[i]) {
			return l.output
		}
	}
	for i, l := range p.losses {
		if i < len(e.lossSum) && slices.Contains(op.Ancestors(gorgonia.Nodes{e.lossSum[i]}), n) {
			return l.output
		}
	}
	return "loss"
}

// scatter puts the values for the segments that are not nil into place.
func scatter(at, values []*gorgonia.Node) []*gorgonia.Node {
	out := make([]*gorgonia.Node, len(at))
	for i, n := range at {
		if n != nil {
			out[i], values = values[0], values[1:]
		}
	}
	return out
}

// addHessian adds the gradient of ⟨∂L/∂w, v⟩.
func (e *expression) addHessian(p *model) error {
	e.tangent = make([]*gorgonia.Node, len(e.segment))
	var outs, seeds, wrt gorgonia.Nodes
	for i, n := range e.segment {
		if n == nil {
			continue
		}
		wrt = append(wrt, n)
		v, err := e.input(p, "v·"+n.Name(), n.Shape()[0], n.Shape()[1])
		if err != nil {
			return err
		}
		e.tangent[i] = v
		if e.grad[i] != nil {
			outs, seeds = append(outs, e.grad[i]), append(seeds, v)
		}
	}
	hs := make(gorgonia.Nodes, len(wrt))
	if len(outs) > 0 {
		var err error
		if hs, err = op.Backprop(outs, seeds, wrt); err != nil {
			return err
		}
	}
	e.hvp = scatter(e.segment, hs)
	return nil
}

func dtypeOf(f32 bool) tensor.Dtype {
	if f32 {
		return tensor.Float32
	}
	return tensor.Float64
}
