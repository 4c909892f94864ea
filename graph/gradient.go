package graph

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/model"
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
	k, err := p.model.SegmentOf(arrow)
	if err != nil {
		return nil, err
	}
	e, err := p.withLoss(at)
	if err != nil {
		return nil, err
	}
	if e.Gradient[k] == nil {
		return nil, &LossError{Output: "", Reason: fmt.Sprintf("the loss does not depend on arrow %q: its gradient is zero", arrow)}
	}
	return p.expr(e, e.Gradient[k], lossIn(formula.Indexed("W", "W", model.ArrowName(p.model.OwnerOf(arrow))))), nil
}

// ParamGradient returns the gradient of the loss in the parameters of the activation of a
// vertex, 1×p. Errors: *UnknownVertexError, *LossError.
func (p *Program) ParamGradient(vertex string) (*Expr, error) {
	return p.anySize(func(at extent) (*Expr, error) { return p.paramGradient(vertex, at) })
}

func (p *Program) paramGradient(vertex string, at extent) (*Expr, error) {
	v, err := p.model.VertexOf(vertex)
	if err != nil {
		return nil, err
	}
	e, err := p.withLoss(at)
	if err != nil {
		return nil, err
	}
	k := p.model.NumMatrices()
	for i := range v {
		if p.model.NumParams[i] > 0 {
			k++
		}
	}
	switch {
	case p.model.NumParams[v] == 0:
		return nil, &LossError{Output: "", Reason: fmt.Sprintf("the activation of vertex %q has no parameters", vertex)}
	case e.Gradient[k] == nil:
		return nil, &LossError{Output: "", Reason: fmt.Sprintf("the loss does not depend on the parameters of vertex %q: their gradient is zero", vertex)}
	}
	return p.expr(e, e.Gradient[k], lossIn(formula.Indexed("p", "p", vertex))), nil
}

// VertexGradient returns the gradient of the loss at the value of a vertex, samples ×
// dim: what its outgoing arrows and losses send back; for an input, the gradient in the
// data. Errors: *UnknownVertexError, *LossError.
func (p *Program) VertexGradient(vertex string) (*Expr, error) {
	return p.anySize(func(at extent) (*Expr, error) { return p.vertexGradient(vertex, at) })
}

func (p *Program) vertexGradient(vertex string, at extent) (*Expr, error) {
	v, err := p.model.VertexOf(vertex)
	if err != nil {
		return nil, err
	}
	if len(p.model.Losses) == 0 {
		return nil, noLoss()
	}
	e, err := p.model.Build(at.rows)
	if err != nil {
		return nil, err
	}
	if err := e.AddLossTerms(at.widths); err != nil {
		return nil, err
	}
	if e.Vertex[v] == nil {
		return nil, &LossError{Output: "", Reason: fmt.Sprintf("vertex %q has dimension 0", vertex)}
	}
	grads, err := e.Gradients(gorgonia.Nodes{e.Vertex[v]})
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
	v, err := p.model.VertexOf(vertex)
	if err != nil {
		return nil, err
	}
	e, err := p.model.Build(at.rows)
	if err != nil {
		return nil, err
	}
	if e.Vertex[v] == nil {
		return nil, &LossError{Output: "", Reason: fmt.Sprintf("vertex %q has dimension 0", vertex)}
	}
	return p.expr(e, e.Vertex[v], formula.Vertex(vertex)), nil
}

// LossValue returns the loss as an expression, 1×1. Errors: *LossError without a loss.
func (p *Program) LossValue() (*Expr, error) { return p.anySize(p.lossValue) }

func (p *Program) lossValue(at extent) (*Expr, error) {
	e, err := p.withLoss(at)
	if err != nil {
		return nil, err
	}
	return p.expr(e, e.Loss, formula.Loss()), nil
}

// SecondGradient returns the gradient in the matrix of arrow b of ⟨∂L/∂W[a], V[a]⟩, as a matrix
// of the size of b: the block of the Hessian that belongs to a and b, applied to a
// direction V[a] of the size of a, which Expr.Along gives. With V[a] = the unit matrices it gives the rows of the
// block. Errors: as Gradient, and *OrderError.
func (p *Program) SecondGradient(a, b string) (*Expr, error) {
	return p.anySize(func(at extent) (*Expr, error) { return p.secondGradient(a, b, at) })
}

func (p *Program) secondGradient(a, b string, at extent) (*Expr, error) {
	i, err := p.model.SegmentOf(a)
	if err != nil {
		return nil, err
	}
	j, err := p.model.SegmentOf(b)
	if err != nil {
		return nil, err
	}
	if len(p.model.Losses) == 0 {
		return nil, noLoss()
	}
	e, err := p.model.Build(at.rows)
	if err != nil {
		return nil, err
	}
	if err := e.AddLoss(at.widths); err != nil {
		return nil, err
	}
	zero := &LossError{Output: "", Reason: fmt.Sprintf("the second derivative of the loss in arrows %q and %q is zero", a, b)}
	if e.Gradient[i] == nil || e.Gradient[j] == nil {
		return nil, zero
	}
	e.Tangent = make([]*gorgonia.Node, len(e.Segment))
	n := e.Segment[i]
	if e.Tangent[i], err = e.Input("v·"+n.Name(), n.Shape()[0], n.Shape()[1]); err != nil {
		return nil, err
	}
	hs, err := op.Backprop(gorgonia.Nodes{e.Gradient[i]}, gorgonia.Nodes{e.Tangent[i]}, gorgonia.Nodes{e.Segment[j]})
	if err != nil {
		return nil, err
	}
	if hs[0] == nil {
		return nil, zero
	}
	wa, wb := formula.Indexed("W", "W", model.ArrowName(p.model.OwnerOf(a))), formula.Indexed("W", "W", model.ArrowName(p.model.OwnerOf(b)))
	v := formula.Indexed("V", "V", model.ArrowName(p.model.OwnerOf(a)))
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
func (p *Program) withLoss(at extent) (*model.Expression, error) {
	if len(p.model.Losses) == 0 {
		return nil, noLoss()
	}
	return p.engine.expression(at.rows, at.widths)
}
