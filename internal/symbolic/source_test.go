package symbolic

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/batch"
	"github.com/quivernet/quivernet/internal/model"
	"github.com/quivernet/quivernet/quiver"
)

// sourceOf is a source of expressions of a quiver with losses, which makes each graph anew.
func sourceOf(t *testing.T, q *quiver.Quiver, losses ...model.Term) *Source {
	t.Helper()
	m, err := model.New(q, losses, tensor.Float64)
	require.NoError(t, err)
	graph := func(rows int, widths []int) (*model.Expression, error) {
		e, err := m.Build(rows)
		if err == nil && len(losses) > 0 {
			err = e.AddLoss(widths)
		}
		return e, err
	}
	load := func(b *batch.Batch, w *quiver.Rep, xs, ys []*mat.Dense) error { return b.Load(m, w, xs, ys) }
	return NewSource(m, 2, graph, load)
}
