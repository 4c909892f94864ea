package recovery_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/recovery"
)

// TestActConditionP: the report of condition P does not change, layer by layer.
func TestActConditionP(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 1))
	q, err := layers.MLP(piecestest.ReLU, 2, 2, 2, 1)
	require.NoError(t, err)
	seen := make(map[recovery.Status]int)
	for k := range uint64(60) {
		w := quiver.Random(q, piecestest.Integers, rng)
		if k%3 == 0 { // one that is certified
			for name, xs := range map[string][]float64{"x->h1": {-3, -2, -3, -3}, "one->h1": {1, -2}, "h1->h2": {1, -2, 3, 3}, "one->h2": {3, -1}, "h2->y": {-3, -1}, "one->y": {-2}} {
				copy(w.Arrow(name).RawMatrix().Data, xs)
			}
		}
		g := symmetry.Identity(q)
		for _, h := range q.Hidden() {
			m := symmetry.GroupsOf(q)[h].RandomMonomial(2, rand.NewPCG(k, 1))
			for i, x := range m.Scale {
				m.Scale[i] = math.Ldexp(1, int(math.Round(3*math.Log(x)))) // exact: the report looks at coincidences
			}
			g, err = g.With(h, m.Dense())
			require.NoError(t, err)
		}
		v, err := symmetry.Act(g, w)
		require.NoError(t, err)
		a, err := recovery.CheckP(w, identify.Cube(2, 10), recovery.POptions{})
		require.NoError(t, err)
		b, err := recovery.CheckP(v, identify.Cube(2, 10), recovery.POptions{})
		require.NoError(t, err)
		require.Equal(t, a.Overall, b.Overall, "%d", k)
		seen[a.Overall]++
	}
	t.Log(seen)
	assert.Greater(t, len(seen), 1)
}
