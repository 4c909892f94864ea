package rewrite

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
)

// builder makes the new graph, node by node.
type builder struct {
	r            *reduction
	g            *gorgonia.ExprGraph
	fused        bool
	out          map[*expr]*gorgonia.Node // nil for a term that was merged into another
	done         map[*expr]bool
	altered      map[*expr]bool // the value has other coordinates, or none
	leaves       map[*expr]*leaf
	weights      map[*expr]*gorgonia.Node // the new weights, by old ones
	fixed        gorgonia.Nodes           // matrices that the rewriting made
	names        map[string]bool
	bases        map[*vertex]*gorgonia.Node // what an activation reads instead of its base
	chain        map[*expr]*leaf            // the nodes between a changed bias and its sum
	ones         map[string]*gorgonia.Node
	fusedWeights map[fusedKey]*gorgonia.Node
	fusedOrder   gorgonia.Nodes
	loose        map[*vertex]bool // arrows of it were merged: partial sums have other values
}

// build makes the graph twice: the second time it knows which nodes are needed, and makes them
// in the order of the old graph, so that inputs stand as their maker put them.
func (r *reduction) build(fused bool) (*builder, error) {
	var order []*expr
	for _, e := range r.l.a.exprs {
		if e.root || r.l.a.all && len(e.uses) == 0 {
			order = append(order, e)
		}
	}
	first := r.builder(fused)
	if err := first.all(order); err != nil {
		return nil, err
	}
	b := r.builder(fused)
	order = slices.DeleteFunc(slices.Clone(r.l.a.exprs), func(e *expr) bool { return !first.done[e] || e.kind.name == "size" && !e.root })
	return b, b.all(order)
}

func (b *builder) all(es []*expr) error {
	for _, e := range es {
		if _, err := b.emit(e); err != nil {
			return err
		}
	}
	return nil
}

func (r *reduction) builder(fused bool) *builder {
	b := &builder{r: r, g: gorgonia.NewGraph(), fused: fused, out: make(map[*expr]*gorgonia.Node), done: make(map[*expr]bool), altered: make(map[*expr]bool), leaves: r.leaves(),
		weights: make(map[*expr]*gorgonia.Node), names: make(map[string]bool), bases: make(map[*vertex]*gorgonia.Node), chain: make(map[*expr]*leaf), ones: make(map[string]*gorgonia.Node), loose: make(map[*vertex]bool), fusedWeights: make(map[fusedKey]*gorgonia.Node)}
	for _, e := range r.l.a.exprs {
		if e.old != nil && e.old.Op() == nil {
			b.names[e.old.Name()] = true
		}
	}
	for _, v := range r.l.vertices {
		for _, t := range v.terms {
			b.loose[v] = b.loose[v] || r.mats[t] == nil
		}
	}
	for _, terms := range r.l.sums {
		for _, s := range terms {
			if s != nil && b.leaves[s.b] != nil {
				for _, n := range s.chain {
					b.chain[n] = b.leaves[s.b]
				}
			}
		}
	}
	return b
}

// emit returns the node of e in the new graph; nil for a term that is no longer there.
func (b *builder) emit(e *expr) (*gorgonia.Node, error) {
	if b.done[e] {
		return b.out[e], nil
	}
	n, err := b.node(e)
	if err != nil {
		if _, ok := err.(*BuildError); !ok {
			err = &BuildError{e.name(), err}
		}
		return nil, err
	}
	if n != nil && e.old != nil && e.old.Op() != nil && ownName(e.old) && !ownName(n) {
		gorgonia.WithName(e.old.Name())(n)
	}
	b.out[e], b.done[e] = n, true
	return n, nil
}

func (b *builder) node(e *expr) (*gorgonia.Node, error) {
	l := b.r.l
	switch v := l.of[e]; {
	case len(e.in) == 0:
		return b.input(e)
	case v != nil && (l.owns[e] || b.fused && v.lay == rows && fusible(v)):
		return b.vertex(v)
	case v != nil && (l.concats[e] || l.slices[e]):
		return b.copies(v)
	case l.sums[e] != nil && l.tree[e] != nil:
		return b.sum(e, l.tree[e])
	case l.products[e] != nil && l.tree[e] != nil:
		return b.product(e, l.tree[e])
	case v != nil && v.acts != nil:
		n, err := b.plain(e)
		b.altered[e] = b.r.shrunk(v)
		return n, err
	}
	return b.plain(e)
}

// plain applies the operation of e to what its inputs became.
func (b *builder) plain(e *expr) (*gorgonia.Node, error) {
	var in gorgonia.Nodes
	for _, c := range e.in {
		n, err := b.operand(e, c)
		if err != nil {
			return nil, err
		}
		in = append(in, n)
	}
	return b.apply(e, in)
}

// operand returns what e reads for c. A size is taken from what its reader sees.
func (b *builder) operand(e, c *expr) (*gorgonia.Node, error) {
	if c.kind.name != "size" {
		n, err := b.seen(e, c)
		if n == b.out[c] {
			b.altered[e] = b.altered[e] || b.altered[c]
		} else {
			b.altered[e] = b.altered[e] || b.r.shrunk(b.r.l.pattern[e])
		}
		return n, err
	}
	x, err := b.seen(e, c.in[0])
	if err != nil {
		return nil, err
	}
	axis := c.kind.axes[0]
	if s := x.Shape(); len(s) == len(c.in[0].shape) && s[axis] != c.in[0].shape[axis] && e.kind.name != "repeat" {
		return b.number(c.dt, float64(c.in[0].shape[axis])), nil // the width that was meant stays
	}
	b.out[c], err = b.checked(func() (*gorgonia.Node, error) { return gorgonia.SizeOf(axis, x) }, x)
	b.done[c] = true
	return b.out[c], err
}

// seen returns what e sees of c: inside an activation of a value that other vertices read, too, the
// value in the activation's own coordinates.
func (b *builder) seen(e, c *expr) (*gorgonia.Node, error) {
	v := b.r.l.pattern[e]
	if v == nil || v.acts.base != c || v.terms[0].slot != onBase || b.r.copies(v, v.terms[0]) {
		return b.emit(c)
	}
	if b.bases[v] == nil {
		x, err := b.emit(c)
		if err != nil {
			return nil, err
		}
		if b.bases[v], err = b.times(x, v.terms[0], v, b.r.mats[v.terms[0]]); err != nil {
			return nil, err
		}
	}
	return b.bases[v], nil
}

// apply makes a node of e's operation. Gorgonia's elementwise operations and products know
// the number of axes and the precision of their inputs and nothing of the sizes, so they can be used
// again; reductions and reshapes know sizes and are made afresh where those change.
func (b *builder) apply(e *expr, in gorgonia.Nodes) (*gorgonia.Node, error) {
	same := true
	for i, c := range e.in {
		same = same && slices.Equal([]int(in[i].Shape()), []int(c.shape))
	}
	if c := b.chain[e]; c != nil {
		b.altered[e] = true
		if e.kind.name == "reshape" {
			shape := slices.Clone(e.shape)
			for i, s := range shape {
				if s == e.shape.TotalSize() {
					shape[i] = len(c.x)
					break
				}
			}
			return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Reshape(in[0], shape) }, in[0])
		}
	}
	switch {
	case e.kind.own != nil:
		return op.Copy(e.kind.own, in...)
	case e.kind.name == "sum" && !same:
		return b.checked(func() (*gorgonia.Node, error) { return gorgonia.Sum(in[0], e.kind.axes...) }, in[0])
	case e.kind.name == "size":
		return b.checked(func() (*gorgonia.Node, error) { return gorgonia.SizeOf(e.kind.axes[0], in[0]) }, in[0])
	}
	return op.Apply(e.op, in...)
}

// checked makes a node with one of Gorgonia's functions, turns its panics into errors, and
// sees that the node reads what it should.
func (b *builder) checked(make func() (*gorgonia.Node, error), in ...*gorgonia.Node) (n *gorgonia.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			n, err = nil, fmt.Errorf("%v", r)
		}
	}()
	if n, err = make(); err != nil {
		return nil, err
	}
	got := op.Children(n)
	if len(got) != len(in) {
		return nil, fmt.Errorf("Gorgonia merged it with another node")
	}
	for i := range in {
		if got[i] != in[i] && !(got[i].Op() != nil && kindOf(got[i].Op()).name == "constant") {
			return nil, fmt.Errorf("Gorgonia merged it with a node that has other inputs")
		}
	}
	return n, nil
}

// name returns a name that no input of either graph has.
func (b *builder) name(want string) string {
	name := want
	for i := 2; b.names[name]; i++ {
		name = fmt.Sprintf("%s.%d", want, i)
	}
	b.names[name] = true
	return name
}

// number returns a scalar constant. Gorgonia takes constants of one name for one, so the name
// holds the precision.
func (b *builder) number(dt tensor.Dtype, x float64) *gorgonia.Node {
	return b.scalar(tensorOf(dt, nil, []float64{x}))
}

func (b *builder) scalar(v gorgonia.Value) *gorgonia.Node {
	return b.g.AddNode(gorgonia.NewConstant(v, gorgonia.WithName(fmt.Sprintf("%v %v", v.Dtype(), v.Data()))))
}

// matrix adds an input with fixed numbers, r×c.
func (b *builder) matrix(name string, dt tensor.Dtype, m mat.Matrix) (*gorgonia.Node, error) {
	r, c := m.Dims()
	x := make([]float64, 0, r*c)
	for i := range r {
		for j := range c {
			x = append(x, m.At(i, j))
		}
	}
	n, err := op.Input(b.g, dt, b.name(name), r, c)
	if err != nil {
		return nil, err
	}
	b.fixed = append(b.fixed, n)
	return n, gorgonia.Let(n, tensorOf(dt, []int{r, c}, x))
}

// input makes an input or a constant.
func (b *builder) input(e *expr) (*gorgonia.Node, error) {
	if l := b.leaves[e]; l != nil {
		b.altered[e] = true
		n, err := b.variable(e.old.Name(), e.old, l.shape)
		if err != nil {
			return nil, err
		}
		b.weights[e] = n
		return n, gorgonia.Let(n, tensorOf(e.dt, l.shape, l.x))
	}
	switch {
	case e.old == nil:
		return b.matrix("fixed product", e.dt, mat.NewDense(e.shape[0], e.shape[1], mustNumbers(e.value)))
	case e.kind.name == "constant" && e.scalar():
		v, err := gorgonia.CloneValue(e.value)
		if err != nil {
			return nil, err
		}
		return b.scalar(v), nil
	case e.kind.name == "constant": // never a constant tensor: Gorgonia merges those by their abbreviated text
		n, err := b.variable(b.name("constant"), e.old, e.shape)
		if err != nil {
			return nil, err
		}
		b.fixed = append(b.fixed, n)
		return n, let(n, e.value)
	case e.op != nil:
		return gorgonia.NewUniqueNode(gorgonia.WithOp(e.op), gorgonia.In(b.g), gorgonia.WithType(e.old.Type()), gorgonia.WithName(e.old.Name()), gorgonia.WithShape(e.shape...)), nil
	}
	n, err := b.variable(e.old.Name(), e.old, e.shape)
	if err != nil {
		return nil, err
	}
	if e.role == weight {
		b.weights[e] = n
	}
	if e.value == nil {
		return n, nil
	}
	return n, let(n, e.value)
}

func mustNumbers(v gorgonia.Value) []float64 {
	x, _ := numbers(v)
	return x
}

// let gives a node a copy of a value.
func let(n *gorgonia.Node, v gorgonia.Value) error {
	c, err := gorgonia.CloneValue(v)
	if err != nil {
		return err
	}
	return gorgonia.Let(n, c)
}

// variable adds an input of the type of old and another shape.
func (b *builder) variable(name string, old *gorgonia.Node, shape []int) (n *gorgonia.Node, err error) {
	if name == "" || name[0] == '%' {
		name = b.name("input")
	}
	defer func() {
		if r := recover(); r != nil {
			n, err = nil, fmt.Errorf("%v", r)
		}
	}()
	opts := []gorgonia.NodeConsOpt{gorgonia.In(b.g), gorgonia.WithType(old.Type()), gorgonia.WithName(name)}
	if len(shape) > 0 {
		opts = append(opts, gorgonia.WithShape(shape...))
	}
	before := len(b.g.AllNodes())
	n = gorgonia.NewUniqueNode(opts...)
	if len(b.g.AllNodes()) != before+1 {
		return nil, fmt.Errorf("the new graph has an input of that name, type and shape already")
	}
	return n, nil
}
