package symmetry_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

func TestContract(t *testing.T) {
	q := linear(t)
	w := random(q, 3)
	xs := inputs(q, 9, 1)
	c := must(symmetry.Contract(w, "l2", "l1", "l3"))(t)
	assert.Equal(t, []string{"h", "k"}, c.Quiver().Hidden())
	assert.LessOrEqual(t, gap(t, w, c, xs...), 1e-13)
	merged := compress(t, c, symmetry.MergeParallel)
	assert.LessOrEqual(t, gap(t, w, merged.Reduced, xs...), 1e-13)
	other := w.Clone()
	other.Arrow("l1->l2").Set(0, 0, 5)
	assert.Greater(t, gap(t, other, c, xs...), 1e-3)
	same := must(symmetry.Contract(w))(t)
	assert.Equal(t, w.Data(), same.Data())

	// Nothing arrives, or fixed arrows on both sides.
	q = must(quiver.New(quiver.Input("x", 2), quiver.Hidden("v", 2, quiver.Identity), quiver.Hidden("e", 3, quiver.Identity), quiver.Output("y", 2, nil), quiver.Output("z", 2, squash),
		quiver.Connect("x", "v", quiver.Frozen(quiver.Eye(2))), quiver.Connect("v", "y", quiver.Frozen(quiver.Eye(2))), quiver.Connect("e", "y"), quiver.Connect("v", "z"), quiver.Connect("x", "y")))(t)
	w = random(q, 1)
	c = must(symmetry.Contract(w, "v", "e"))(t)
	assert.LessOrEqual(t, gap(t, w, c, inputs(q, 5, 1)...), 1e-14)
	i, ok := c.Quiver().ArrowIndex("x.v.y")
	require.True(t, ok)
	assert.True(t, c.Quiver().Arrows()[i].Fixed)
	assert.Equal(t, q.Outputs(), c.Quiver().Outputs())

	var bad *symmetry.ContractError
	_, err := symmetry.Contract(random(linear(t), 1), "h")
	require.ErrorAs(t, err, &bad)
	_, err = symmetry.Contract(random(unrolled(t, quiver.Identity, 3, 3), 1), "h2")
	require.ErrorAs(t, err, &bad)
	_, err = symmetry.Contract(w, "nobody")
	var unknown *quiver.UnknownVertexError
	require.ErrorAs(t, err, &unknown)
}
