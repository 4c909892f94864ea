package symbolic

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// Source is what expressions are made of: a model, the graphs that a program has of it, and its checks of data.
type Source struct {
	model *model.Model
	rows  int // the number of samples of expressions that are not asked for another

	// expression returns the graph for a number of samples, with the loss and its gradients where there is a loss; widths are the columns
	// of the targets.
	expression func(rows int, widths []int) (*model.Expression, error)

	// load checks the data of a loss.
	load func(b *batch.Batch, w *quiver.Rep, xs, ys []*mat.Dense) error
}

// NewSource returns a source.
func NewSource(m *model.Model, rows int, expression func(rows int, widths []int) (*model.Expression, error), load func(b *batch.Batch, w *quiver.Rep, xs, ys []*mat.Dense) error) *Source {
	return &Source{m, rows, expression, load}
}
