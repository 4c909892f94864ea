package symmetry_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// TestRequestsThatCannotBeHonoured are errors that name the vertex.
func TestRequestsThatCannotBeHonoured(t *testing.T) {
	relu := layers.Pointwise(layers.ReLU)
	plain := random(mlp(t, relu, 2, 64, 3), 1)
	radial := random(mlp(t, tanh, 2, 64, 3), 1)
	mixed := random(must(quiver.New(quiver.Input("x", 8), quiver.Bias("one"), quiver.Hidden("a", 16, tanh), quiver.Hidden("b", 12, layers.Pointwise(layers.Sigmoid)), quiver.Output("y", 2, nil),
		quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("one", "b"), quiver.Connect("b", "y")))(t), 1)
	tied := random(must(quiver.New(quiver.Input("x", 3), quiver.Input("z", 3), quiver.Hidden("h", 9, tanh), quiver.Hidden("k", 9, tanh), quiver.Output("y", 2, nil),
		quiver.Connect("x", "h"), quiver.Connect("z", "k", quiver.Tied("x->h")), quiver.Connect("h", "y"), quiver.Connect("k", "y")))(t), 1)
	for _, tc := range []struct {
		w      *quiver.Rep
		opts   []symmetry.Option
		vertex string
	}{
		{plain, []symmetry.Option{symmetry.Widths(map[string]int{"h1": 8})}, "h1"},
		{plain, []symmetry.Option{symmetry.Tolerance(0.1)}, "h1"},
		{plain, []symmetry.Option{symmetry.Widths(map[string]int{"h1": 8}), symmetry.Observe()}, "h1"},
		{mixed, []symmetry.Option{symmetry.Widths(map[string]int{"a": 3, "b": 4})}, "b"},
		{mixed, []symmetry.Option{symmetry.Tolerance(0.5)}, "b"},
		{radial, []symmetry.Option{symmetry.Widths(map[string]int{"x": 1})}, "x"},
		{radial, []symmetry.Option{symmetry.Widths(map[string]int{"y": 1})}, "y"},
		{radial, []symmetry.Option{symmetry.Widths(map[string]int{"one": 1})}, "one"},
		{radial, []symmetry.Option{symmetry.Widths(map[string]int{"h1": 2}), symmetry.Keep("h1")}, "h1"},
		{radial, []symmetry.Option{symmetry.Widths(map[string]int{"h9": 2})}, "h9"},
		{radial, []symmetry.Option{symmetry.Keep("h9")}, "h9"},
		{tied, []symmetry.Option{symmetry.Widths(map[string]int{"h": 1})}, "h"},
		{random(mlp(t, layers.Gain(layers.RMSNorm(9, 1e-3), true), 2, 9, 1), 1), []symmetry.Option{symmetry.Widths(map[string]int{"h1": 1})}, "h1"},
	} {
		_, err := symmetry.Compress(tc.w, tc.opts...)
		var bad *symmetry.OptionError
		require.ErrorAs(t, err, &bad)
		assert.Contains(t, bad.Reason, strconv.Quote(tc.vertex), "%v", err)
		assert.NotEmpty(t, bad.Option)
	}
	// What can be honoured is.
	assert.Equal(t, []int{2}, widths(compress(t, radial, symmetry.Widths(map[string]int{"h1": 2})), "h1"))
	assert.Equal(t, []int{64}, widths(compress(t, plain, symmetry.Widths(map[string]int{"h1": 64})), "h1"))
	assert.Equal(t, []int{64}, widths(compress(t, plain, symmetry.Tolerance(0)), "h1"))
	assert.Equal(t, []int{64}, widths(compress(t, plain, symmetry.Tolerance(0.1), symmetry.Keep("h1")), "h1"))
	assert.Equal(t, []int{3, 12}, widths(compress(t, mixed, symmetry.Widths(map[string]int{"a": 3})), "a", "b"))
	assert.Equal(t, []int{64}, widths(compress(t, plain, symmetry.Rank(0)), "h1"), "Rank cuts where activations allow it")
}

// TestMeasureOnBeyond: inputs of which the certificate does not speak are refused.
func TestMeasureOnBeyond(t *testing.T) {
	w := random(mlp(t, layers.Pointwise(layers.ReLU), 2, 8, 2), 3)
	in := mat.NewDense(2, 2, []float64{0.2, -0.9, 1, 0})
	out := mat.NewDense(2, 2, []float64{0.2, -0.9, 3, 0})
	rows := affine(12, 4, 1, 3)
	v := random(mlp(t, tanh, 4, 8, 2), 3)
	beside := mat.DenseCopyOf(rows)
	beside.Set(5, 2, beside.At(5, 2)+0.1)
	box := mat.NewDense(2, 2, []float64{-1, -1, 1, 1})
	for _, tc := range []struct {
		w         *quiver.Rep
		opt       symmetry.Option
		good, bad *mat.Dense
	}{
		{w, symmetry.Box(-1, 1), in, out},
		{w, symmetry.Box(math.Inf(-1), 1), in, out},
		{w, symmetry.Boxes(box), in, out},
		{w, symmetry.Samples(in), in, out},
		{v, symmetry.Data(rows), rows, beside},
	} {
		c := compress(t, tc.w, tc.opt, symmetry.MeasureOn(tc.good))
		assert.True(t, c.Certificate.Exact)
		assert.LessOrEqual(t, c.Certificate.Gap, 1e-12)
		_, err := symmetry.Compress(tc.w, tc.opt, symmetry.MeasureOn(tc.bad))
		var bad *symmetry.OptionError
		require.ErrorAs(t, err, &bad)
		assert.Equal(t, "MeasureOn", bad.Option)
		assert.Contains(t, bad.Reason, "row ")
	}
	for _, xs := range [][]*mat.Dense{{nil}, {{}}, {}, {in, in}} {
		_, err := symmetry.Compress(w, symmetry.MeasureOn(xs...))
		var bad *symmetry.OptionError
		require.ErrorAs(t, err, &bad)
	}
	nan := mat.DenseCopyOf(in)
	nan.Set(1, 1, math.NaN())
	_, err := symmetry.Compress(w, symmetry.MeasureOn(nan))
	var finite *quiver.NonFiniteError
	require.ErrorAs(t, err, &finite)
}

// TestNothingMeasured: where no output is finite nothing was measured, and nothing is exact.
func TestNothingMeasured(t *testing.T) {
	for _, act := range []quiver.Activation{layers.Pointwise(layers.ReLU), layers.Radial(layers.Power(3)), quiver.Identity} {
		for _, opts := range [][]symmetry.Option{nil, {symmetry.Rank(0)}, {symmetry.Pointwise()}} {
			w := random(mlp(t, act, 2, 8, 8, 1), 1)
			w.Scale(1e160)
			c, err := symmetry.Compress(w, opts...)
			require.NoError(t, err)
			assert.False(t, c.Certificate.Exact)
			assert.True(t, math.IsNaN(c.Certificate.Gap))
			assert.Contains(t, c.Certificate.On, "nothing was measured")
			assert.Contains(t, c.Certificate.String(), "no gap was measured")
			assert.NotContains(t, c.String(), "NaN")
			w.Scale(1e-160)
			c = compress(t, w, opts...)
			assert.True(t, c.Certificate.Exact)
			assert.NotContains(t, c.String(), "nothing was measured")
		}
	}
	// Where some rows overflow, the others count, and the certificate says how many.
	w := random(mlp(t, layers.Radial(layers.Exp), 1, 4, 1), 1)
	xs := mat.NewDense(4, 1, []float64{1, 1e5, -1, 0.5})
	c := compress(t, w, symmetry.MeasureOn(xs))
	assert.True(t, c.Certificate.Exact)
	assert.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Rounding)
	assert.Contains(t, c.Certificate.On, "3 of the given inputs")
}

// TestNothingGiven: zero values and nil are errors with a type, no panics.
func TestNothingGiven(t *testing.T) {
	relu := random(mlp(t, layers.Pointwise(layers.ReLU), 2, 8, 2), 1)
	m := relu.Arrow("x->h1")
	m.SetRow(1, m.RawRowView(0))
	relu.Arrow("one->h1").Set(1, 0, relu.Arrow("one->h1").At(0, 0))
	units := compress(t, relu, symmetry.Pointwise())
	require.NotEmpty(t, units.Units)
	bound, err := units.BoundOn(&mat.Dense{})
	require.NoError(t, err)
	assert.Zero(t, bound, "no samples")

	w := random(mlp(t, tanh, 4, 8, 2), 1)
	data := compress(t, w, symmetry.Data(affine(9, 4, 1, 1)))
	p := must(compress(t, w).Subspace())(t)
	o := must(compress(t, w).OriginalSubspace())(t)
	empty := new(symmetry.Compression)
	for name, call := range map[string]func() error{
		"Compress":           func() error { _, err := symmetry.Compress(nil); return err },
		"Equivalent":         func() error { _, err := symmetry.Equivalent(nil, w); return err },
		"Equivalent, second": func() error { _, err := symmetry.Equivalent(w, nil); return err },
		"OffData":            func() error { _, err := data.OffData(nil); return err },
		"OffData, none":      func() error { _, err := data.OffData(); return err },
		"BoundOn":            func() error { _, err := data.BoundOn(nil); return err },
		"BoundOn, units":     func() error { _, err := units.BoundOn(nil); return err },
		"Lift":               func() error { _, err := data.Lift(nil); return err },
		"Project":            func() error { return p.Project(nil) },
		"Project, original":  func() error { return o.Project(nil) },
		"Reduce":             func() error { _, err := p.Reduce(nil); return err },
		"Embed":              func() error { _, err := p.Embed(nil, nil); return err },
		"empty Lift":         func() error { _, err := empty.Lift(w); return err },
		"empty Rotated":      func() error { _, err := empty.Rotated(); return err },
		"empty Element":      func() error { _, err := empty.Element(); return err },
		"empty Subspace":     func() error { _, err := empty.Subspace(); return err },
		"empty Original":     func() error { _, err := empty.OriginalSubspace(); return err },
		"empty BoundOn":      func() error { _, err := empty.BoundOn(); return err },
		"empty OffData":      func() error { _, err := empty.OffData(); return err },
	} {
		var err error
		require.NotPanics(t, func() { err = call() }, name)
		var input *quiver.InputError
		assert.ErrorAs(t, err, &input, name)
	}
	assert.Contains(t, empty.String(), "empty")
	assert.False(t, p.Contains(nil))
}
