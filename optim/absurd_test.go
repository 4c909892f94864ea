package optim_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/optim"
	"github.com/quivernet/quivernet/quiver"
)

// basin is |w|²/2; stuck is a constant with a gradient that is not its own.
type basin struct{}

func (basin) LossGrad(g, w *quiver.Rep) (float64, error) {
	g.CopyFrom(w)
	return w.Dot(w) / 2, nil
}

type stuck struct{ calls int }

func (s *stuck) LossGrad(g, w *quiver.Rep) (float64, error) {
	s.calls++
	g.CopyFrom(w)
	return 1, nil
}

// TestHugeCounts: a search with the largest numbers of pairs and trials is the one with enough of
// them, and ends.
func TestHugeCounts(t *testing.T) {
	run := func(memory int) *quiver.Rep {
		w := generic(t, layers.Tanh)
		w.Data()[0] = 3
		_, err := optim.Minimize(context.Background(), basin{}, w, &optim.LBFGS{Memory: memory}, &optim.Settings{Steps: 4})
		require.NoError(t, err)
		return w
	}
	assert.Equal(t, run(100).Data(), run(math.MaxInt).Data())

	o := &stuck{}
	w := generic(t, layers.Tanh)
	before := w.Clone()
	_, err := optim.Minimize(context.Background(), o, w, &optim.LBFGS{Trials: math.MaxInt}, &optim.Settings{Steps: 4})
	var se *optim.SearchError
	require.ErrorAs(t, err, &se)
	assert.Less(t, o.calls, 200)
	assert.Equal(t, o.calls-1, se.Evaluations)
	assert.Equal(t, before.Data(), w.Data())
}
