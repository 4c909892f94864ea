package graph

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/op"
	"gorgonia.org/gorgonia"
)

// addLoss adds the losses and their gradients in the weights; widths are the targets' columns.
func (e *expression) addLoss(widths []int) error {
	if err := e.addLossTerms(widths); err != nil {
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
func (e *expression) addLossTerms(widths []int) error {
	var terms gorgonia.Nodes
	for i, l := range e.model.losses {
		y := e.vertex[e.model.lossAt[i]]
		t, err := e.input(fmt.Sprintf("t%d[%s]", i+1, l.output), e.rows, widths[i])
		if err != nil {
			return err
		}
		c, err := e.input(fmt.Sprintf("c%d[%s]", i+1, l.output), 1, 1)
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
	e.unit, err = e.input(unitName, 1, 1)
	return err
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
func (e *expression) addHessian() error {
	e.tangent = make([]*gorgonia.Node, len(e.segment))
	var outs, seeds, wrt gorgonia.Nodes
	for i, n := range e.segment {
		if n == nil {
			continue
		}
		wrt = append(wrt, n)
		v, err := e.input("v·"+n.Name(), n.Shape()[0], n.Shape()[1])
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

// hessianRow is the gradient of entry (r, c) of the gradient in segment i, as a row of all numbers.
func (e *expression) hessianRow(i, r, c int) (*gorgonia.Node, error) {
	var wrt gorgonia.Nodes
	for _, n := range e.segment {
		if n != nil {
			wrt = append(wrt, n)
		}
	}
	hs := make(gorgonia.Nodes, len(wrt))
	if e.grad[i] != nil {
		unit, err := op.Unit("loss", e.segment[i], r, c)
		if err != nil {
			return nil, err
		}
		if hs, err = op.Backprop(gorgonia.Nodes{e.grad[i]}, gorgonia.Nodes{unit}, wrt); err != nil {
			return nil, err
		}
	}
	var parts gorgonia.Nodes
	for k, h := range hs {
		var err error
		if h == nil {
			if h, err = op.Affine("loss", wrt[k], 0, 0); err != nil {
				return nil, err
			}
		}
		if h, err = op.Flat("loss", h); err != nil {
			return nil, err
		}
		parts = append(parts, h)
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return op.Join("loss", parts...)
}
