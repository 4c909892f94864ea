package recovery

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

func TestRecoverA1(t *testing.T) {
	r, err := RecoverShallow(piecestest.Oracle(t, piecestest.NetA1(t)), 2, 2, quiver.Cube(2, 4), RecoverOptions{})
	require.NoError(t, err)
	require.True(t, r.Unique)
	require.Less(t, r.Error, 1e-9)
	w := r.Network
	i := 0
	if w.Arrow("x->h1").At(0, 0) < 0 {
		i = 1
	}
	first := append(append([]float64(nil), w.Arrow("x->h1").RawRowView(i)...), w.Arrow("one->h1").At(i, 0), w.Arrow("h1->y").At(0, i))
	second := append(append([]float64(nil), w.Arrow("x->h1").RawRowView(1-i)...), w.Arrow("one->h1").At(1-i, 0), w.Arrow("h1->y").At(0, 1-i))
	require.InDeltaSlice(t, []float64{0.40824829, 0.81649658, 0.40824829, 4.89897949}, first, 1e-7)
	require.InDeltaSlice(t, []float64{-0.94868330, 0.31622777, 0, -3.16227766}, second, 1e-7)
	require.InDelta(t, 3, w.Arrow("one->y").At(0, 0), 1e-7)
}

// TestRecoverRandom: what is recovered is the network, up to permutation and rescaling,
// whenever the test of shallow networks says that it is determined.
func TestRecoverRandom(t *testing.T) {
	n, unique := 0, 0
	for seed := range uint64(24) {
		in, hidden, out := 1+int(seed%4), 1+int(seed/4)%4, 1+int(seed%2)
		w := piecestest.HeChain(t, piecestest.ReLU, seed, in, hidden, out)
		box := quiver.Cube(in, 4)
		s := shallowOf(t, w, box)
		if s.Verdict != identify.Identifiable {
			continue
		}
		r, err := RecoverShallow(piecestest.Oracle(t, w), in, hidden, box, RecoverOptions{Source: rand.NewPCG(seed, 1)})
		require.NoError(t, err, "seed %d", seed)
		n++
		require.Less(t, r.Error, 1e-7)
		if r.Unique {
			unique++
			e, err := identify.EqualModPermutation(w, r.Network, 1e-4)
			require.NoError(t, err)
			require.Equal(t, identify.Yes, e.Verdict, "seed %d %v", seed, e)
		}
	}
	t.Log("recovered", n, "unique", unique)
	require.Greater(t, n, 12)
	require.Greater(t, unique, 10)

	clip := piecestest.Chain(t, []int{1, 2, 1}, []float64{1, 1}, []float64{0, -1}, []float64{1, -1}, []float64{0})
	r, err := RecoverShallow(piecestest.Oracle(t, clip), 1, 2, quiver.Cube(1, 3), RecoverOptions{})
	require.NoError(t, err)
	require.False(t, r.Unique)
}

func TestRecoverBadOracles(t *testing.T) {
	rng := rand.New(rand.NewPCG(70, 1))
	f := piecestest.Oracle(t, piecestest.NetA1(t))
	tanh := piecestest.Oracle(t, piecestest.HeChain(t, layers.Pointwise(layers.Tanh), 1, 2, 3, 1))
	calls := 0
	var text string
	for _, c := range []struct {
		name   string
		query  func([]float64) []float64
		hidden int
	}{
		{"wrong length", func(x []float64) []float64 {
			if calls++; calls > 100 {
				return []float64{1, 2}
			}
			return f(x)
		}, 2},
		{"nothing", func([]float64) []float64 { return nil }, 2},
		{"too few units asked", f, 1},
		{"too many units asked", f, 3},
		{"not finite", func(x []float64) []float64 { return []float64{1 / (x[0] - x[0])} }, 2},
		{"noise", func(x []float64) []float64 { return []float64{f(x)[0] + 1e-3*rng.NormFloat64()} }, 2},
		{"tanh", tanh, 3},
	} {
		_, err := RecoverShallow(c.query, 2, c.hidden, quiver.Cube(2, 4), RecoverOptions{Lines: 30})
		var oe *OracleError
		require.ErrorAs(t, err, &oe, c.name)
		text += c.name + ": " + err.Error() + "\n"
	}
	piecestest.Golden(t, "oracle.txt", text)
}
