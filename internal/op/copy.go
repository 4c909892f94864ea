package op

import (
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
)

// Copy applies the operation of o to other inputs, in their graph: the same computation as
// a new node with its own label.
func (o *Op) Copy(label string, in gorgonia.Nodes) (*gorgonia.Node, error) {
	if len(in) != o.arity {
		return nil, &NodeError{o.label, fmt.Sprintf("%d inputs, want %d", len(in), o.arity)}
	}
	if k, ok := o.kernel.(*vertex); ok {
		terms, params := k.over(in)
		return makeVertex(&vertex{act: k.act, params: k.params, terms: terms}, o.owner, label, params)
	}
	c := newOp(o.kernel, o.owner, label, o.arity)
	c.vecIn, c.vecOut, c.coefficients, c.act, c.fixed = o.vecIn, o.vecOut, o.coefficients, o.act, o.fixed
	c.dims, c.out = o.dims, o.out
	return Apply(c, in...)
}

// Label returns the label, which is the name of the node.
func (o *Op) Label() string { return o.label }

// HasParams says whether the last input of a vertex holds the parameters of its activation.
func (o *Op) HasParams() bool {
	k, ok := o.kernel.(*vertex)
	return ok && k.params
}

// over returns the terms of the vertex on other inputs, and the node of the parameters.
func (k *vertex) over(in gorgonia.Nodes) (terms []Term, params *gorgonia.Node) {
	terms = slices.Clone(k.terms)
	for j := range terms {
		terms[j].X, in = in[0], in[1:]
		if terms[j].W != nil {
			terms[j].W, in = in[0], in[1:]
		}
	}
	if k.params {
		params = in[0]
	}
	return terms, params
}

// SetTwin says that z holds the pre-activation of the vertex, as Twin reports it.
func (o *Op) SetTwin(z *gorgonia.Node) {
	if k, ok := o.kernel.(*vertex); ok {
		k.sum = z
	}
}

// CopyLeaf adds an input or a constant like n to a graph.
func CopyLeaf(g *gorgonia.ExprGraph, n *gorgonia.Node) (c *gorgonia.Node, err error) {
	if n.Op() == nil && n.Value() == nil && n.Dims() == 2 {
		return Input(g, n.Dtype(), n.Name(), n.Shape()[0], n.Shape()[1])
	}
	defer func() {
		if r := recover(); r != nil {
			c, err = nil, &NodeError{n.Name(), "it cannot be copied"}
		}
	}()
	prepare(g)
	return n.CloneTo(g), nil
}

// Order returns which derivative a jet or an elementary function is, 0 for another operation.
func (o *Op) Order() int {
	if k, ok := o.kernel.(*both); ok {
		return k.order
	}
	return 0
}

// Act returns the node ρ(z), n×d. params is 1×p, or nil where the activation has none.
func Act(owner, label string, act quiver.Activation, z, params *gorgonia.Node) (*gorgonia.Node, error) {
	k := &both{is: KindAct, size: likeZ, tmp: func(in [][2]int) int {
		n := in[0][1]
		if params != nil {
			n += in[1][1]
		}
		return n
	}}
	k.f64 = func(d Mat[float64], in []Mat[float64], tmp []float64) { applyRows(act, d, in[0], dataOf(in), tmp) }
	k.f32 = func(d Mat[float32], in []Mat[float32], tmp []float64) { applyRows(act, d, in[0], dataOf(in), tmp) }
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		var p *gorgonia.Node
		if len(in) == 2 {
			p = in[1]
		}
		makes := []func() (*gorgonia.Node, error){
			func() (*gorgonia.Node, error) { return ActVJP(o.owner, "δ["+o.owner+"]", act, in[0], g, p) },
			func() (*gorgonia.Node, error) {
				return ActVJPParams(o.owner, "∂L/∂p["+o.owner+"]", act, in[0], g, p)
			},
		}
		return gradients(wanted, makes[:len(in)]...)
	}
	in := gorgonia.Nodes{z}
	if params != nil {
		in = append(in, params)
	}
	if act == quiver.Identity && params == nil {
		return z, nil
	}
	return Apply(newOp(k, owner, label, len(in)), in...)
}

// dataOf returns the parameters, the second input, or nil.
func dataOf[T Float](in []Mat[T]) []T {
	if len(in) < 2 {
		return nil
	}
	return in[1].Data
}

// Over returns the terms of a vertex or a sum on other inputs, and the node of its parameters.
func (o *Op) Over(in gorgonia.Nodes) (terms []Term, params *gorgonia.Node) {
	if k, ok := o.kernel.(*vertex); ok {
		return k.over(in)
	}
	return nil, nil
}
