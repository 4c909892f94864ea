package symmetry_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// offset is a network of two inputs, x and z, whose unit i is on where coordinate i is above its
// threshold.
func offset(t *testing.T, thresholds ...float64) *quiver.Rep {
	t.Helper()
	q, err := quiver.New(quiver.Input("x", 1), quiver.Input("z", 2), quiver.Bias("one"),
		quiver.Hidden("h", 3, layers.Pointwise(layers.ReLU)), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("z", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	w := quiver.Zero(q)
	w.Arrow("x->h").Set(0, 0, 1)
	w.Arrow("z->h").Set(1, 0, 1)
	w.Arrow("z->h").Set(2, 1, 1)
	for i, b := range thresholds {
		w.Arrow("one->h").Set(i, 0, -b)
		w.Arrow("h->y").Set(0, i, float64(i+1))
	}
	return w
}

// TestWithin: the sides of the box are dealt out to the inputs in order, and what goes is what goes
// with Boxes; the units that a wider box leaves undecided stay.
func TestWithin(t *testing.T) {
	w := offset(t, 1, 2, 3)
	inf := math.Inf(1)
	for _, c := range []struct {
		box  quiver.Box
		left int // units of h
		on   string
	}{
		{quiver.Box{Lo: []float64{-1, -1, -1}, Hi: []float64{1, 1, 1}}, 0, "the box [-1,1]^3"},
		{quiver.Box{Lo: []float64{-1, -1, -1}, Hi: []float64{5, 1, 1}}, 1, "the box [-1,5]×[-1,1]×[-1,1]"},
		{quiver.Box{Lo: []float64{-1, -1, -1}, Hi: []float64{1, 5, 1}}, 1, "the box [-1,1]×[-1,5]×[-1,1]"},
		{quiver.Box{Lo: []float64{-1, -1, -1}, Hi: []float64{1, 5, 5}}, 2, "the box [-1,1]×[-1,5]×[-1,5]"},
		{quiver.Box{Lo: []float64{-inf, -inf, -inf}, Hi: []float64{1, inf, 2.5}}, 1, "the box [-Inf,1]×[-Inf,+Inf]×[-Inf,2.5]"},
		{quiver.Box{Lo: []float64{-1234567, -1234567, -1234567}, Hi: []float64{0.1234567, 0.234567, 0.3456789}}, 0, "the given box"},
		{quiver.Whole(3), 3, ""},
		{quiver.Cube(3, 4), 3, ""}, // negative control: every unit switches
	} {
		got := compress(t, w, symmetry.Within(c.box))
		want := compress(t, w, symmetry.Boxes(mat.NewDense(2, 1, []float64{c.box.Lo[0], c.box.Hi[0]}),
			mat.NewDense(2, 2, []float64{c.box.Lo[1], c.box.Lo[2], c.box.Hi[1], c.box.Hi[2]})))
		assert.Equal(t, c.left, got.Reduced.Quiver().Dims()["h"], "%v", c.box)
		assert.Equal(t, want.Reduced.Data(), got.Reduced.Data(), "%v", c.box)
		assert.True(t, got.Certificate.Exact, "%v", c.box)
		if c.on != "" {
			assert.Contains(t, got.Certificate.On, c.on)
		}
	}
}

// TestWithinErrors: the error names the side, by input.
func TestWithinErrors(t *testing.T) {
	w := offset(t, 1, 2, 3)
	for want, b := range map[string]quiver.Box{
		`symmetry: Within: 2 lower and 2 upper ends, want 3 of each, one per input coordinate`:                quiver.Cube(2, 1),
		`symmetry: Within: input "x", coordinate 0: side 0 is [1, 0], which is empty; swap the ends`:          {Lo: []float64{1, 0, 0}, Hi: []float64{0, 1, 1}},
		`symmetry: Within: input "z", coordinate 1: side 2 is [NaN, 1]; give numbers`:                         {Lo: []float64{0, 0, math.NaN()}, Hi: []float64{1, 1, 1}},
		`symmetry: Within: input "z", coordinate 0: side 1 is [+Inf, +Inf], which is empty; give finite ends`: {Lo: []float64{0, math.Inf(1), 0}, Hi: []float64{1, math.Inf(1), 1}},
		`symmetry: Within: 1 lower and 0 upper ends, want 3 of each, one per input coordinate`:                {Lo: []float64{1}},
		`symmetry: Within with Samples: each says for which inputs the function must stay; give one of them`:  quiver.Cube(3, 1),
	} {
		opts := []symmetry.Option{symmetry.Within(b)}
		if len(b.Lo) == 3 && b.Lo[0] == -1 {
			opts = append(opts, symmetry.Samples(mat.NewDense(1, 1, nil), nil))
		}
		_, err := symmetry.Compress(w, opts...)
		var e *symmetry.OptionError
		require.True(t, errors.As(err, &e), "%s: %v", want, err)
		assert.Equal(t, want, err.Error())
	}
}
