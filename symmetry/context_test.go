package symmetry_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// A search that is ended says so: undecided with a reason, and an alignment that is no worse than
// doing nothing.
func TestSearchesEndWithTheirContext(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	q := mlp(t, squash, 3, 6, 6, 2)
	w := random(q, 1)
	v := must(symmetry.Act(symmetry.RandomElement(q, rand.NewPCG(1, 2)), w))(t)

	o := must(symmetry.SameOrbitContext(ended, w, v, 1e-9))(t)
	assert.Equal(t, symmetry.Undecided, o.Full)
	assert.Equal(t, symmetry.Undecided, o.Reduced)
	assert.Contains(t, o.Reason, "the context ended before the linear system was solved")
	o = must(symmetry.SameOrbitContext(context.Background(), w, v, 1e-9))(t)
	assert.Equal(t, symmetry.Yes, o.Full)
	assert.Empty(t, o.Reason)

	for _, align := range []func(context.Context, *quiver.Rep, *quiver.Rep) (symmetry.Alignment, error){symmetry.AlignedContext, symmetry.AlignedRigidContext} {
		a := must(align(ended, w, v))(t)
		assert.Equal(t, "the context ended after 0 of 6 starts; Upper may not be the best", a.Unsearched)
		moved := must(symmetry.Act(a.Element, w))(t)
		moved.AddScaled(-1, v)
		assert.InDelta(t, moved.Norm(), a.Upper, 1e-12)
		assert.LessOrEqual(t, a.Lower, a.Upper)
		a = must(align(context.Background(), w, v))(t)
		assert.Empty(t, a.Unsearched)
		assert.Less(t, a.Upper, 1e-9*norm(v))
	}
}

// Singular values decide most of the cases without a search: the answer is there although the context
// has ended, also where the networks are wide.
func TestDifferentSingularValuesNeedNoSearch(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	q := mlp(t, squash, 64, 200, 200, 10)
	w, v := random(q, 1), random(q, 2)
	o := must(symmetry.SameOrbitContext(ended, w, v, 1e-9))(t)
	assert.Equal(t, symmetry.No, o.Full)
	assert.Equal(t, symmetry.No, o.Reduced)
	assert.Empty(t, o.Reason)

	small := mlp(t, squash, 3, 4, 2) // the test of singular values does not exclude what is on the orbit
	a := random(small, 1)
	for seed := range uint64(20) {
		b := must(symmetry.Act(symmetry.RandomElement(small, rand.NewPCG(seed, 2)), a))(t)
		b.AddScaled(1e-9, random(small, seed))
		require.Equal(t, symmetry.Yes, must(symmetry.SameOrbit(a, b, 1e-8))(t).Full)
	}
}

// counting is a context that counts how often it is asked whether it has ended.
type counting struct {
	context.Context
	asked int
}

func (c *counting) Err() error {
	c.asked++
	return nil
}

// On the orbit the first start of an alignment, the solution of the linear system, is the last: the search asks its
// context hardly more often than the solver alone does. Off the orbit all starts are swept.
func TestAlignedStartsFromTheSolution(t *testing.T) {
	q := mlp(t, squash, 2, 12, 12, 2)
	w := random(q, 1)
	v := must(symmetry.Act(symmetry.RandomElement(q, rand.NewPCG(1, 2)), w))(t)
	solver, on, off := &counting{Context: t.Context()}, &counting{Context: t.Context()}, &counting{Context: t.Context()}
	require.Equal(t, symmetry.Yes, must(symmetry.SameOrbitContext(solver, w, v, 1e-9))(t).Full)
	assert.LessOrEqual(t, must(symmetry.AlignedContext(on, w, v))(t).Upper, 1e-12*norm(v))
	assert.LessOrEqual(t, on.asked, solver.asked+20)
	must(symmetry.AlignedContext(off, w, random(q, 5)))(t)
	assert.Greater(t, off.asked, solver.asked+100)
}
