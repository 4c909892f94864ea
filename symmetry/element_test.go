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

func actsOn(t testing.TB, w *quiver.Rep, seed uint64) *quiver.Rep {
	t.Helper()
	return must(symmetry.Act(symmetry.RandomElement(w.Quiver(), rand.NewPCG(seed, 1)), w))(t)
}

// TestInvariance: a random element moves the weights and not the function.
func TestInvariance(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for n, act := range []quiver.Activation{sigmoid, squash, tanh, layers.RMSNorm(9, 1e-3), quiver.Identity, layers.Trainable(layers.Tanh, 0.2, 1.5), layers.DeadZone(sigmoid, 1e-9)} {
		for _, q := range []*quiver.Quiver{
			mlp(t, act, 1+rng.IntN(5), 1+rng.IntN(9), 2+rng.IntN(9), 1+rng.IntN(4)),
			must(layers.DenseNet(act, 2, 5, 6, 7, 3))(t),
			must(layers.Residual(act, 2, 6, 7, 2, 2))(t),
			build(t, act, "*:b", "a:i2", "b:h9", "c:o5", "d:h6", "e:o2", "a>b", "a>b", "b>c", "c>d", "d>e", "*>d"),
		} {
			w := random(q, uint64(n))
			v := actsOn(t, w, uint64(n))
			xs := inputs(q, 8, uint64(n))
			assert.LessOrEqual(t, gap(t, w, v, xs...), 1e-12, act.String())
			assert.Greater(t, distance(w, v), 1e-3, "the weights do move")
			assert.Equal(t, q.Layout(), v.Quiver().Layout())
		}
	}
}

// TestNotInvariant: a pointwise activation does not commute with rotations.
func TestNotInvariant(t *testing.T) {
	q := mlp(t, layers.Pointwise(layers.Tanh), 2, 5, 3)
	w := random(q, 1)
	g := symmetry.RandomElement(q, rand.NewPCG(1, 1))
	signed := symmetry.GroupOf(layers.Pointwise(layers.Tanh), 5)
	require.Equal(t, symmetry.SignedPermutations, signed.Kind)
	assert.NoError(t, signed.Contains(g.Factor("h1")), "RandomElement stays within the symmetries")
	assert.Equal(t, q.Layout(), must(symmetry.Act(g, w))(t).Quiver().Layout())
	rotation := symmetry.RandomElement(mlp(t, tanh, 2, 5, 3), rand.NewPCG(1, 1)).Factor("h1")
	assert.Error(t, signed.Contains(rotation))
	h := must(symmetry.Identity(q).With("h1", rotation))(t)
	v := must(symmetry.Act(h, w))(t)
	xs := inputs(q, 8, 1)
	assert.NotEqual(t, q.Layout(), v.Quiver().Layout(), "the activation is conjugated")
	assert.LessOrEqual(t, gap(t, w, v, xs...), 1e-12)
	// With the old activation the function is another one.
	wrong := quiver.Zero(q)
	copy(wrong.Data(), v.Data())
	assert.Greater(t, gap(t, w, wrong, xs...), 1e-3)
}

func eye(n int) *mat.Dense {
	m := mat.NewDense(n, n, nil)
	for i := range n {
		m.Set(i, i, 1)
	}
	return m
}

func TestGroupLaws(t *testing.T) {
	q := must(layers.Residual(squash, 2, 6, 7, 2, 2))(t)
	w := random(q, 1)
	g, h := symmetry.RandomElement(q, rand.NewPCG(1, 2)), symmetry.RandomElement(q, rand.NewPCG(3, 4))
	for _, v := range q.Hidden() {
		assert.LessOrEqual(t, notOrthogonal(g.Factor(v)), 1e-14)
		assert.Greater(t, mat.Norm(g.Factor(v), 1), 1.01, "not the identity")
	}
	assert.Equal(t, 1.0, g.Factor("x").At(0, 0))
	assert.Nil(t, g.Factor("nobody"))
	both := must(symmetry.Act(g.Mul(h), w))(t)
	assert.LessOrEqual(t, distance(both, must(symmetry.Act(g, must(symmetry.Act(h, w))(t)))(t)), 1e-13)
	assert.Greater(t, distance(both, must(symmetry.Act(h.Mul(g), w))(t)), 1e-3, "the order matters")
	var p mat.Dense
	p.Mul(g.Factor("h0"), h.Factor("h0"))
	assert.LessOrEqual(t, relative(&p, g.Mul(h).Factor("h0")), 1e-14)
	p.Mul(h.Factor("h0").T(), g.Factor("h0").T())
	assert.LessOrEqual(t, relative(&p, g.Mul(h).Inverse().Factor("h0")), 1e-13)
	back := must(symmetry.Act(g.Inverse(), must(symmetry.Act(g, w))(t)))(t)
	assert.LessOrEqual(t, distance(w, back), 1e-13)
	same := must(symmetry.Act(symmetry.Identity(q), w))(t)
	assert.Equal(t, w.Data(), same.Data())
	for i, a := range same.Quiver().Arrows() {
		if a.Fixed {
			assert.IsType(t, quiver.Inclusion{}, same.Fixed(i), "the identity leaves fixed arrows structured")
		}
	}
	again := symmetry.RandomElement(q, rand.NewPCG(1, 2))
	assert.True(t, mat.Equal(g.Factor("b1"), again.Factor("b1")), "the same source gives the same bits")
}

// TestGradientEquivariance: the gradient at g·w is g applied to the gradient.
func TestGradientEquivariance(t *testing.T) {
	q := must(layers.DenseNet(squash, 2, 5, 6, 7, 3))(t)
	w := random(q, 1)
	g := symmetry.RandomElement(q, rand.NewPCG(1, 2))
	xs, ys := inputs(q, 6, 1), targets(q, 6, 2)
	_, a := halfSumOfSquares(t, w, xs, ys)
	_, b := halfSumOfSquares(t, must(symmetry.Act(g, w))(t), xs, ys)
	assert.LessOrEqual(t, distance(must(symmetry.Act(g, a))(t), b), 1e-13)
}

func TestElementErrors(t *testing.T) {
	q := mlp(t, tanh, 2, 5, 3)
	w := random(q, 1)
	id := symmetry.Identity(q)
	var bad *symmetry.ElementError
	_, err := id.With("h1", mat.NewDense(5, 5, nil))
	require.ErrorAs(t, err, &bad)
	assert.Equal(t, "h1", bad.Vertex)
	_, err = id.With("h1", eye(4))
	require.ErrorContains(t, err, "4×4, want 5×5")
	_, err = id.With("x", eye(2))
	require.ErrorContains(t, err, "input vertices are not rotated")
	_, err = id.With("h9", eye(2))
	require.ErrorAs(t, err, &bad)
	_, err = symmetry.Act(symmetry.Identity(mlp(t, tanh, 2, 5, 4, 3)), w)
	require.ErrorAs(t, err, &bad)
	_, err = symmetry.Act(symmetry.RandomElement(mlp(t, tanh, 2, 6, 3), rand.NewPCG(1, 1)), w)
	require.ErrorContains(t, err, "6×6, want 5×5")
	assert.PanicsWithError(t, "symmetry: elements for 4 and for 5 vertices have no product", func() { id.Mul(symmetry.Identity(mlp(t, tanh, 2, 5, 4, 3))) })
}
