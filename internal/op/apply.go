package op

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// NodeError reports a node that could not be made.
type NodeError struct {
	Name   string
	Reason string
}

func (e *NodeError) Error() string { return fmt.Sprintf("graph: node %q: %s", e.Name, e.Reason) }

// Input adds an input node, rows×cols. Gorgonia takes two inputs of the same name, type and
// shape for one; so the name must be new, and not empty.
func Input(g *gorgonia.ExprGraph, dt tensor.Dtype, name string, rows, cols int) (n *gorgonia.Node, err error) {
	if name == "" {
		return nil, &NodeError{name, "an input needs a name"}
	}
	if rows <= 0 || cols <= 0 {
		return nil, &NodeError{name, fmt.Sprintf("size %d×%d; Gorgonia has no empty matrices, prune them", rows, cols)}
	}
	defer func() {
		if r := recover(); r != nil {
			n, err = nil, &NodeError{name, fmt.Sprint(r)}
		}
	}()
	before := len(g.AllNodes())
	prepare(g)
	n = gorgonia.NewMatrix(g, dt, gorgonia.WithShape(rows, cols), gorgonia.WithName(name))
	if len(g.AllNodes()) != before+1 {
		return nil, &NodeError{name, "the graph has an input of that name already"}
	}
	return n, nil
}

// Apply adds the node o(children…). Gorgonia identifies nodes by a 32-bit hash and
// compares neither children nor values, so that different nodes can become one; the
// returned node is therefore compared with what was asked for. An own Op may be
// applied once.
func Apply(o gorgonia.Op, children ...*gorgonia.Node) (n *gorgonia.Node, err error) {
	name := o.String()
	defer func() {
		if r := recover(); r != nil {
			n, err = nil, &NodeError{name, fmt.Sprint(r)}
		}
	}()
	for i, c := range children {
		if c == nil {
			return nil, &NodeError{name, fmt.Sprintf("input %d is nil", i)}
		}
	}
	if len(children) == 0 {
		return nil, &NodeError{name, "no inputs"}
	}
	own, ok := o.(*Op)
	if ok {
		if own.children != nil {
			return nil, &NodeError{name, "the operation belongs to another node already"}
		}
		own.children = append(gorgonia.Nodes(nil), children...)
	}
	prepare(children[0].Graph())
	if n, err = gorgonia.ApplyOp(o, children...); err != nil {
		return nil, &NodeError{name, err.Error()}
	}
	if got := Children(n); len(got) != len(children) || ok && n.Op() != gorgonia.Op(own) {
		return nil, &NodeError{name, "Gorgonia merged it with another node"}
	} else {
		for i := range got {
			if got[i] != children[i] {
				return nil, &NodeError{name, "Gorgonia merged it with a node that has other inputs"}
			}
		}
	}
	if ok {
		gorgonia.WithName(own.label)(n)
	}
	return n, nil
}

// Children returns the inputs of a node, in the order of the operation's arguments.
func Children(n *gorgonia.Node) gorgonia.Nodes {
	if o, ok := n.Op().(*Op); ok {
		return o.children
	}
	it := n.Graph().From(n.ID())
	if it == nil {
		return nil
	}
	var cs gorgonia.Nodes
	for it.Next() {
		cs = append(cs, it.Node().(*gorgonia.Node))
	}
	return cs
}
