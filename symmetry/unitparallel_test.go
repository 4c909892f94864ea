package symmetry_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// TestLinearUnitsBetweenParallelArrows: where parallel arrows stay, writing a linear vertex again
// gains nothing; the reduction counts their numbers, and ends.
func TestLinearUnitsBetweenParallelArrows(t *testing.T) {
	for _, parts := range [][]string{
		{"*:b", "x:i7", "h:h3", "y:o8", "x>h", "*>h", "h>y", "h>y", "x>y", "*>y"},
		{"*:b", "x:i7", "h:h3", "y:o8", "x>h", "x>h", "*>h", "h>y", "*>y"},
		{"p:b", "q:b", "x:i7", "h:h3", "y:o8", "x>h", "p>h", "q>h", "h>y"},
	} {
		w := random(build(t, quiver.Identity, parts...), 3)
		xs := inputs(w.Quiver(), 9, 5)
		c := compress(t, w, symmetry.Pointwise())
		assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-13)
		assert.LessOrEqual(t, c.Reduced.Quiver().NumParams(), w.Quiver().NumParams())
		again := compress(t, c.Reduced, symmetry.Pointwise())
		assert.Equal(t, c.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims())
	}
}

// TestLiftChangesFixedArrows: a fixed arrow takes up the factors of merged units; the lift holds
// them too where parallel arrows were summed or inputs spanned before.
func TestLiftChangesFixedArrows(t *testing.T) {
	relu := layers.Pointwise(layers.ReLU)
	f := mat.NewDense(2, 4, []float64{1, -2, 3, 1, 2, 1, -1, 1})
	build := func(again bool) *quiver.Rep {
		parts := []quiver.Part{
			quiver.Bias("*"), quiver.Input("x", 3), quiver.Hidden("h", 4, relu), quiver.Output("y", 2, nil),
			quiver.Connect("x", "h"), quiver.Connect("*", "h"),
			quiver.Connect("h", "y", quiver.Named("a"), quiver.Frozen(f)),
		}
		if again {
			parts = append(parts, quiver.Connect("h", "y", quiver.Named("b"), quiver.Frozen(f)), quiver.Connect("h", "y"))
		}
		w := random(must(quiver.New(parts...))(t), 1)
		for _, name := range []string{"x->h", "*->h"} {
			m := w.Arrow(name)
			for j, x := range m.RawRowView(0) {
				m.Set(3, j, 2*x)
			}
		}
		return w
	}
	xs := mat.NewDense(2, 3, []float64{1, 2, -1, 0.5, -3, 2}) // span less than (1, x)
	for name, tc := range map[string]struct {
		w    *quiver.Rep
		opts []symmetry.Option
	}{
		"alone":    {build(false), nil},
		"parallel": {build(true), []symmetry.Option{symmetry.MergeParallel}},
		"data":     {build(false), []symmetry.Option{symmetry.Data(xs)}},
		"both":     {build(true), []symmetry.Option{symmetry.MergeParallel, symmetry.Data(xs)}},
	} {
		c := compress(t, tc.w, append(tc.opts, symmetry.Pointwise())...)
		require.Len(t, c.Units, 1, name)
		r := c.Reduced.Clone()
		for i := range r.Data() {
			r.Data()[i] += 0.1
		}
		for _, s := range []*quiver.Rep{c.Reduced, r} {
			lifted := must(c.Lift(s))(t)
			assert.Equal(t, tc.w.Quiver().Layout(), lifted.Quiver().Layout(), name)
			assert.LessOrEqual(t, gap(t, s, lifted, xs), 1e-13, name)
		}
		assert.Greater(t, gap(t, tc.w, r, xs), 1e-3, name)
	}
	w := build(true) // where nothing changed the fixed arrows are the same
	random := random(w.Quiver(), 5)
	c := compress(t, random, symmetry.MergeParallel, symmetry.Pointwise())
	assert.Zero(t, distance(random, must(c.Lift(c.Reduced))(t)))
}

// TestInexactCertificateNamesTheSet: where Tolerance cuts beside Box or Samples, the certificate
// names the inputs in full.
func TestInexactCertificateNamesTheSet(t *testing.T) {
	q := must(quiver.New(
		quiver.Bias("*"), quiver.Input("x", 2), quiver.Hidden("h", 3, layers.Pointwise(layers.ReLU)), quiver.Hidden("g", 6, squash), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h"), quiver.Connect("*", "h"), quiver.Connect("h", "g"), quiver.Connect("*", "g"), quiver.Connect("x", "g"), quiver.Connect("g", "y"),
	))(t)
	w := random(q, 1)
	w.Arrow("*->h").Set(0, 0, -99)
	for want, set := range map[string]symmetry.Option{
		"gap and bound on 64 points of the box [-1, 1]": symmetry.Box(-1, 1),
		"gap and bound on 3 of the 3 given samples":     symmetry.Samples(inputs(q, 3, 1)...),
	} {
		c := compress(t, w, set, symmetry.Tolerance(0.3))
		require.False(t, c.Certificate.Exact)
		assert.Equal(t, want, c.Certificate.On)
	}
}
