package main

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// ours trains with this library as a user would on fixed data: the gradient of a Problem, then SGD.
type ours struct {
	p              *graph.Program
	problem        *graph.Problem
	start, w, grad *quiver.Rep
	xs, ys         []*mat.Dense
	sgd            *optim.SGD
}

func newOurs(in *instance, opts ...graph.Option) (*ours, error) {
	q, err := in.quiver()
	if err != nil {
		return nil, err
	}
	p, err := graph.Compile(q, in.options(opts...)...)
	if err != nil {
		return nil, err
	}
	w, err := in.rep(q)
	if err != nil {
		return nil, err
	}
	xs, ys := []*mat.Dense{in.x}, []*mat.Dense{in.y}
	return &ours{p, p.Problem(xs, ys), w, w.Clone(), w.Like(), xs, ys, &optim.SGD{Rate: in.rate}}, nil
}

// rep returns the weights of the instance as a representation of q.
func (in *instance) rep(q *quiver.Quiver) (*quiver.Rep, error) {
	w := quiver.Zero(q)
	from := "x"
	for i := range in.ws {
		to := fmt.Sprintf("h%d", i+1)
		if i == len(in.ws)-1 {
			to = "y"
		}
		for name, m := range map[string]*mat.Dense{from + "->" + to: in.ws[i], layers.BiasName + "->" + to: in.bs[i]} {
			a, ok := w.Lookup(name)
			if !ok {
				return nil, fmt.Errorf("the quiver has no arrow %s", name)
			}
			a.Copy(m)
		}
		from = to
	}
	return w, nil
}

func (o *ours) reset() error {
	copy(o.w.Data(), o.start.Data())
	return nil
}

func (o *ours) run(steps int) error {
	for range steps {
		if _, err := o.problem.LossGrad(o.grad, o.w); err != nil {
			return err
		}
		if err := o.sgd.Step(o.w, o.grad); err != nil {
			return err
		}
	}
	return nil
}

func (o *ours) loss() (float64, error) { return o.problem.Loss(o.w) }
