package recovery

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/pieces"
	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
)

func shallowOf(t *testing.T, w *quiver.Rep, b quiver.Box) *ShallowReport {
	t.Helper()
	r, err := Shallow(w, b)
	require.NoError(t, err)
	return r
}

func TestShallowExamples(t *testing.T) {
	r := shallowOf(t, piecestest.NetA1(t), quiver.Cube(2, 10))
	require.Equal(t, identify.Identifiable, r.Verdict, "%v", r)
	clip := piecestest.Chain(t, []int{1, 2, 1}, []float64{1, 1}, []float64{0, -1}, []float64{1, -1}, []float64{0})
	r = shallowOf(t, clip, quiver.Box{Lo: []float64{-1}, Hi: []float64{2}})
	require.Equal(t, identify.NotIdentifiable, r.Verdict)
	require.Equal(t, Refuted, r.Conditions[3].Status)
	require.Equal(t, []int{0, 1}, r.Conditions[3].Units)
	require.Equal(t, []float64{-1, -1, 0, 1, 1, -1, 1}, r.Other.Data())
	require.Less(t, r.Change, 1e-15)
	same, err := identify.EqualModPermutation(clip, r.Other, 1e-9)
	require.NoError(t, err)
	require.Equal(t, identify.No, same.Verdict)
	piecestest.Golden(t, "shallow.txt", r.String())

	// turning round unit 0 of the first network alone does change it
	a := piecestest.NetA1(t)
	b := a.Clone()
	net, err := pieces.Of(b)
	require.NoError(t, err)
	l, err := layersOf(net, "", lopsided)
	require.NoError(t, err)
	newShallow(l, quiver.Cube(2, 10)).flip([]int{0})
	x := piecestest.Normal(rand.New(rand.NewPCG(1, 1)), 500, 2)
	x.Scale(3, x)
	ya, err := a.Eval(x)
	require.NoError(t, err)
	yb, err := b.Eval(x)
	require.NoError(t, err)
	require.Greater(t, piecestest.MaxDiff(ya[0], yb[0]), 0.1)
}

// TestShallowWitnesses draws integer networks, plants each failure, and checks that the
// other network has the same function, exactly where the numbers are whole, and is
// another one.
func TestShallowWitnesses(t *testing.T) {
	rng := rand.New(rand.NewPCG(50, 1))
	seen := map[string]int{}
	box := quiver.Cube(2, 4)
	acts := []quiver.Activation{piecestest.ReLU, piecestest.ReLU, piecestest.Leaky, piecestest.Bent{Up: 2, Down: -0.5}, piecestest.Bent{Up: 0, Down: 1}}
	for round := range 300 {
		w := piecestest.HeChain(t, acts[round/6%5], 1, 2, 3, 2)
		for j := range w.Data() {
			w.Data()[j] = float64(rng.IntN(9) - 4)
		}
		w1, b1, w2 := w.Arrow("x->h1"), w.Arrow("one->h1"), w.Arrow("h1->y")
		switch round % 6 {
		case 0:
			w2.SetCol(1, []float64{0, 0})
		case 1:
			b1.Set(0, 0, 100)
		case 2:
			b1.Set(2, 0, -100)
		case 3:
			w1.SetRow(1, []float64{2 * w1.At(0, 0), 2 * w1.At(0, 1)})
			b1.Set(1, 0, 2*b1.At(0, 0))
		case 4:
			w1.SetRow(1, []float64{-w1.At(0, 0), -w1.At(0, 1)})
			b1.Set(1, 0, -b1.At(0, 0))
		case 5:
			for j := range 2 {
				w1.Set(2, j, -w1.At(0, j)-w1.At(1, j))
			}
			w2.SetCol(1, []float64{w2.At(0, 0), w2.At(1, 0)})
			w2.SetCol(2, []float64{w2.At(0, 0), w2.At(1, 0)})
		}
		r := shallowOf(t, w, box)
		require.Equal(t, identify.NotIdentifiable, r.Verdict, "%d %v", round, r)
		require.LessOrEqual(t, r.Change, 1e-13, "%v", r)
		for _, c := range r.Conditions {
			if c.Status == Refuted {
				seen[c.Name]++
				break
			}
		}
		if same, err := identify.EqualModPermutation(w, r.Other, 1e-9); err == nil {
			require.NotEqual(t, identify.Yes, same.Verdict, "%v\n%v\n%v", r, w.Data(), r.Other.Data())
		}
	}
	t.Log(seen)
	for _, c := range []string{"i", "ii", "iii", "iv"} {
		require.Greater(t, seen[c], 15, c)
	}
}

// TestShallowDimension: an identifiable shallow network has full functional dimension.
func TestShallowDimension(t *testing.T) {
	n := 0
	for seed := range uint64(40) {
		w := piecestest.HeChain(t, []quiver.Activation{piecestest.ReLU, piecestest.Leaky}[seed%2], seed, 2, 3, 1)
		r := shallowOf(t, w, quiver.Cube(2, 3))
		if r.Verdict != identify.Identifiable {
			continue
		}
		n++
		d, err := identify.ExactDimensionOn(w, quiver.Cube(2, 3))
		require.NoError(t, err)
		require.True(t, d.Full(), "%v", d)
	}
	require.Greater(t, n, 20)
	// on all of the plane an opposite pair is left open
	w := piecestest.Chain(t, []int{2, 2, 1}, []float64{1, 1, -1, -1}, []float64{1, -1}, []float64{2, 3}, []float64{0})
	require.Equal(t, identify.Undetermined, shallowOf(t, w, quiver.Whole(2)).Verdict)
	require.Equal(t, identify.NotIdentifiable, shallowOf(t, w, quiver.Cube(2, 5)).Verdict)
	// unless the pair can be turned round: the other network then comes from (iv), not from (iii)
	pair := piecestest.Chain(t, []int{2, 2, 1}, []float64{1, 1, -1, -1}, []float64{1, -1}, []float64{2, 2}, []float64{0})
	turned := shallowOf(t, pair, quiver.Whole(2))
	require.Equal(t, identify.NotIdentifiable, turned.Verdict, "%v", turned)
	require.Less(t, turned.Change, 1e-14, "%v", turned)
	// a leaky network is determined as a ReLU one is; with slopes 1 and −1 it never is
	opposite := quiver.Zero(piecestest.HeChain(t, piecestest.Leaky, 1, 2, 2, 1).Quiver())
	copy(opposite.Data(), w.Data())
	require.Equal(t, identify.NotIdentifiable, shallowOf(t, opposite, quiver.Cube(2, 5)).Verdict)
	opposite.Arrow("one->h1").Set(1, 0, 3)
	require.Equal(t, identify.Identifiable, shallowOf(t, opposite, quiver.Cube(2, 5)).Verdict)
	var ae *pieces.ActivationError
	_, err := Shallow(piecestest.HeChain(t, layers.Pointwise(layers.Abs), 1, 2, 2, 1), quiver.Cube(2, 5))
	require.ErrorAs(t, err, &ae)
	// more than 24 dependent units: not decided
	big := piecestest.HeChain(t, piecestest.ReLU, 3, 2, 26, 1)
	r := shallowOf(t, big, quiver.Cube(2, 50))
	require.Equal(t, Unknown, r.Conditions[3].Status)
	require.Equal(t, identify.Undetermined, r.Verdict)
}

// TestCertifiedShallow: a shallow network that satisfies P on a box is identifiable
// there by the exact test, so no set of units can be turned round.
func TestCertifiedShallow(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	q, err := layers.MLP(piecestest.ReLU, 2, 2, 1)
	require.NoError(t, err)
	n := 0
	for range 400 {
		w := quiver.Random(q, piecestest.Integers, rng)
		if checkP(t, w, quiver.Cube(2, 5)).Overall != Certified {
			continue
		}
		n++
		require.Equal(t, identify.Identifiable, shallowOf(t, w, quiver.Cube(2, 5)).Verdict)
	}
	require.Greater(t, n, 50)
}
