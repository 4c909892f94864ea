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

// TestRigid: residual networks are aligned without a change of their skips.
func TestRigid(t *testing.T) {
	for n, act := range []quiver.Activation{layers.Pointwise(layers.ReLU), layers.Pointwise(layers.Tanh), layers.Pointwise(layers.GELU), layers.Pointwise(layers.Abs), squash} {
		q := must(layers.Residual(act, 3, 6, 5, 2, 2))(t)
		w := random(q, uint64(n))
		// A copy on the orbit with the same skips: one element along the stream.
		g := symmetry.Identity(q)
		group := symmetry.GroupOf(act, 6)
		if act.String() == "pointwise(abs)" {
			group = symmetry.Group{Kind: symmetry.PositiveMonomial, Degree: 1} // φ(A) = A there
		}
		stream := group.Random(6, rand.NewPCG(uint64(n), 4))
		for _, h := range []string{"h0", "b1", "b2"} {
			g = must(g.With(h, stream))(t)
		}
		for _, u := range []string{"b1.u", "b2.u"} {
			g = must(g.With(u, symmetry.GroupOf(act, 5).Random(5, rand.NewPCG(uint64(n), 5))))(t)
		}
		v := quiver.Zero(q)
		v.CopyFrom(must(symmetry.Act(g, w))(t))
		xs := inputs(q, 8, 1)
		require.LessOrEqual(t, gap(t, w, v, xs...), 1e-12, "the skips are what they were")

		a := must(symmetry.AlignedRigid(w, v))(t)
		assert.LessOrEqual(t, a.Upper, 1e-9*norm(v), act.String())
		mean := must(symmetry.Average(w, v))(t)
		assert.LessOrEqual(t, gap(t, w, mean, xs...), 1e-9, act.String())

		// Another network: the aligned one still computes what it did, with the skips of the other.
		other := random(q, uint64(n+50))
		a = must(symmetry.AlignedRigid(w, other))(t)
		moved := quiver.Zero(q)
		moved.CopyFrom(must(symmetry.Act(a.Element, w))(t))
		assert.LessOrEqual(t, gap(t, w, moved, xs...), 1e-11, act.String())
		assert.LessOrEqual(t, a.Lower, a.Upper)
		// Independent factors move the skips, and the weights alone are another function.
		moved.CopyFrom(actsOn(t, w, 3))
		assert.Greater(t, gap(t, w, moved, xs...), 1e-3, act.String())
		_, err := symmetry.AlignedRigid(w, actsOn(t, w, 3))
		var bad *symmetry.RigidError
		require.ErrorAs(t, err, &bad)
		assert.Equal(t, "h0->b1", bad.Arrow)
	}
	// The ends of a fixed arrow that is no identity stay.
	q := must(quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 3, layers.Pointwise(layers.ReLU)), quiver.Hidden("k", 4, layers.Pointwise(layers.ReLU)), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("h", "k", quiver.Frozen(quiver.Inclusion{Rows: 4, Cols: 3, K: 3})), quiver.Connect("x", "k"), quiver.Connect("k", "y")))(t)
	a := must(symmetry.AlignedRigid(random(q, 1), random(q, 2)))(t)
	assert.True(t, mat.Equal(eye(3), a.Element.Factor("h")))
	assert.True(t, mat.Equal(eye(4), a.Element.Factor("k")))
}
