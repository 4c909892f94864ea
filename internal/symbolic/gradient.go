package symbolic

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/builtin"
	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/model"
)

// Gradient returns the gradient of the loss in the matrix of a trainable arrow, m×n as the
// matrix; a tied arrow's is the sum over all arrows that share the matrix. Errors:
// *UnknownArrowError, *LossError without a loss or where the loss does not depend on the
// arrow.
func (s *Source) Gradient(arrow string) (*Expr, error) {
	return s.anySize(func(at extent) (*Expr, error) { return s.gradient(arrow, at) })
}

func (s *Source) gradient(arrow string, at extent) (*Expr, error) {
	k, err := s.model.SegmentOf(arrow)
	if err != nil {
		return nil, err
	}
	e, err := s.withLoss(at)
	if err != nil {
		return nil, err
	}
	if e.Gradient[k] == nil {
		return nil, &fault.LossError{Output: "", Reason: fmt.Sprintf("the loss does not depend on arrow %q: its gradient is zero", arrow)}
	}
	return s.expr(e, e.Gradient[k], lossIn(formula.Indexed("W", "W", model.ArrowName(s.model.OwnerOf(arrow))))), nil
}

// ParamGradient returns the gradient of the loss in the parameters of the activation of a
// vertex, 1×p. Errors: *UnknownVertexError, *LossError.
func (s *Source) ParamGradient(vertex string) (*Expr, error) {
	return s.anySize(func(at extent) (*Expr, error) { return s.paramGradient(vertex, at) })
}

func (s *Source) paramGradient(vertex string, at extent) (*Expr, error) {
	v, err := s.model.VertexOf(vertex)
	if err != nil {
		return nil, err
	}
	e, err := s.withLoss(at)
	if err != nil {
		return nil, err
	}
	k := s.model.NumMatrices()
	for i := range v {
		if s.model.NumParams[i] > 0 {
			k++
		}
	}
	switch {
	case s.model.NumParams[v] == 0:
		return nil, &fault.LossError{Output: "", Reason: fmt.Sprintf("the activation of vertex %q has no parameters", vertex)}
	case e.Gradient[k] == nil:
		return nil, &fault.LossError{Output: "", Reason: fmt.Sprintf("the loss does not depend on the parameters of vertex %q: their gradient is zero", vertex)}
	}
	return s.expr(e, e.Gradient[k], lossIn(formula.Indexed("p", "p", vertex))), nil
}

// VertexGradient returns the gradient of the loss at the value of a vertex, samples ×
// dim: what its outgoing arrows and losses send back; for an input, the gradient in the
// data. Errors: *UnknownVertexError, *LossError.
func (s *Source) VertexGradient(vertex string) (*Expr, error) {
	return s.anySize(func(at extent) (*Expr, error) { return s.vertexGradient(vertex, at) })
}

func (s *Source) vertexGradient(vertex string, at extent) (*Expr, error) {
	v, err := s.model.VertexOf(vertex)
	if err != nil {
		return nil, err
	}
	if len(s.model.Losses) == 0 {
		return nil, noLoss()
	}
	e, err := s.model.Build(at.rows)
	if err != nil {
		return nil, err
	}
	if err := e.AddLossTerms(at.widths); err != nil {
		return nil, err
	}
	if e.Vertex[v] == nil {
		return nil, &fault.LossError{Output: "", Reason: fmt.Sprintf("vertex %q has dimension 0", vertex)}
	}
	grads, err := e.Gradients(gorgonia.Nodes{e.Vertex[v]})
	if err != nil {
		return nil, err
	}
	if grads[0] == nil {
		return nil, &fault.LossError{Output: "", Reason: fmt.Sprintf("the loss does not depend on vertex %q: its gradient is zero", vertex)}
	}
	return s.expr(e, grads[0], lossIn(formula.Vertex(vertex))), nil
}

// Value returns the value of a vertex as an expression, samples × dim. Errors:
// *UnknownVertexError, *LossError at dimension 0.
func (s *Source) Value(vertex string) (*Expr, error) {
	return s.anySize(func(at extent) (*Expr, error) { return s.value(vertex, at) })
}

func (s *Source) value(vertex string, at extent) (*Expr, error) {
	v, err := s.model.VertexOf(vertex)
	if err != nil {
		return nil, err
	}
	e, err := s.model.Build(at.rows)
	if err != nil {
		return nil, err
	}
	if e.Vertex[v] == nil {
		return nil, &fault.LossError{Output: "", Reason: fmt.Sprintf("vertex %q has dimension 0", vertex)}
	}
	return s.expr(e, e.Vertex[v], formula.Vertex(vertex)), nil
}

// LossValue returns the loss as an expression, 1×1. Errors: *LossError without a loss.
func (s *Source) LossValue() (*Expr, error) { return s.anySize(s.lossValue) }

func (s *Source) lossValue(at extent) (*Expr, error) {
	e, err := s.withLoss(at)
	if err != nil {
		return nil, err
	}
	return s.expr(e, e.Loss, formula.Loss()), nil
}

// SecondGradient returns the gradient in the matrix of arrow b of ⟨∂L/∂W[a], V[a]⟩, as a matrix
// of the size of b: the block of the Hessian that belongs to a and b, applied to a
// direction V[a] of the size of a, which Expr.Along gives. With V[a] = the unit matrices it gives the rows of the
// block. Errors: as Gradient, and *OrderError.
func (s *Source) SecondGradient(a, b string) (*Expr, error) {
	return s.anySize(func(at extent) (*Expr, error) { return s.secondGradient(a, b, at) })
}

func (s *Source) secondGradient(a, b string, at extent) (*Expr, error) {
	i, err := s.model.SegmentOf(a)
	if err != nil {
		return nil, err
	}
	j, err := s.model.SegmentOf(b)
	if err != nil {
		return nil, err
	}
	if len(s.model.Losses) == 0 {
		return nil, noLoss()
	}
	e, err := s.model.Build(at.rows)
	if err != nil {
		return nil, err
	}
	if err := e.AddLoss(at.widths); err != nil {
		return nil, err
	}
	zero := &fault.LossError{Output: "", Reason: fmt.Sprintf("the second derivative of the loss in arrows %q and %q is zero", a, b)}
	if e.Gradient[i] == nil || e.Gradient[j] == nil {
		return nil, zero
	}
	e.Tangent = make([]*gorgonia.Node, len(e.Segment))
	n := e.Segment[i]
	if e.Tangent[i], err = e.Input("v·"+n.Name(), n.Shape()[0], n.Shape()[1]); err != nil {
		return nil, err
	}
	hs, err := builtin.Backprop(gorgonia.Nodes{e.Gradient[i]}, gorgonia.Nodes{e.Tangent[i]}, gorgonia.Nodes{e.Segment[j]})
	if err != nil {
		return nil, err
	}
	if hs[0] == nil {
		return nil, zero
	}
	wa, wb := formula.Indexed("W", "W", model.ArrowName(s.model.OwnerOf(a))), formula.Indexed("W", "W", model.ArrowName(s.model.OwnerOf(b)))
	v := formula.Indexed("V", "V", model.ArrowName(s.model.OwnerOf(a)))
	left := formula.Symbol("∂⟨"+lossIn(wa).Text+", "+v.Text+"⟩/∂"+wb.Text,
		`\frac{\partial}{\partial `+wb.Tex+`}\left\langle `+lossIn(wa).Tex+`,\, `+v.Tex+`\right\rangle `).Means("∂²L", "")
	return s.expr(e, hs[0], left), nil
}

// lossIn is ∂L/∂s.
func lossIn(s *formula.Formula) *formula.Formula {
	f := formula.Symbol("∂L/∂"+s.Text, `\frac{\partial L}{\partial `+s.Tex+`}`).Means("∂L", "")
	f.Args = []*formula.Formula{s}
	return f
}

func noLoss() error {
	return &fault.LossError{Output: "", Reason: "the program has no loss, hence no gradient; compile with graph.Loss(output, graph.MSE, 1)"}
}

// withLoss returns the graph for a batch.
func (s *Source) withLoss(at extent) (*model.Expression, error) {
	if len(s.model.Losses) == 0 {
		return nil, noLoss()
	}
	return s.expression(at.rows, at.widths)
}
