package symmetry_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// affine returns rows in an affine subspace of dimension k of ℝⁿ.
func affine(rows, n, k int, seed uint64) *mat.Dense {
	rng := rand.New(rand.NewPCG(seed, 5))
	normal := func(r, c int) *mat.Dense {
		m := mat.NewDense(r, c, nil)
		m.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, m)
		return m
	}
	var x mat.Dense
	x.Mul(normal(rows, k), normal(k, n))
	shift := normal(1, n)
	x.Apply(func(_, j int, v float64) float64 { return v + shift.At(0, j) }, &x)
	return &x
}

func TestData(t *testing.T) {
	w := random(mlp(t, squash, 6, 20, 15, 3), 2)
	x := affine(40, 6, 2, 1)
	xs, ys := []*mat.Dense{x}, targets(w.Quiver(), 40, 3)
	c := compress(t, w, symmetry.Data(x))
	assert.Equal(t, []int{3, 3, 4}, widths(c, "x.joint", "h1", "h2"))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, x), 1e-13)
	assert.Greater(t, gap(t, w, c.Reduced, inputs(w.Quiver(), 5, 1)...), 1e-3, "elsewhere it is another function")
	assert.Contains(t, c.Certificate.On, "span of the data")
	off := must(c.OffData(x))(t)
	assert.LessOrEqual(t, mat.Max(mat.NewVecDense(40, off)), 1e-13)
	off = must(c.OffData(inputs(w.Quiver(), 5, 1)...))(t)
	assert.Greater(t, mat.Min(mat.NewVecDense(5, off)), 1e-3)
	assert.LessOrEqual(t, distance(w, must(c.Lift(c.Reduced))(t)), 1e-13)

	// Projected equals reduced, and equals descent of the original within what reaches.
	p := must(c.Subspace())(t)
	rotated, reduced, plain := must(c.Rotated())(t), c.Reduced.Clone(), compress(t, w).Reduced
	original := w.Clone()
	here := must(compress(t, w).OriginalSubspace())(t)
	for range 100 {
		descend(t, rotated, xs, ys, 0.005, p)
		descend(t, reduced, xs, ys, 0.005, nil)
		descend(t, plain, xs, ys, 0.005, nil)
		_, g := halfSumOfSquares(t, original, xs, ys)
		require.NoError(t, here.Project(g))
		original.AddScaled(-0.005, g)
	}
	assert.LessOrEqual(t, gap(t, reduced, rotated, x), 1e-12)
	assert.LessOrEqual(t, gap(t, reduced, must(c.Lift(reduced))(t), x), 1e-12)
	lifted := must(c.Lift(reduced))(t)
	_ = lifted
	assert.False(t, math.IsNaN(gap(t, plain, original, x)))
	assert.LessOrEqual(t, gap(t, plain, original, x), 1e-11)

	again := compress(t, c.Reduced, symmetry.Data(x))
	assert.Equal(t, c.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims())
	golden.Check(t, "data.txt", stable(c.String()))
}

// TestDataJointForm: descent with one rate on the merged arrow is descent on bias and
// matrix; folding the centre into the bias is another training.
func TestDataJointForm(t *testing.T) {
	w := random(mlp(t, squash, 6, 3, 2), 2) // nothing to cut but the inputs
	x := affine(40, 6, 1, 1)
	xs, ys := []*mat.Dense{x}, targets(w.Quiver(), 40, 3)
	c := compress(t, w, symmetry.Data(x), symmetry.Keep("h1"))
	require.Equal(t, []int{2}, widths(c, "x.joint"))
	reduced, original, other := c.Reduced.Clone(), w.Clone(), w.Clone()
	for range 200 {
		descend(t, reduced, xs, ys, 0.005, nil)
		descend(t, original, xs, ys, 0.005, nil)
		_, g := halfSumOfSquares(t, other, xs, ys)
		b := g.Arrow("one->h1")
		b.Scale(2, mat.DenseCopyOf(b)) // a rate of its own for the bias
		other.AddScaled(-0.005, g)
	}
	assert.LessOrEqual(t, gap(t, original, reduced, x), 1e-12)
	assert.LessOrEqual(t, distance(original, must(c.Lift(reduced))(t)), 1e-12)
	assert.Greater(t, gap(t, other, reduced, x), 1e-4)
}

func TestDataOnQuivers(t *testing.T) {
	q := build(t, squash, "*:b", "a:i5", "z:i4", "b:h9", "c:h8", "d:o2", "a>b", "a>b", "z>b", "b>c", "a>c", "c>d", "z>d", "*>b", "*>d")
	w := random(q, 1)
	x, z := affine(30, 5, 1, 1), affine(30, 4, 2, 2)
	for _, opts := range [][]symmetry.Option{
		{symmetry.Data(x, z)}, {symmetry.Data(x, nil)}, {symmetry.Data(nil, z)},
		{symmetry.Data(x, z), symmetry.Rank(0)}, {symmetry.Data(x, z), symmetry.MergeParallel}, {symmetry.Data(x, z), symmetry.MergeParallel, symmetry.Rank(0), symmetry.Keep("c")},
	} {
		c := compress(t, w, opts...)
		assert.LessOrEqual(t, gap(t, w, c.Reduced, x, z), 1e-12)
		assert.LessOrEqual(t, distance(w, must(c.Lift(c.Reduced))(t)), 1e-12)
		assert.Less(t, c.Reduced.Quiver().NumParams(), q.NumParams())
		require.NoError(t, c.Reduced.Check())
		_ = must(c.OffData(x, z))(t)
		p, rotated, reduced := must(c.Subspace())(t), must(c.Rotated())(t), c.Reduced.Clone()
		ys := targets(q, 30, 3)
		for range 20 {
			descend(t, rotated, []*mat.Dense{x, z}, ys, 0.005, p)
			descend(t, reduced, []*mat.Dense{x, z}, ys, 0.005, nil)
		}
		assert.LessOrEqual(t, gap(t, reduced, rotated, x, z), 1e-12)
	}
	zero := mat.NewDense(30, 5, nil)
	c := compress(t, w, symmetry.Data(zero, z))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, zero, z), 1e-13)
	generic := compress(t, w, symmetry.Data(inputs(q, 30, 1)...))
	assert.Equal(t, compress(t, w).Reduced.Data(), generic.Reduced.Data(), "data that span all change nothing")

	var bad *symmetry.OptionError
	_, err := symmetry.Compress(w, symmetry.Data(x))
	require.ErrorAs(t, err, &bad)
	_, err = symmetry.Compress(w, symmetry.Data(z, z))
	require.ErrorAs(t, err, &bad)
	x.Set(3, 1, math.NaN())
	_, err = symmetry.Compress(w, symmetry.Data(x, z))
	var finite *quiver.NonFiniteError
	require.ErrorAs(t, err, &finite)
}

// TestDataWithTwoBiases: the arrows of one input may meet two biases; each pair has a span with
// a name of its own.
func TestDataWithTwoBiases(t *testing.T) {
	q := build(t, squash, "p:b", "q:b", "x:i4", "h:h5", "g:h6", "y:o2", "x>h", "p>h", "x>g", "q>g", "h>y", "g>y")
	w := random(q, 1)
	xs := inputs(q, 2, 3)
	c := compress(t, w, symmetry.Data(xs...))
	assert.Equal(t, []int{2, 2, 2, 2}, widths(c, "x.joint", "x.joint_", "h", "g"))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-13)
	assert.LessOrEqual(t, gap(t, w, must(c.Lift(c.Reduced))(t), xs...), 1e-13)
}
