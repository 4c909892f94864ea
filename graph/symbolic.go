package graph

// Gradient returns the gradient of the loss in the matrix of a trainable arrow, m×n as the
// matrix; a tied arrow's is the sum over all arrows that share the matrix. Errors:
// *UnknownArrowError, *LossError without a loss or where the loss does not depend on the
// arrow.
func (p *Program) Gradient(arrow string) (*Expr, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	return p.symbols.Gradient(arrow)
}

// ParamGradient returns the gradient of the loss in the parameters of the activation of a
// vertex, 1×p. Errors: *UnknownVertexError, *LossError.
func (p *Program) ParamGradient(vertex string) (*Expr, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	return p.symbols.ParamGradient(vertex)
}

// VertexGradient returns the gradient of the loss at the value of a vertex, samples ×
// dim: what its outgoing arrows and losses send back; for an input, the gradient in the
// data. Errors: *UnknownVertexError, *LossError.
func (p *Program) VertexGradient(vertex string) (*Expr, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	return p.symbols.VertexGradient(vertex)
}

// Value returns the value of a vertex as an expression, samples × dim. Errors:
// *UnknownVertexError, *LossError at dimension 0.
func (p *Program) Value(vertex string) (*Expr, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	return p.symbols.Value(vertex)
}

// LossValue returns the loss as an expression, 1×1. Errors: *LossError without a loss.
func (p *Program) LossValue() (*Expr, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	return p.symbols.LossValue()
}

// SecondGradient returns the gradient in the matrix of arrow b of ⟨∂L/∂W[a], V[a]⟩, as a matrix
// of the size of b: the block of the Hessian that belongs to a and b, applied to a
// direction V[a] of the size of a, which Expr.Along gives. With V[a] = the unit matrices it gives the rows of the
// block. Errors: as Gradient, and *OrderError.
func (p *Program) SecondGradient(a, b string) (*Expr, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	return p.symbols.SecondGradient(a, b)
}

// HessianExpr returns the whole Hessian as one expression, NumParams×NumParams: row k, called
// H[k], is the gradient of ⟨∂L/∂w, E⟩ for the unit E of number k of the slab. All rows share
// the nodes of the gradient. Errors: *LossError, *OrderError, and *DataError above 200 parameters,
// where Hessian and SecondGradient serve.
func (p *Program) HessianExpr() (*Expr, error) {
	if err := p.made(); err != nil {
		return nil, err
	}
	return p.symbols.HessianExpr()
}
