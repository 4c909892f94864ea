package model

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/builtin"
	"github.com/quivernet/quivernet/internal/op"
)

// AddLoss adds the losses and their gradients in the weights; widths are the targets' columns.
func (e *Expression) AddLoss(widths []int) error {
	if err := e.AddLossTerms(widths); err != nil {
		return err
	}
	var wrt gorgonia.Nodes
	for _, n := range e.Segment {
		if n != nil {
			wrt = append(wrt, n)
		}
	}
	grads, err := e.Gradients(wrt)
	if err != nil {
		return err
	}
	e.Gradient = scatter(e.Segment, grads)
	return nil
}

// Gradients adds the gradients of the loss at nodes.
func (e *Expression) Gradients(wrt gorgonia.Nodes) (gorgonia.Nodes, error) {
	return builtin.Backprop(gorgonia.Nodes{e.Loss}, gorgonia.Nodes{e.Unit}, wrt)
}

// AddLossTerms adds the losses, their sum and the seed of the sweep.
func (e *Expression) AddLossTerms(widths []int) error {
	var terms gorgonia.Nodes
	for i, l := range e.Model.Losses {
		y := e.Vertex[e.Model.LossAt[i]]
		t, err := e.Input(fmt.Sprintf("t%d[%s]", i+1, l.Output), e.Rows, widths[i])
		if err != nil {
			return err
		}
		c, err := e.Input(fmt.Sprintf("c%d[%s]", i+1, l.Output), 1, 1)
		if err != nil {
			return err
		}
		e.Target, e.Share = append(e.Target, t), append(e.Share, c)
		sum, err := l.Loss.Build(l.Output, y, t)
		if err != nil {
			return err
		}
		e.lossSum = append(e.lossSum, sum)
		n, err := op.Scale(l.Output, c.Name()+"·"+l.Loss.Name, sum, c)
		if err != nil {
			return err
		}
		terms = append(terms, n)
	}
	var err error
	if e.Loss, err = op.Add("loss", "L", terms...); err != nil {
		return err
	}
	e.Unit, err = e.Input(UnitName, 1, 1)
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

// AddHessian adds the gradient of ⟨∂L/∂w, v⟩.
func (e *Expression) AddHessian() error {
	e.Tangent = make([]*gorgonia.Node, len(e.Segment))
	var outs, seeds, wrt gorgonia.Nodes
	for i, n := range e.Segment {
		if n == nil {
			continue
		}
		wrt = append(wrt, n)
		v, err := e.Input("v·"+n.Name(), n.Shape()[0], n.Shape()[1])
		if err != nil {
			return err
		}
		e.Tangent[i] = v
		if e.Gradient[i] != nil {
			outs, seeds = append(outs, e.Gradient[i]), append(seeds, v)
		}
	}
	hs := make(gorgonia.Nodes, len(wrt))
	if len(outs) > 0 {
		var err error
		if hs, err = builtin.Backprop(outs, seeds, wrt); err != nil {
			return err
		}
	}
	e.HVP = scatter(e.Segment, hs)
	return nil
}

// HessianRow is the gradient of entry (r, c) of the gradient in segment i, as a row of all numbers.
func (e *Expression) HessianRow(i, r, c int) (*gorgonia.Node, error) {
	var wrt gorgonia.Nodes
	for _, n := range e.Segment {
		if n != nil {
			wrt = append(wrt, n)
		}
	}
	hs := make(gorgonia.Nodes, len(wrt))
	if e.Gradient[i] != nil {
		unit, err := op.Unit("loss", e.Segment[i], r, c)
		if err != nil {
			return nil, err
		}
		if hs, err = builtin.Backprop(gorgonia.Nodes{e.Gradient[i]}, gorgonia.Nodes{unit}, wrt); err != nil {
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
