package model

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/builtin"
	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/op"
)

// CustomLoss is the mean over the samples of a loss that the user gives as a function of y and t: one value for each sample. What the
// function may do, package graph says; whatever else it does is a LossError.
func CustomLoss(f func(y, t *gorgonia.Node) (*gorgonia.Node, error)) Loss {
	if f == nil {
		return Loss{Name: "custom"}
	}
	return Loss{Name: "custom", Custom: true, Share: func(n, _ int) float64 { return 1 / float64(n) },
		Build: func(owner string, y, t *gorgonia.Node) (n *gorgonia.Node, err error) {
			rows := y.Shape()[0]
			failed := func(why any) error { return &fault.LossError{Output: owner, Reason: customFailure(why, y, t)} }
			defer func() {
				if r := recover(); r != nil {
					n, err = nil, failed(fmt.Sprintf("panicked: %v", r))
				}
			}()
			before := len(y.Graph().AllNodes())
			if n, err = f(y, t); err != nil {
				return nil, failed(fmt.Sprintf("failed: %v", err))
			}
			for _, m := range y.Graph().AllNodes()[before:] {
				if m.Op() == nil && m.Value() == nil {
					return nil, &fault.LossError{Output: owner, Reason: fmt.Sprintf("the custom loss adds the input %q; it must be a function of y and t alone", m.Name())}
				}
			}
			if n == nil {
				return nil, &fault.LossError{Output: owner, Reason: "the custom loss returned no node"}
			}
			if s := n.Shape(); len(s) == 0 || len(s) > 2 || s[0] != rows || len(s) == 2 && s[1] != 1 {
				return nil, failed(fmt.Sprintf("returned shape %v; want one value per sample, n×1 or n (gorgonia.Sum(…, 1) adds up the columns of each)", s))
			}
			if n, err = builtin.Accurate(owner, n, int64(before)); err != nil {
				return nil, err
			}
			return op.Total(owner, n)
		}}
}

// customFailure says what became of a custom loss, with what it was given: the shapes, the type of numbers, and what Gorgonia does with one sample.
func customFailure(why any, y, t *gorgonia.Node) string {
	s := fmt.Sprintf("the custom loss, given y of shape %v and t of shape %v in %v, %v", y.Shape(), t.Shape(), y.Dtype(), why)
	if y.Shape()[0] == 1 {
		s += "; it must serve one sample too, where Gorgonia drops the axis of length 1 of a slice: gorgonia.Reshape gives it back"
	}
	return s
}
