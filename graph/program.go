package graph

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/internal/symbolic"
	"github.com/quivernet/quivernet/internal/tape"
	"github.com/quivernet/quivernet/quiver"
)

// Program is a quiver compiled to Gorgonia expression graphs, one for each batch size in
// use, and to stages that run them. It holds no weights: those come with each call; but it keeps the memory
// of its calls for the next ones, and with it hold of what the last call was given. It is
// safe for concurrent use, and a call's result does not depend on other calls.
type Program struct {
	model     *model.Model
	tried     atomic.Bool // the custom losses have been looked at on data
	unfused   bool
	clocks    *tape.Clocks
	workers   int
	shown     int // the batch size that Expr shows
	engine    engine
	symbols   *symbolic.Source
	data      sync.Pool // *batch
	jacobians sync.Pool // *sensitivity
}

// engine runs a program in one precision.
type engine interface {
	forward(dst []*mat.Dense, w *quiver.Rep, xs []*mat.Dense, n int) error
	lossGrad(grad, w *quiver.Rep, b *batch.Batch) (float64, error)
	hessian(dst, w, v *quiver.Rep, b *batch.Batch) error
	expression(rows int, widths []int) (*model.Expression, error)
	explain(rows int) (*Explanation, error)
	precompile(n int) error
	traceOutputs(w *quiver.Rep, xs []*mat.Dense, n int) error
}

// Compile compiles a quiver. Without Loss options the program only evaluates. It
// returns what quiver.Check finds, an OptionError for an option that is nil or asks for what cannot be, a LossError for a loss at a vertex that is no output or
// has dimension 0 or for a custom loss that couples the samples without being marked as Coupled, and an error of the graph with the name of the vertex where Gorgonia
// refuses it.
func Compile(q *quiver.Quiver, opts ...Option) (*Program, error) {
	if err := quiver.Check(q); err != nil {
		return nil, err
	}
	s := settings{workers: 1}
	for i, o := range opts {
		if o == nil {
			return nil, &OptionError{Option: fmt.Sprintf("option %d", i+1), Reason: "it is nil; leave it out"}
		}
		if o(&s); s.err != nil {
			return nil, s.err
		}
	}
	m, err := model.New(q, s.losses, model.Dtype(s.f32))
	if err != nil {
		return nil, err
	}
	p := &Program{model: m, workers: max(s.workers, 1), shown: 2, unfused: s.unfused}
	if s.timed {
		p.clocks = new(tape.Clocks)
	}
	if s.f32 {
		p.engine = newRunner[float32](m, p.workers, p.unfused, p.clocks)
	} else {
		p.engine = newRunner[float64](m, p.workers, p.unfused, p.clocks)
	}
	p.data.New = func() any { return new(batch.Batch) }
	for i, n := range s.batches {
		if n < 1 {
			return nil, &DataError{What: "Precompile", Reason: fmt.Sprintf("batch size %d; want at least 1", n)}
		}
		if i == 0 {
			p.shown = n
		}
	}
	p.symbols = symbolic.NewSource(m, p.shown, p.engine.expression, p.load)
	if _, err := p.engine.expression(p.shown, p.model.TargetWidths(nil)); err != nil { // also finds what Gorgonia refuses
		return nil, err
	}
	if err := p.findCoupling(); err != nil {
		return nil, err
	}
	for _, n := range s.batches {
		if err := p.engine.precompile(n); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Quiver returns the quiver that was compiled.
func (p *Program) Quiver() *quiver.Quiver {
	fault.Must(p.made())
	return p.model.Quiver
}

// Forward evaluates the outputs, in declared order, for inputs in declared order, one
// sample per row. It equals Rep.Eval up to rounding. A NaN among inputs or weights propagates, and so does an infinity that
// meets no activation. An activation of a sum that is infinite is a NonFiniteError which names the vertex, since such a sum
// is mostly one that has overflowed on the way, whatever its value is; so is a NaN from finite numbers, and a weight or an
// input that single precision cannot hold. Other errors: RepError, DataError, OpError.
func (p *Program) Forward(w *quiver.Rep, xs ...*mat.Dense) ([]*mat.Dense, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	n, err := batch.Samples(p.model, w, xs)
	if err != nil {
		return nil, err
	}
	dst := make([]*mat.Dense, len(p.model.Outputs))
	for i, v := range p.model.Outputs {
		dst[i] = &mat.Dense{}
		if d := p.model.Vertices[v].Dim; n > 0 && d > 0 {
			dst[i] = mat.NewDense(n, d, nil)
		}
	}
	return dst, p.forward(dst, w, xs, n)
}

// ForwardTo is Forward into matrices of the caller's, samples × dim each; with one
// worker it does not allocate once the batch size is known. They must share no memory with one another, the inputs or the
// weights: a DataError names those that do.
func (p *Program) ForwardTo(dst []*mat.Dense, w *quiver.Rep, xs ...*mat.Dense) error {
	if err := p.made(); err != nil {
		return err
	}
	n, err := batch.Samples(p.model, w, xs)
	if err != nil {
		return err
	}
	if len(dst) != len(p.model.Outputs) {
		return &DataError{What: "results", Reason: fmt.Sprintf("%d matrices, want %d: one per output %v", len(dst), len(p.model.Outputs), p.model.Quiver.Outputs())}
	}
	for i, v := range p.model.Outputs {
		if err := batch.Fits("result", p.model.Vertices[v], dst[i], n); err != nil {
			return err
		}
	}
	if err := batch.Apart(p.model, dst, w, xs); err != nil {
		return err
	}
	return p.forward(dst, w, xs, n)
}

func (p *Program) forward(dst []*mat.Dense, w *quiver.Rep, xs []*mat.Dense, n int) error {
	if n == 0 || !slices.ContainsFunc(p.model.Outputs, func(v int) bool { return p.model.Vertices[v].Dim > 0 }) {
		return nil
	}
	if err := p.engine.forward(dst, w, xs, n); err != nil {
		return batch.Attributed(p.model, err, w, xs, nil)
	}
	return p.hidden(dst, w, xs, n)
}

// hidden looks at outputs that are not finite. A NaN that no NaN among inputs and weights explains comes from an overflow,
// which the error names.
func (p *Program) hidden(dst []*mat.Dense, w *quiver.Rep, xs []*mat.Dense, n int) error {
	bad, nan := false, false
	for _, y := range dst {
		b, k := batch.NotFinite(y)
		bad, nan = bad || b, nan || k
	}
	if !bad {
		return nil
	}
	_, given := batch.NotFinite(xs...)
	for _, x := range w.Data() {
		given = given || math.IsNaN(x)
	}
	if given {
		return nil
	}
	if p.model.Dtype == tensor.Float32 {
		if err := batch.TooLarge(p.model, w, xs, nil); err != nil {
			return err
		}
	}
	if !nan {
		return nil
	}
	return p.engine.traceOutputs(w, xs, n)
}

// LossGrad computes the loss and overwrites grad with its gradient. ys are the targets,
// one matrix per Loss option in their order. With one
// worker it does not allocate once the batch size is known, unless a custom loss does.
//
// A NaN or an infinity in the weights, the data or the result is an error that
// names the first place where it appears; grad must not be used then. Other errors:
// RepError, DataError, LossError, OpError.
func (p *Program) LossGrad(grad, w *quiver.Rep, xs, ys []*mat.Dense) (float64, error) {
	if err := p.made(); err != nil {
		return 0, err
	}
	b := p.data.Get().(*batch.Batch)
	defer p.release(b)
	if err := p.load(b, w, xs, ys); err != nil {
		return 0, err
	}
	return p.lossGrad(grad, w, b)
}

// load checks all that a loss needs, and tries on the first batch whether its custom losses couple samples.
func (p *Program) load(b *batch.Batch, w *quiver.Rep, xs, ys []*mat.Dense) error {
	if err := b.Load(p.model, w, xs, ys); err != nil {
		return err
	}
	if p.model.Custom && b.N > 1 && !p.tried.Load() {
		if err := p.findCouplingIn(w, xs, ys, b.N); err != nil {
			return err
		}
		p.tried.Store(true)
	}
	return nil
}

// release forgets the caller's data.
func (p *Program) release(b *batch.Batch) {
	*b = batch.Batch{}
	p.data.Put(b)
}

func (p *Program) lossGrad(grad, w *quiver.Rep, b *batch.Batch) (float64, error) {
	if grad == nil {
		return 0, &RepError{Reason: "a nil gradient; make one with w.Like()"}
	}
	if err := w.Fits(grad); err != nil {
		return 0, &RepError{Reason: "the gradient does not fit the weights", Err: err}
	}
	if d := grad.Data(); len(d) > 0 && &d[0] == &w.Data()[0] {
		return 0, &RepError{Reason: "the gradient is the weights themselves and would overwrite them; make one with w.Like()"}
	}
	if err := batch.Overwrites(p.model, "the gradient", batch.WindowOfSlab(grad.Data()), b.Inputs, b.Targets); err != nil {
		return 0, err
	}
	l, err := p.engine.lossGrad(grad, w, b)
	return l, batch.Attributed(p.model, err, w, b.Inputs, b.Targets)
}

// Loss computes the loss alone.
func (p *Program) Loss(w *quiver.Rep, xs, ys []*mat.Dense) (float64, error) {
	if err := p.made(); err != nil {
		return 0, err
	}
	b := p.data.Get().(*batch.Batch)
	defer p.release(b)
	if err := p.load(b, w, xs, ys); err != nil {
		return 0, err
	}
	return p.loss(w, b)
}

func (p *Program) loss(w *quiver.Rep, b *batch.Batch) (float64, error) {
	l, err := p.engine.lossGrad(nil, w, b)
	return l, batch.Attributed(p.model, err, w, b.Inputs, b.Targets)
}

// HessianVector overwrites dst with H·v, where H is the Hessian of the loss in the
// weights: the gradient of ⟨∂L/∂w, v⟩, from the expression graph of the gradient.
// An activation without second derivatives gives an OrderError that names its vertex. Other errors:
// as LossGrad, and RepError for dst and v.
func (p *Program) HessianVector(dst, w, v *quiver.Rep, xs, ys []*mat.Dense) error {
	if err := p.made(); err != nil {
		return err
	}
	b := p.data.Get().(*batch.Batch)
	defer p.release(b)
	if err := p.load(b, w, xs, ys); err != nil {
		return err
	}
	for _, r := range []*quiver.Rep{dst, v} {
		if r == nil {
			return &RepError{Reason: "a nil representation; make one with w.Like()"}
		}
		if err := w.Fits(r); err != nil {
			return &RepError{Reason: "does not fit the weights", Err: err}
		}
	}
	if err := v.CheckFinite(); err != nil {
		return &RepError{Reason: "the direction v is not finite", Err: err}
	}
	for _, r := range []*quiver.Rep{w, v} {
		if batch.WindowOfSlab(dst.Data()).Meets(batch.WindowOfSlab(r.Data())) {
			return &RepError{Reason: "the result is the weights or the direction itself and would overwrite them; make one with w.Like()"}
		}
	}
	if err := batch.Overwrites(p.model, "the result", batch.WindowOfSlab(dst.Data()), xs, ys); err != nil {
		return err
	}
	return batch.Attributed(p.model, p.engine.hessian(dst, w, v, b), w, xs, ys)
}

// Expr returns the expression graph, gradients included where there is a loss, at the first
// precompiled batch size, or for 2 samples.
func (p *Program) Expr() *gorgonia.ExprGraph {
	fault.Must(p.made())
	g, err := p.ExprFor(p.shown)
	if err != nil { // Compile has built it once
		panic(err)
	}
	return g
}

// ExprFor returns the expression graph for n samples.
func (p *Program) ExprFor(n int) (*gorgonia.ExprGraph, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	if n < 1 {
		return nil, &DataError{What: "ExprFor", Reason: fmt.Sprintf("%d samples; want at least 1", n)}
	}
	e, err := p.engine.expression(n, p.model.TargetWidths(nil))
	if err != nil {
		return nil, err
	}
	return e.Graph, nil
}
