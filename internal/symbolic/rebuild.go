package symbolic

import (
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// rebuilder copies an expression to a graph of its own, node by node, and lets a rule put
// something else in the place of a node.
type rebuilder struct {
	from *Expr
	to   *Expr
	at   map[*gorgonia.Node]*gorgonia.Node
	need map[*gorgonia.Node]int // what the old expression needs, and how often
}

// rule returns what stands in the new graph for a node of the old one, whose inputs are in
// already; nil asks for a copy.
type rule func(r *rebuilder, n *gorgonia.Node, in gorgonia.Nodes) (*gorgonia.Node, error)

// rebuild applies a rule to every node that the expression needs, inputs first. Names and
// origins go over to what replaces a node; what a rule adds besides belongs to the same vertex.
func (x *Expr) rebuild(f rule) (*Expr, error) {
	e := *x.e
	e.Graph = gorgonia.NewGraph()
	r := &rebuilder{from: x, at: make(map[*gorgonia.Node]*gorgonia.Node), to: &Expr{p: x.p, e: &e, name: x.name, direction: x.direction,
		labels: labels{make(map[*gorgonia.Node]Origin), make(map[*gorgonia.Node]*formula.Formula), make(map[string]bool)},
		acts:   make(map[*gorgonia.Node]quiver.Activation), funcs: make(map[*gorgonia.Node]layers.Func)}}
	nodes := x.Nodes()
	r.need = map[*gorgonia.Node]int{x.node: 1}
	for _, n := range nodes {
		for _, c := range op.Children(n) {
			r.need[c]++
		}
	}
	for _, n := range nodes {
		if err := r.place(n, f); err != nil {
			return nil, err
		}
	}
	for old, n := range r.at { // the executor computes a vertex from its z, where that is needed anyway
		if o, ok := old.Op().(*op.Op); ok && o.Twin() != nil && r.at[o.Twin()] != nil {
			if own, ok := n.Op().(*op.Op); ok {
				own.SetTwin(r.at[o.Twin()])
			}
		}
	}
	for _, list := range []*[]*gorgonia.Node{&e.Vertex, &e.Sum, &e.Weight, &e.Params, &e.Target, &e.Share, &e.Segment, &e.Tangent, &e.Gradient, &e.HVP} {
		*list = r.over(*list)
	}
	e.Loss, e.Unit, e.Ones = r.at[e.Loss], r.at[e.Unit], r.at[e.Ones]
	r.to.node = r.at[x.node]
	return r.to, nil
}

func (r *rebuilder) over(ns []*gorgonia.Node) []*gorgonia.Node {
	out := make([]*gorgonia.Node, len(ns))
	for i, n := range ns {
		out[i] = r.at[n]
	}
	return out
}

// place puts a node into the new graph, once.
func (r *rebuilder) place(n *gorgonia.Node, f rule) error {
	if r.at[n] != nil {
		return nil
	}
	if o, own := n.Op().(*op.Op); own {
		if z := o.Twin(); r.need[z] > 0 { // the vertex may be made of its z
			if err := r.place(z, f); err != nil {
				return err
			}
		}
	}
	var in gorgonia.Nodes
	for _, c := range op.Children(n) {
		if err := r.place(c, f); err != nil {
			return err
		}
		in = append(in, r.at[c])
	}
	m, err := f(r, n, in)
	switch {
	case err != nil:
	case m != nil:
	case len(in) == 0:
		m, err = op.CopyLeaf(r.to.e.Graph, n)
	default:
		m, err = r.copy(n, in)
	}
	if err != nil {
		return err
	}
	r.at[n] = m
	r.adopt(n, m)
	return nil
}

// adopt gives m the name and the origin of n, and what m needs and no one knows its vertex.
func (r *rebuilder) adopt(n, m *gorgonia.Node) {
	l := r.to.labels
	o := r.from.labels.origin[n]
	if _, known := l.origin[m]; !known {
		r.settle(m, o.Vertex)
		l.origin[m] = o
	}
	if s := r.from.labels.symbol[n]; s != nil && l.symbol[m] == nil {
		l.name(m, s)
	}
}

// copy applies the operation of n to other inputs.
func (r *rebuilder) copy(n *gorgonia.Node, in gorgonia.Nodes) (*gorgonia.Node, error) {
	own, ok := n.Op().(*op.Op)
	if !ok {
		return op.Apply(n.Op(), in...)
	}
	m, err := own.Copy(n.Name(), in)
	if a := r.from.acts[n]; a != nil && err == nil {
		r.to.acts[m] = a
	}
	if h := r.from.funcs[n]; h != nil && err == nil {
		r.to.funcs[m] = h
	}
	return m, err
}

// settle gives origins to the nodes behind m that have none.
func (r *rebuilder) settle(m *gorgonia.Node, vertex string) {
	l := r.to.labels
	o := Origin{Vertex: vertex}
	for _, c := range op.Children(m) {
		if _, known := l.origin[c]; !known {
			r.settle(c, vertex)
		}
		o.Pass = max(o.Pass, l.origin[c].Pass)
	}
	l.origin[m] = o
}
