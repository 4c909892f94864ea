package symbolic

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/fault"
	"github.com/quivernet/quivernet/internal/formula"
	"github.com/quivernet/quivernet/internal/op"
)

// maxHessianGraph is the largest number of parameters for which HessianExpr makes a graph, of
// some dozens of nodes for each.
const maxHessianGraph = 200

// HessianExpr returns the whole Hessian as one expression, NumParams×NumParams: row k, called
// H[k], is the gradient of ⟨∂L/∂w, E⟩ for the unit E of number k of the slab. All rows share
// the nodes of the gradient. Errors: *LossError, *OrderError, and *DataError above 200 parameters,
// where Hessian and SecondGradient serve.
func (s *Source) HessianExpr() (*Expr, error) { return s.anySize(s.hessianExpr) }

func (s *Source) hessianExpr(at extent) (*Expr, error) {
	if len(s.model.Losses) == 0 {
		return nil, noLoss()
	}
	if n := s.model.Quiver.NumParams(); n > maxHessianGraph || n == 0 {
		return nil, &fault.DataError{What: "HessianExpr", Reason: fmt.Sprintf("%d parameters, want 1 to %d; use Hessian for the numbers, SecondGradient for a block", n, maxHessianGraph)}
	}
	e, err := s.model.Build(at.rows)
	if err != nil {
		return nil, err
	}
	if err := e.AddLoss(at.widths); err != nil {
		return nil, err
	}
	var rows gorgonia.Nodes
	for i, w := range e.Segment {
		if w == nil {
			continue
		}
		for r := range w.Shape()[0] {
			for c := range w.Shape()[1] {
				row, err := e.HessianRow(i, r, c)
				if err != nil {
					return nil, err
				}
				rows = append(rows, row)
			}
		}
	}
	h, err := op.Stack("loss", rows...)
	if err != nil {
		return nil, err
	}
	x := s.expr(e, h, formula.Symbol("∂²L", `\partial^{2}L`).Means("Hessian", ""))
	for k, row := range rows {
		x.labels.name(row, formula.Indexed("H", "H", fmt.Sprint(k+1)))
	}
	return x, nil
}
