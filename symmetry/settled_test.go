package symmetry_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// TestCanonicalIdleUnits: units that are 0 for every input have a canonical sign, too, which what goes
// out of them decides.
func TestCanonicalIdleUnits(t *testing.T) {
	for _, act := range []quiver.Activation{layers.Pointwise(layers.Tanh), layers.Pointwise(layers.ReLU)} {
		w := random(must(quiver.New(quiver.Input("x", 3), quiver.Bias("one"), quiver.Hidden("h1", 5, act), quiver.Hidden("h2", 4, layers.Pointwise(layers.GELU)), quiver.Output("y", 2, nil),
			quiver.Connect("x", "h1"), quiver.Connect("one", "h1"), quiver.Connect("h1", "h2"), quiver.Connect("one", "h2"), quiver.Connect("h2", "y")))(t), 1)
		for _, idle := range []int{1, 3} {
			copy(w.Arrow("x->h1").RawRowView(idle), make([]float64, 3))
			w.Arrow("one->h1").Set(idle, 0, 0)
		}
		want := must(symmetry.Canonical(w))(t)
		for seed := range uint64(4) {
			assert.LessOrEqual(t, distance(want, must(symmetry.Canonical(actsOn(t, w, seed)))(t)), 1e-12, "%s %d", act, seed)
		}
		w.Arrow("h1->h2").Set(0, 1, 7)
		assert.Greater(t, distance(want, must(symmetry.Canonical(w))(t)), 0.1)
	}
}

// TestRigidEnds: the ends of a fixed arrow that is no identity stay, whether it widens or narrows.
func TestRigidEnds(t *testing.T) {
	for _, width := range []int{2, 3, 4} {
		frozen := mat.NewDense(width, 3, nil)
		for i := range frozen.RawMatrix().Data {
			frozen.RawMatrix().Data[i] = float64(i + 2)
		}
		q := must(quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 3, layers.Pointwise(layers.ReLU)), quiver.Hidden("k", width, layers.Pointwise(layers.ReLU)), quiver.Output("y", 1, nil),
			quiver.Connect("x", "h"), quiver.Connect("h", "k", quiver.Frozen(frozen)), quiver.Connect("x", "k"), quiver.Connect("k", "y")))(t)
		a := must(symmetry.AlignedRigid(random(q, 1), random(q, 2)))(t)
		require.True(t, mat.Equal(eye(3), a.Element.Factor("h")), "%d", width)
		require.True(t, mat.Equal(eye(width), a.Element.Factor("k")), "%d", width)
	}
}

// TestGroupOfNoDimension: a dimension below 0 is refused by name; 0 is a dimension.
func TestGroupOfNoDimension(t *testing.T) {
	for _, act := range []quiver.Activation{squash, layers.Pointwise(layers.Tanh)} {
		assert.PanicsWithError(t, (&symmetry.MembershipError{Row: -1, Col: -1, Value: -1, Reason: "a dimension of -1; want 0 or more, and matrices that fit into memory"}).Error(), func() { symmetry.GroupOf(act, -1) })
		assert.NotPanics(t, func() { symmetry.GroupOf(act, 0).Random(0, rand.NewPCG(1, 1)) })
	}
}
