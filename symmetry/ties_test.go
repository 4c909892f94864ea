package symmetry_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// unrolled is a recurrent network over time with tied weights: h_t = ρ(W h_{t−1} + U x_t + b).
func unrolled(t testing.TB, act quiver.Activation, n, steps int) *quiver.Quiver {
	t.Helper()
	parts := []quiver.Part{quiver.Bias("one"), quiver.Output("y", 2, nil)}
	for i := 1; i <= steps; i++ {
		h, x := fmt.Sprintf("h%d", i), fmt.Sprintf("x%d", i)
		var tieU, tieB, tieW []quiver.ArrowOption
		if i > 1 {
			tieU, tieB = append(tieU, quiver.Tied("x1->h1")), append(tieB, quiver.Tied("one->h1"))
		}
		if i > 2 {
			tieW = append(tieW, quiver.Tied("h1->h2"))
		}
		parts = append(parts, quiver.Input(x, 1), quiver.Hidden(h, n, act), quiver.Connect(x, h, tieU...), quiver.Connect("one", h, tieB...))
		if i > 1 {
			parts = append(parts, quiver.Connect(fmt.Sprintf("h%d", i-1), h, tieW...))
		}
	}
	parts = append(parts, quiver.Connect(fmt.Sprintf("h%d", steps), "y"))
	return must(quiver.New(parts...))(t)
}

func TestTied(t *testing.T) {
	q := unrolled(t, squash, 8, 4)
	w := random(q, 1)
	// Generic weights: nothing shrinks, and the function is what it was.
	c := compress(t, w)
	assert.Equal(t, []int{8, 8, 8, 8}, widths(c, "h1", "h2", "h3", "h4"))
	assert.Equal(t, w.Data(), c.Reduced.Data())
	v := actsOn(t, w, 3)
	assert.LessOrEqual(t, gap(t, w, v, inputs(q, 6, 1)...), 1e-13)
	assert.Greater(t, distance(w, v), 1e-3)

	// A matrix that maps a subspace of dimension 5 with the inputs and the bias into itself.
	special(w, 5)
	c = compress(t, w)
	assert.Equal(t, []int{5, 5, 5, 5}, widths(c, "h1", "h2", "h3", "h4"))
	xs := inputs(q, 6, 1)
	assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-12)
	assert.LessOrEqual(t, gap(t, w, must(c.Rotated())(t), xs...), 1e-12)
	assert.LessOrEqual(t, distance(w, must(c.Lift(c.Reduced))(t)), 1e-13)
	require.NoError(t, c.Reduced.Check())
	projected(t, w, 40, 0.01, 1e-10)
	again := compress(t, c.Reduced)
	assert.Equal(t, c.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims())

	// Keeping one keeps all that are tied to it.
	c = compress(t, w, symmetry.Keep("h2"))
	assert.Equal(t, []int{8, 8, 8, 8}, widths(c, "h1", "h2", "h3", "h4"))
}

// special makes the tied matrices act within a random subspace of dimension k.
func special(w *quiver.Rep, k int) {
	rng := rand.New(rand.NewPCG(9, 9))
	n, _ := w.Arrow("h1->h2").Dims()
	b := mat.NewDense(n, k, nil)
	normal := func(m *mat.Dense) *mat.Dense {
		m.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() / 2 }, m)
		return m
	}
	normal(b)
	within := func(name string, cols int) {
		w.Arrow(name).Mul(b, normal(mat.NewDense(k, cols, nil)))
	}
	within("x1->h1", 1)
	within("one->h1", 1)
	// W maps span b into itself and its complement anywhere.
	var pinv, in mat.Dense
	if err := pinv.Solve(b, eye(n)); err != nil {
		panic(err)
	}
	in.Product(b, normal(mat.NewDense(k, k, nil)), &pinv)
	var p, free, rest mat.Dense
	p.Mul(b, &pinv)
	rest.Sub(eye(n), &p)
	free.Mul(normal(mat.NewDense(n, n, nil)), &rest)
	w.Arrow("h1->h2").Add(&in, &free)
	w.Arrow("h1->h2").Scale(0.5, mat.DenseCopyOf(w.Arrow("h1->h2")))
}

// TestTiedToPinned: vertices tied to an output or an input keep their dimension.
func TestTiedToPinned(t *testing.T) {
	q := must(quiver.New(quiver.Input("x", 3), quiver.Hidden("a", 9, squash), quiver.Hidden("b", 9, squash), quiver.Output("y", 9, nil),
		quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("b", "y", quiver.Tied("a->b"))))(t)
	w := random(q, 1)
	c := compress(t, w)
	assert.Equal(t, []int{9, 9, 9}, widths(c, "a", "b", "y"))
	projected(t, w, 20, 0.01, 1e-12)

	// Two branches with one matrix share a subspace of the sum of what reaches them.
	q = must(quiver.New(quiver.Input("x", 2), quiver.Input("z", 2), quiver.Bias("one"), quiver.Hidden("a", 9, squash), quiver.Hidden("b", 9, squash), quiver.Output("y", 2, nil),
		quiver.Connect("x", "a"), quiver.Connect("z", "b", quiver.Tied("x->a")), quiver.Connect("one", "a"), quiver.Connect("a", "y"), quiver.Connect("b", "y", quiver.Named("y2"))))(t)
	w = random(q, 1)
	c = compress(t, w)
	assert.Equal(t, []int{3, 3}, widths(c, "a", "b"))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 6, 1)...), 1e-13)
	projected(t, w, 20, 0.01, 1e-12)
}

// TestTiedErrors: an element with different factors at tied vertices cannot act.
func TestTiedFactorsAreShared(t *testing.T) {
	q := unrolled(t, squash, 4, 3)
	g := symmetry.RandomElement(q, rand.NewPCG(1, 1))
	assert.True(t, mat.Equal(g.Factor("h1"), g.Factor("h3")))
	h := must(symmetry.Identity(q).With("h2", g.Factor("h1")))(t)
	assert.True(t, mat.Equal(h.Factor("h1"), h.Factor("h3")))
	_ = must(symmetry.Act(h.Mul(g).Inverse(), random(q, 1)))(t)
}

// TestTiedPointwise: tied vertices of several kinds share a subspace that each keeps.
func TestTiedPointwise(t *testing.T) {
	tan := layers.Pointwise(layers.Tanh)
	q := must(quiver.New(quiver.Input("x", 2), quiver.Input("z", 2), quiver.Hidden("a", 6, tan), quiver.Hidden("b", 6, squash), quiver.Output("y", 2, nil),
		quiver.Connect("x", "a"), quiver.Connect("z", "b", quiver.Tied("x->a")), quiver.Connect("a", "y"), quiver.Connect("b", "y", quiver.Named("y2"))))(t)
	w := random(q, 1)
	assert.Equal(t, []int{6, 6}, widths(compress(t, w), "a", "b"))
	for _, i := range []int{1, 3, 4} {
		clear(w.Arrow("x->a").RawRowView(i))
	}
	c := compress(t, w)
	assert.Equal(t, []int{3, 3}, widths(c, "a", "b"))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 6, 1)...), 1e-13)
	projected(t, w, 20, 0.01, 1e-12)
}
