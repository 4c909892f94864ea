package op

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
)

// Activation returns the activation of a vertex, Identity for a sum, nil for another
// operation.
func (o *Op) Activation() quiver.Activation {
	k, ok := o.kernel.(*vertex)
	switch {
	case !ok:
		return nil
	case k.act == nil:
		return quiver.Identity
	}
	return k.act
}

// HasParams says whether the last input holds the parameters of the activation.
func (o *Op) HasParams() bool {
	k, ok := o.kernel.(*vertex)
	return ok && k.params
}

// Copy applies the operation to other inputs, of another graph for example. An Op belongs to one
// node, so the new node gets an Op of its own.
func Copy(o *Op, in ...*gorgonia.Node) (*gorgonia.Node, error) {
	if len(in) != o.arity {
		return nil, &NodeError{o.label, fmt.Sprintf("%d inputs, want %d", len(in), o.arity)}
	}
	if k, ok := o.kernel.(*vertex); ok {
		c := &vertex{act: k.act, params: k.params, terms: append([]Term(nil), k.terms...)}
		i := 0
		for j := range c.terms {
			c.terms[j].X = in[i]
			if i++; c.terms[j].W != nil {
				c.terms[j].W = in[i]
				i++
			}
		}
		var params *gorgonia.Node
		if k.params {
			params = in[i]
		}
		return makeVertex(c, o.owner, o.label, params)
	}
	c := newOp(o.kernel, o.owner, o.label, o.arity)
	c.vecIn, c.vecOut, c.coefficients = o.vecIn, o.vecOut, o.coefficients
	return Apply(c, in...)
}
