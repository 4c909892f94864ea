package rebuild

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/internal/shrink"
)

// Builder holds a new graph, and what became of each node of the old one.
type Builder struct {
	Reduction    *shrink.Reduction
	Graph        *gorgonia.ExprGraph
	Fused        bool                        // vertices are operations of this library
	out          map[*ir.Node]*gorgonia.Node // nil for an arrow that was merged into another
	done         map[*ir.Node]bool           // out has the node, or nil
	altered      map[*ir.Node]bool           // the value has other coordinates, or none
	changed      map[*ir.Node]*shrink.Weight // the weights that change
	weights      map[*ir.Node]*gorgonia.Node // the new weights, by old ones
	Fixed        gorgonia.Nodes              // matrices that the rewriting made
	names        map[string]bool
	made         map[string]bool                    // names of inputs with their types and shapes
	bases        map[*regions.Vertex]*gorgonia.Node // what an activation reads instead of its base
	chain        map[*ir.Node]*shrink.Weight        // the nodes between a changed bias and its sum
	ones         map[string]*gorgonia.Node
	fusedWeights map[fusedKey]*gorgonia.Node
	fusedOrder   gorgonia.Nodes
	merged       map[*regions.Vertex]bool // arrows of it were merged: partial sums have other values
	spans        map[*shrink.Span]*gorgonia.Node
	owner        map[*gorgonia.Node]*ir.Node // for which expression a node was made
	owned        int                         // so many nodes of the graph have an owner
	shared       map[string]*gorgonia.Node   // fixed matrices by their numbers
	unfused      map[*regions.Vertex]bool    // vertices that stay operations of Gorgonia's
}

// Build makes the graph twice: the second time it knows which nodes are needed, and makes them
// in the order of the old graph, so that inputs stand as their maker put them.
func Build(r *shrink.Reduction, fused bool) (*Builder, error) {
	var order []*ir.Node
	for _, e := range r.Regions.Graph.Nodes {
		if e.Root || r.Regions.Graph.KeepsDead && len(e.Uses) == 0 {
			order = append(order, e)
		}
	}
	first := newBuilder(r, fused)
	if err := first.all(order); err != nil {
		return nil, err
	}
	b := newBuilder(r, fused)
	for _, e := range r.Regions.Graph.Nodes {
		if e.Role == ir.Weight && !first.done[e] { // its name is free for the matrix that replaces it
			delete(b.names, inspect.GivenName(e.Old))
		}
	}
	for _, e := range r.Regions.Graph.Nodes { // unless an input that stays has it
		if first.done[e] && e.Old != nil && e.Old.Op() == nil {
			b.names[inspect.GivenName(e.Old)] = true
		}
	}
	order = slices.DeleteFunc(slices.Clone(r.Regions.Graph.Nodes), func(e *ir.Node) bool { return !first.done[e] || e.Kind.Name == "size" && !e.Root && len(e.Uses) > 0 })
	return b, b.all(order)
}

func (b *Builder) all(es []*ir.Node) error {
	for _, e := range es {
		if _, err := b.emit(e); err != nil {
			return err
		}
	}
	return nil
}

func newBuilder(r *shrink.Reduction, fused bool) *Builder {
	b := &Builder{
		Reduction: r, Graph: gorgonia.NewGraph(), Fused: fused, changed: r.Weights(),
		out: make(map[*ir.Node]*gorgonia.Node), done: make(map[*ir.Node]bool), altered: make(map[*ir.Node]bool),
		weights: make(map[*ir.Node]*gorgonia.Node), names: make(map[string]bool), made: make(map[string]bool), bases: make(map[*regions.Vertex]*gorgonia.Node),
		chain: make(map[*ir.Node]*shrink.Weight), ones: make(map[string]*gorgonia.Node), merged: make(map[*regions.Vertex]bool),
		fusedWeights: make(map[fusedKey]*gorgonia.Node), spans: make(map[*shrink.Span]*gorgonia.Node),
		owner: make(map[*gorgonia.Node]*ir.Node), shared: make(map[string]*gorgonia.Node),
	}
	for _, e := range r.Regions.Graph.Nodes {
		if e.Old != nil && e.Old.Op() == nil {
			b.names[inspect.GivenName(e.Old)] = true
		}
	}
	for _, v := range r.Regions.Vertices {
		for _, t := range v.Arrows {
			b.merged[v] = b.merged[v] || r.Matrices[t] == nil || r.Spans[t] != nil
		}
	}
	if fused {
		b.unfused = b.findUnfused()
	}
	for _, s := range regions.Each[*regions.Sum](r.Regions) {
		for _, s := range s.Biases {
			if s != nil && b.changed[s.Weight] != nil {
				for _, n := range s.Chain {
					b.chain[n] = b.changed[s.Weight]
				}
			}
		}
	}
	return b
}

// Roots returns the new nodes of the graph's roots.
func (b *Builder) Roots() (ns gorgonia.Nodes) {
	for _, e := range b.Reduction.Regions.Graph.Roots {
		ns = append(ns, b.out[e])
	}
	return ns
}

// Trainable returns the new weights, in the order of the old ones, and then those of operations of this library.
func (b *Builder) Trainable() (ns gorgonia.Nodes) {
	for _, e := range b.Reduction.Regions.Graph.Nodes {
		if n := b.weights[e]; n != nil {
			ns = append(ns, n)
		}
	}
	return append(ns, b.fusedOrder...)
}

// Owner returns the old node for which a new node was made, or nil.
func (b *Builder) Owner(n *gorgonia.Node) *ir.Node { return b.owner[n] }

// IsAltered says whether the new value of e has other coordinates, or none.
func (b *Builder) IsAltered(e *ir.Node) bool { return b.altered[e] }

// Ones counts the numbers of the columns of ones, which stand for the samples.
func (b *Builder) Ones() (k int) {
	for _, n := range b.ones {
		k += n.Shape().TotalSize()
	}
	return k
}

// emit returns the node of e in the new graph; nil for an arrow that is no longer there.
func (b *Builder) emit(e *ir.Node) (*gorgonia.Node, error) {
	if b.done[e] {
		return b.out[e], nil
	}
	n, err := b.node(e)
	if err != nil {
		if _, ok := err.(*NodeError); !ok {
			err = &NodeError{e.Name(), err}
		}
		return nil, err
	}
	if n != nil && e.Old != nil && e.Old.Op() != nil && inspect.IsNamed(e.Old) && !inspect.IsNamed(n) {
		gorgonia.WithName(inspect.GivenName(e.Old))(n)
	}
	for _, m := range b.Graph.AllNodes()[b.owned:] { // what is inside has its owners by now
		b.owner[m] = e
	}
	b.owned = len(b.Graph.AllNodes())
	b.out[e], b.done[e] = n, true
	return n, nil
}

func (b *Builder) node(e *ir.Node) (*gorgonia.Node, error) {
	l := b.Reduction.Regions
	switch v := l.VertexOf(e); {
	case len(e.In) == 0:
		return b.input(e)
	case v != nil && b.whole(v):
		return b.vertex(v)
	case v != nil && l.IsCopy(e):
		return b.copies(v)
	case l.Sum(e) != nil && l.SumOf(e) != nil:
		return b.sum(e, l.SumOf(e))
	case l.Gain(e) != nil && l.SumOf(e) != nil:
		return b.gain(e, l.SumOf(e))
	case l.Decay(e) != nil && b.changed[l.Decay(e).Weight] != nil:
		return b.decay(e, l.Decay(e))
	case l.Scaling(e) != nil && l.SumOf(e) != nil:
		return b.scale(e, l.SumOf(e))
	case l.Product(e) != nil && l.SumOf(e) != nil:
		return b.product(e, l.SumOf(e))
	case v != nil && v.Spelled != nil:
		n, err := b.plain(e)
		b.altered[e] = b.Reduction.IsSmaller(v)
		return n, err
	}
	return b.plain(e)
}

// plain applies the operation of e to what its inputs became.
func (b *Builder) plain(e *ir.Node) (*gorgonia.Node, error) {
	var in gorgonia.Nodes
	for _, c := range e.In {
		n, err := b.operand(e, c)
		if err != nil {
			return nil, err
		}
		in = append(in, n)
	}
	return b.apply(e, in)
}

// whole says whether a vertex becomes one operation of this library.
func (b *Builder) whole(v *regions.Vertex) bool {
	return b.Reduction.Regions.IsOperation(v.Node) || b.Fused && !b.unfused[v]
}

// NodeError names the node that could not be made.
type NodeError struct {
	Node string
	Err  error
}

// Error names the node and the cause.
func (e *NodeError) Error() string { return fmt.Sprintf("rebuilding node %q: %v", e.Node, e.Err) }

// Unwrap returns the cause.
func (e *NodeError) Unwrap() error { return e.Err }

// errMerged says that two nodes have one hash of 32 bits; other names of the inputs
// give other hashes.
var errMerged = errors.New("its hash is that of another node, and Gorgonia merged the two; rename an input of the graph")

// checked makes a node with one of Gorgonia's functions, turns its panics into errors, and
// sees that the node reads what it should.
func (b *Builder) checked(make func() (*gorgonia.Node, error), in ...*gorgonia.Node) (n *gorgonia.Node, err error) {
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
		return nil, errMerged
	}
	for i := range in {
		if got[i] != in[i] {
			return nil, errMerged
		}
	}
	return n, nil
}

// Equal returns the new node with the value of e, or nil.
func (b *Builder) Equal(e *ir.Node) *gorgonia.Node {
	if e == nil || e.Moved {
		return nil
	}
	if e.Same != nil && !b.done[e] {
		e = e.Same
	}
	if b.altered[e] {
		return nil
	}
	return b.out[e]
}
