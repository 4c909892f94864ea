package main

import (
	"fmt"
	"time"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
	"github.com/quivernet/quivernet/symmetry/rewrite"
)

// trainer runs gradient descent on a graph with Gorgonia's derivatives and machine.
type trainer struct {
	weights gorgonia.Nodes
	cost    gorgonia.Value
	grads   []gorgonia.Value
	vm      gorgonia.VM
	steps   int
	spent   time.Duration
}

func newTrainer(cost *gorgonia.Node, weights gorgonia.Nodes) (*trainer, error) {
	t := &trainer{weights: weights, grads: make([]gorgonia.Value, len(weights))}
	gs, err := gorgonia.Grad(cost, weights...)
	if err != nil {
		return nil, err
	}
	gorgonia.Read(cost, &t.cost)
	for i, g := range gs {
		gorgonia.Read(g, &t.grads[i])
	}
	t.vm = gorgonia.NewTapeMachine(cost.Graph())
	return t, nil
}

func (t *trainer) close() { _ = t.vm.Close() }

// loss runs the graph once.
func (t *trainer) loss() (float64, error) {
	start := time.Now()
	defer func() { t.spent += time.Since(start) }()
	t.vm.Reset()
	if err := t.vm.RunAll(); err != nil {
		return 0, err
	}
	loss, ok := t.cost.Data().(float64)
	if !ok {
		return 0, fmt.Errorf("the loss is a %T", t.cost.Data())
	}
	return loss, nil
}

// step subtracts rate times the gradient, after project where that is not nil, and returns the
// loss before the step.
func (t *trainer) step(rate float64, project func() error) (float64, error) {
	loss, err := t.loss()
	if err != nil {
		return 0, err
	}
	if project != nil {
		if err := project(); err != nil {
			return 0, err
		}
	}
	for i, w := range t.weights {
		x := w.Value().Data().([]float64)
		for j, g := range t.grads[i].Data().([]float64) {
			x[j] -= rate * g
		}
	}
	t.steps++
	return loss, nil
}

func (t *trainer) microseconds() float64 {
	return float64(t.spent.Microseconds()) / float64(max(t.steps, 1))
}

// projected trains a copy of the original graph within what the rewritten one can reach:
// each gradient is projected by the compression's own projector.
type projected struct {
	*trainer
	lifted   *rewrite.Lifted
	subspace *symmetry.OriginalSubspace
	at       map[*gorgonia.Node]int // where a weight of the script stands
}

func newProjected(s *script, res *rewrite.Result) (*projected, error) {
	p := &projected{lifted: res.Lifted, at: make(map[*gorgonia.Node]int)}
	if res.Compression == nil {
		return nil, fmt.Errorf("nothing was compressed")
	}
	var err error
	if p.subspace, err = res.Compression.OriginalSubspace(); err != nil {
		return nil, err
	}
	twin, err := newScript(s.c) // the same graph, with the weights as they are now
	if err != nil {
		return nil, err
	}
	for i, w := range s.weights {
		p.at[w] = i
		copy(twin.weights[i].Value().Data().([]float64), w.Value().Data().([]float64))
	}
	p.trainer, err = newTrainer(twin.cost, twin.weights)
	return p, err
}

func (p *projected) step(rate float64) (float64, error) {
	grad := func(w *gorgonia.Node) gorgonia.Value { return p.grads[p.at[w]] }
	return p.trainer.step(rate, func() error {
		var g *quiver.Rep
		g, err := p.lifted.Collect(grad)
		if err != nil {
			return err
		}
		if err := p.subspace.Project(g); err != nil {
			return err
		}
		return p.lifted.Scatter(g, grad)
	})
}
