package optim

import (
	"context"
	"fmt"

	"github.com/quivernet/quivernet/quiver"
)

// Projected returns the method that projects each gradient before m sees it. Where the start
// lies in the subspace, so do all iterates; and on symmetry.Subspace training the large
// network this way equals training the reduced one with m (arXiv 2107.02550, Theorem 8, there
// for gradient descent; for other methods see the table of the package). Only the gradient is
// masked: decoupled decay acts on all weights, and so does a decay term that m itself adds.
//
// It is Stateful or a Searcher where m is; a Searcher sees an objective with projected
// gradients. The first step returns a *PairError for a pair for which the equality
// fails, and a *StartError for weights outside the subspace where p is a Container.
func Projected(m Method, p Projector) Method {
	base := &projected{m: m, p: p}
	st, stateful := m.(Stateful)
	se, search := m.(Searcher)
	switch {
	case stateful && search:
		return struct {
			*projected
			keeper
			*projectedSearch
		}{base, keeper{st}, &projectedSearch{base, se}}
	case stateful:
		return struct {
			*projected
			keeper
		}{base, keeper{st}}
	case search:
		return struct {
			*projected
			*projectedSearch
		}{base, &projectedSearch{base, se}}
	}
	return base
}

// wrapper is a projection that can be put around another method.
type wrapper interface {
	Method
	within(func(Method) Method) Method
	project(grad *quiver.Rep) (*quiver.Rep, error)
}

type projected struct {
	m       Method
	p       Projector
	checked bool
	name    string // for messages, from the first step on
	g       *quiver.Rep
}

func (o *projected) Step(w, grad *quiver.Rep) error {
	if err := o.start(w, grad); err != nil {
		return err
	}
	g, err := o.project(grad)
	if err != nil {
		return err
	}
	return o.m.Step(w, g)
}

// start checks weights and gradient, and once the method and the projector.
func (o *projected) start(w, grad *quiver.Rep) error {
	if o.checked {
		return checkStep(o.name, w, grad)
	}
	switch {
	case absent(o.m):
		return &NilError{"Projected", "method", "give it one, such as &optim.SGD{}"}
	case absent(o.p):
		return &NilError{"Projected", "projector", noProjector}
	}
	o.name = o.String()
	if err := checkStep(o.name, w, grad); err != nil {
		return err
	}
	if err := compatible(o.m, o.p); err != nil {
		return err
	}
	if err := o.p.Project(w.Like()); err != nil { // another layout
		return fmt.Errorf("optim: %s: %w", o, err)
	}
	if c, ok := o.p.(Container); ok && !c.Contains(w) {
		return &StartError{title(o.m), title(o.p)}
	}
	o.checked = true
	return nil
}

const noProjector = "give it one, such as the Subspace of a symmetry.Compression"

// project returns a projected copy, good until the next call.
func (o *projected) project(grad *quiver.Rep) (*quiver.Rep, error) {
	if !finite(grad.Data()) {
		return nil, fmt.Errorf("optim: %s: gradient: %w", o, grad.CheckFinite())
	}
	if !o.checked && absent(o.p) {
		return nil, &NilError{"Projected", "projector", noProjector}
	}
	copy(like(&o.g, grad), grad.Data())
	if err := o.p.Project(o.g); err != nil {
		return nil, fmt.Errorf("optim: %s: %w", o, err)
	}
	return o.g, nil
}

func (o *projected) within(f func(Method) Method) Method { return Projected(f(o.m), o.p) }

func (o *projected) String() string { return "projected " + title(o.m) }

// Traits of a projected method are those of the method: the projection is that of the
// network at hand, and turns with it.
func (o *projected) Traits() Traits {
	if t, ok := o.m.(Trait); ok {
		return t.Traits()
	}
	return Traits{}
}

// Factors are those of the method.
func (o *projected) Factors(name string) (rate, decay float64) { return factors(o.m, name) }

// keeper forwards the state of the method.
type keeper struct{ s Stateful }

func (k keeper) Snapshot() State       { return k.s.Snapshot() }
func (k keeper) Restore(s State) error { return k.s.Restore(s) }

// projectedSearch searches with projected gradients.
type projectedSearch struct {
	o *projected
	s Searcher
}

func (p *projectedSearch) Search(ctx context.Context, o Objective, w, grad *quiver.Rep, loss float64) (float64, error) {
	if err := p.o.start(w, grad); err != nil {
		return loss, err
	}
	if err := checkRun(p.o.name, ctx, o); err != nil {
		return loss, err
	}
	if !finite(grad.Data()) {
		return loss, fmt.Errorf("optim: %s: gradient: %w", p.o, grad.CheckFinite())
	}
	if err := p.o.p.Project(grad); err != nil {
		return loss, fmt.Errorf("optim: %s: %w", p.o, err)
	}
	return p.s.Search(ctx, projectedObjective{o, p.o.p}, w, grad, loss)
}

// projectedObjective has projected gradients.
type projectedObjective struct {
	o Objective
	p Projector
}

func (o projectedObjective) LossGrad(grad, w *quiver.Rep) (float64, error) {
	loss, err := o.o.LossGrad(grad, w)
	if err != nil {
		return loss, err
	}
	return loss, o.p.Project(grad)
}
