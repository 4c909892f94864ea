package graph

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/formula"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/op"
)

// Gradient returns the gradient of the loss in the matrix of a trainable arrow, m×n as the
// matrix; a tied arrow's is the sum over all arrows that share the matrix. Errors:
// *UnknownArrowError, *LossError without a loss or where the loss does not depend on the
// arrow.
func (p *Program) Gradient(arrow string) (*Expr, error) {
	return p.anySize(func(at extent) (*Expr, error) { return p.gradient(arrow, at) })
}

func (p *Program) gradient(arrow string, at extent) (*Expr, error) {
	k, err := p.model.segmentOf(arrow)
	if err != nil {
		return nil, err
	}
	e, err := p.withLoss(at)
	if err != nil {
		return nil, err
	}
	if e.grad[k] == nil {
		return nil, &LossError{Output: "", Reason: fmt.Sprintf("the loss does not depend on arrow %q: its gradient is zero", arrow)}
	}
	return p.expr(e, e.grad[k], lossIn(formula.Indexed("W", "W", arrowName(p.model.owner(arrow))))), nil
}

// ParamGradient returns the gradient of the loss in the parameters of the activation of a
// vertex, 1×p. Errors: *UnknownVertexError, *LossError.
func (p *Program) ParamGradient(vertex string) (*Expr, error) {
	return p.anySize(func(at extent) (*Expr, error) { return p.paramGradient(vertex, at) })
}

func (p *Program) paramGradient(vertex string, at extent) (*Expr, error) {
	v, err := p.model.vertexOf(vertex)
	if err != nil {
		return nil, err
	}
	e, err := p.withLoss(at)
	if err != nil {
		return nil, err
	}
	k := p.model.numOwners()
	for i := range v {
		if p.model.params[i] > 0 {
			k++
		}
	}
	switch {
	case p.model.params[v] == 0:
		return nil, &LossError{Output: "", Reason: fmt.Sprintf("the activation of vertex %q has no parameters", vertex)}
	case e.grad[k] == nil:
		return nil, &LossError{Output: "", Reason: fmt.Sprintf("the loss does not depend on the parameters of vertex %q: their gradient is zero", vertex)}
	}
	return p.expr(e, e.grad[k], lossIn(formula.Indexed("p", "p", vertex))), nil
}

// VertexGradient returns the gradient of the loss at the value of a vertex, samples ×
// dim: what its outgoing arrows and losses send back; for an input, the gradient in the
// data. Errors: *UnknownVertexError, *LossError.
func (p *Program) VertexGradient(vertex string) (*Expr, error) {
	return p.anySize(func(at extent) (*Expr, error) { return p.vertexGradient(vertex, at) })
}

func (p *Program) vertexGradient(vertex string, at extent) (*Expr, error) {
	v, err := p.model.vertexOf(vertex)
	if err != nil {
		return nil, err
	}
	if len(p.model.losses) == 0 {
		return nil, noLoss()
	}
	e, err := p.model.build(at.rows)
	if err != nil {
		return nil, err
	}
	if err := e.addLossTerms(at.widths); err != nil {
		return nil, err
	}
	if e.vertex[v] == nil {
		return nil, &LossError{Output: "", Reason: fmt.Sprintf("vertex %q has dimension 0", vertex)}
	}
	grads, err := e.gradients(gorgonia.Nodes{e.vertex[v]})
	if err != nil {
		return nil, err
	}
	if grads[0] == nil {
		return nil, &LossError{Output: "", Reason: fmt.Sprintf("the loss does not depend on vertex %q: its gradient is zero", vertex)}
	}
	return p.expr(e, grads[0], lossIn(formula.Vertex(vertex))), nil
}

// Value returns the value of a vertex as an expression, samples × dim. Errors:
// *UnknownVertexError, *LossError at dimension 0.
func (p *Program) Value(vertex string) (*Expr, error) {
	return p.anySize(func(at extent) (*Expr, error) { return p.value(vertex, at) })
}

func (p *Program) value(vertex string, at extent) (*Expr, error) {
	v, err := p.model.vertexOf(vertex)
	if err != nil {
		return nil, err
	}
	e, err := p.model.build(at.rows)
	if err != nil {
		return nil, err
	}
	if e.vertex[v] == nil {
		return nil, &LossError{Output: "", Reason: fmt.Sprintf("vertex %q has dimension 0", vertex)}
	}
	return p.expr(e, e.vertex[v], formula.Vertex(vertex)), nil
}

// LossValue returns the loss as an expression, 1×1. Errors: *LossError without a loss.
func (p *Program) LossValue() (*Expr, error) { return p.anySize(p.lossValue) }

func (p *Program) lossValue(at extent) (*Expr, error) {
	e, err := p.withLoss(at)
	if err != nil {
		return nil, err
	}
	return p.expr(e, e.loss, formula.Loss()), nil
}

// SecondGradient returns the gradient in the matrix of arrow b of ⟨∂L/∂W[a], V[a]⟩, as a matrix
// of the size of b: the block of the Hessian that belongs to a and b, applied to a
// direction V[a] of the size of a, which Expr.Along gives. With V[a] = the unit matrices it gives the rows of the
// block. Errors: as Gradient, and *OrderError.
func (p *Program) SecondGradient(a, b string) (*Expr, error) {
	return p.anySize(func(at extent) (*Expr, error) { return p.secondGradient(a, b, at) })
}

func (p *Program) secondGradient(a, b string, at extent) (*Expr, error) {
	i, err := p.model.segmentOf(a)
	if err != nil {
		return nil, err
	}
	j, err := p.model.segmentOf(b)
	if err != nil {
		return nil, err
	}
	if len(p.model.losses) == 0 {
		return nil, noLoss()
	}
	e, err := p.model.build(at.rows)
	if err != nil {
		return nil, err
	}
	if err := e.addLoss(at.widths); err != nil {
		return nil, err
	}
	zero := &LossError{Output: "", Reason: fmt.Sprintf("the second derivative of the loss in arrows %q and %q is zero", a, b)}
	if e.grad[i] == nil || e.grad[j] == nil {
		return nil, zero
	}
	e.tangent = make([]*gorgonia.Node, len(e.segment))
	n := e.segment[i]
	if e.tangent[i], err = e.input("v·"+n.Name(), n.Shape()[0], n.Shape()[1]); err != nil {
		return nil, err
	}
	hs, err := op.Backprop(gorgonia.Nodes{e.grad[i]}, gorgonia.Nodes{e.tangent[i]}, gorgonia.Nodes{e.segment[j]})
	if err != nil {
		return nil, err
	}
	if hs[0] == nil {
		return nil, zero
	}
	wa, wb := formula.Indexed("W", "W", arrowName(p.model.owner(a))), formula.Indexed("W", "W", arrowName(p.model.owner(b)))
	v := formula.Indexed("V", "V", arrowName(p.model.owner(a)))
	left := formula.Symbol("∂⟨"+lossIn(wa).Text+", "+v.Text+"⟩/∂"+wb.Text,
		`\frac{\partial}{\partial `+wb.Tex+`}\left\langle `+lossIn(wa).Tex+`,\, `+v.Tex+`\right\rangle `).Means("∂²L", "")
	return p.expr(e, hs[0], left), nil
}

// lossIn is ∂L/∂s.
func lossIn(s *formula.Formula) *formula.Formula {
	f := formula.Symbol("∂L/∂"+s.Text, `\frac{\partial L}{\partial `+s.Tex+`}`).Means("∂L", "")
	f.Args = []*formula.Formula{s}
	return f
}

func noLoss() error {
	return &LossError{Output: "", Reason: "the program has no loss, hence no gradient; compile with graph.Loss(output, graph.MSE, 1)"}
}

// withLoss returns the graph for a batch.
func (p *Program) withLoss(at extent) (*expression, error) {
	if len(p.model.losses) == 0 {
		return nil, noLoss()
	}
	return p.engine.expression(at.rows, at.widths)
}
