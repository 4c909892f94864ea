package symmetry_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// TestBoundBallKnowsTheBox: y = relu(x − 1) + 1 has F(3) = 3; on [−½, ½] the unit is off, and the
// reduced network is 1 everywhere. No proof may speak of the ball of radius 3.
func TestBoundBallKnowsTheBox(t *testing.T) {
	w := must(layers.MLP(layers.Pointwise(layers.ReLU), 1, 1, 1))(t)
	r := quiver.Zero(w)
	for name, x := range map[string]float64{"x->h1": 1, "one->h1": -1, "h1->y": 1, "one->y": 1} {
		r.Arrow(name).Set(0, 0, x)
	}
	half := mat.NewDense(2, 1, []float64{-0.5, 0.5})
	rows := mat.NewDense(2, 1, []float64{-0.5, 0.5})
	for name, opts := range map[string][]symmetry.Option{
		"Box":             {symmetry.Box(-0.5, 0.5)},
		"Boxes":           {symmetry.Boxes(half)},
		"Samples":         {symmetry.Samples(rows)},
		"Tolerance":       {symmetry.Box(-0.5, 0.5), symmetry.Tolerance(1e-9)},
		"Widths":          {symmetry.Boxes(half), symmetry.Widths(nil)},
		"Rank":            {symmetry.Box(-0.5, 0.5), symmetry.Rank(0)},
		"Samples, cut":    {symmetry.Samples(rows), symmetry.Rank(1e-3)},
		"Observe":         {symmetry.Box(-0.5, 0.5), symmetry.Observe()},
		"PathSum":         {symmetry.Box(-0.5, 0.5), symmetry.PathSum()},
		"MergeParallel":   {symmetry.Box(-0.5, 0.5), symmetry.MergeParallel},
		"Data":            {symmetry.Box(-0.5, 0.5), symmetry.Data(rows)},
		"MeasureOn":       {symmetry.Box(-0.5, 0.5), symmetry.MeasureOn(rows)},
		"Samples, merged": {symmetry.Samples(rows), symmetry.MergeParallel},
	} {
		c, err := symmetry.Compress(r, opts...)
		require.NoError(t, err, name)
		require.Len(t, c.Units, 1, name)
		assert.NotContains(t, c.Certificate.On, "every input", name)
		assert.True(t, math.IsInf(c.BoundBall(3)["y"], 1), "%s: %g", name, c.BoundBall(3)["y"])
		assert.True(t, math.IsInf(c.BoundBall(0.51)["y"], 1), name)
		if d := c.BoundBall(0.5)["y"]; name[0] != 'S' && name != "PathSum" {
			assert.Less(t, d, 1e-12, name)
		} else {
			assert.True(t, math.IsInf(d, 1), "%s: a ball is more than some samples", name)
		}
	}
	// A unit that is off everywhere needs no box.
	r.Arrow("x->h1").Set(0, 0, 0)
	for _, opt := range []symmetry.Option{symmetry.Pointwise(), symmetry.Box(-0.5, 0.5), symmetry.Samples(rows)} {
		c := compress(t, r, opt)
		require.Len(t, c.Units, 1)
		assert.Contains(t, c.Certificate.On, "every input")
		assert.Less(t, c.BoundBall(3)["y"], 1e-13)
	}
}

// TestBoundBallOfAnUnevenBox: the ball has to fit on all sides, in all inputs.
func TestBoundBallOfAnUnevenBox(t *testing.T) {
	q := must(quiver.New(quiver.Input("x", 2), quiver.Input("u", 1), quiver.Bias("one"), quiver.Hidden("h", 1, layers.Pointwise(layers.ReLU)), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("u", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y"), quiver.Connect("x", "y")))(t)
	w := random(q, 1)
	w.Arrow("one->h").Set(0, 0, -100)
	inf := math.Inf(1)
	for _, tc := range []struct {
		x, u   *mat.Dense
		radius float64
	}{
		{mat.NewDense(2, 2, []float64{-1, -2, 3, 4}), mat.NewDense(2, 1, []float64{-9, 9}), 1},
		{mat.NewDense(2, 2, []float64{-3, -2, 0.5, 4}), mat.NewDense(2, 1, []float64{-9, 9}), 0.5},
		{mat.NewDense(2, 2, []float64{-9, -9, 9, 9}), mat.NewDense(2, 1, []float64{-0.25, 9}), 0.25},
		{mat.NewDense(2, 2, []float64{1, -2, 3, 4}), mat.NewDense(2, 1, []float64{-9, 9}), -1}, // 0 is not in it
	} {
		c := compress(t, w, symmetry.Boxes(tc.x, tc.u))
		require.Len(t, c.Units, 1)
		assert.True(t, tc.radius < 0 || c.BoundBall(tc.radius)["y"] < 1e-10)
		assert.Equal(t, inf, c.BoundBall(max(0, tc.radius*(1+1e-15)))["y"])
	}
}

// TestTwinsWithHugeColumns: 2.1 is not 3·0.7. What merging would change, 8e-6, shows at the output,
// so that the unit stays; where its column is of usual size it goes.
func TestTwinsWithHugeColumns(t *testing.T) {
	for _, tc := range []struct {
		rows, out [][]float64
		width     int
	}{
		{[][]float64{{0.7, 0.1}, {2.1, 0.3}}, [][]float64{{3e10 + 3, -1e10}}, 2},
		{[][]float64{{0.7, 0.1}, {2.1, 0.3}}, [][]float64{{3, -1.5}}, 1},
		{[][]float64{{0.7, 0.1}, {1.4, 0.2}}, [][]float64{{2e10 + 3, -1e10}}, 1}, // exactly twice
		{[][]float64{{1e-8, 3e-9}, {3e-8, 9e-9}}, [][]float64{{3e18 + 1024, -1e18}}, 2},
		{[][]float64{{0.7, 0.1}, {2.1, 0.3}, {0.1, 0.05}}, [][]float64{{3e10 + 3, -1e10, 1e12}}, 2}, // beside which it does not show
	} {
		w := single(t, layers.ReLU, 1, tc.rows, tc.out)
		for _, opts := range [][]symmetry.Option{{symmetry.Pointwise()}, {symmetry.Box(-1, 1)}, {symmetry.Pointwise(), symmetry.MergeParallel}} {
			c := compress(t, w, opts...)
			assert.Equal(t, []int{tc.width}, widths(c, "h"), "%v\n%s", tc.out, c)
			var worst float64
			for _, x := range []float64{-1, 0, 0.3, 0.77, 1} {
				n, _, _ := distances(t, w, c.Reduced, layers.ReLU, []float64{x})
				worst = max(worst, n)
			}
			assert.LessOrEqual(t, worst, c.BoundBall(1)["y"])
			if tc.width == len(tc.rows) {
				assert.Zero(t, worst)
				assert.Contains(t, c.String(), "no unit can go")
			}
		}
	}
}

// TestRoundingThatIsUndone: sums that cancel up to rounding are not zero if what follows makes up
// for their size; nor are columns that nobody seems to look at.
func TestRoundingThatIsUndone(t *testing.T) {
	build := func(x, more, out, again float64) *quiver.Rep {
		q := must(quiver.New(quiver.Input("x", 1), quiver.Bias("one"), quiver.Hidden("h", 2, layers.Pointwise(layers.Tanh)), quiver.Output("y", 1, nil),
			quiver.Connect("x", "h"), quiver.Connect("x", "h", quiver.Named("more")), quiver.Connect("one", "h"), quiver.Connect("h", "y"), quiver.Connect("h", "y", quiver.Named("again"))))(t)
		w := quiver.Zero(q)
		w.Arrow("x->h").SetCol(0, []float64{0.5, x})
		w.Arrow("more").SetCol(0, []float64{0, more})
		w.Arrow("h->y").SetRow(0, []float64{1, out})
		w.Arrow("again").SetRow(0, []float64{0, again})
		return w
	}
	for _, tc := range []struct {
		name                string
		x, more, out, again float64
		width               int
	}{
		{"a row of 2⁻⁵⁰ that the next arrow undoes", 1, -1 + 0x1p-50, 0x1p50, 0, 2},
		{"a row of 2⁻⁵⁰ that nothing undoes", 1, -1 + 0x1p-50, 1e-3, 0, 1},
		{"a column of 2 beside 2⁵³", 1, 0, 0x1p53, -0x1p53 + 2, 2},
		{"a column of 2⁻⁵⁰ beside 1", 1, 0, 1, -1 + 0x1p-50, 1},
		{"a row of 0", 1, -1, 0x1p50, 0, 1},
	} {
		w := build(tc.x, tc.more, tc.out, tc.again)
		for _, opts := range [][]symmetry.Option{{symmetry.Pointwise()}, {symmetry.Box(-2, 2)}, {symmetry.Pointwise(), symmetry.MergeParallel}} {
			c := compress(t, w, opts...)
			assert.Equal(t, []int{tc.width}, widths(c, "h"), "%s\n%s", tc.name, c)
			if tc.width == 1 {
				assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(w.Quiver(), 50, 1)...), 1e-9, tc.name)
			}
		}
	}
}

// TestParallelArrowsAreOne: what reaches a unit over parallel arrows counts together: in twins,
// whose sums are rounded, and in intervals.
func TestParallelArrowsAreOne(t *testing.T) {
	q := must(quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("h", 2, layers.Pointwise(layers.ReLU)), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("x", "h", quiver.Named("more")), quiver.Connect("one", "h"), quiver.Connect("h", "y")))(t)
	w := quiver.Zero(q)
	w.Arrow("x->h").SetRow(0, []float64{100.1, 1})
	w.Arrow("more").SetRow(0, []float64{-99.8, 0})
	w.Arrow("x->h").SetRow(1, []float64{0.1, 1})
	w.Arrow("more").SetRow(1, []float64{0.2, 0})
	w.Arrow("h->y").SetRow(0, []float64{1, 2})
	for _, opts := range [][]symmetry.Option{{symmetry.Pointwise()}, {symmetry.Pointwise(), symmetry.MergeParallel}, {symmetry.MergeParallel, symmetry.Box(-1, 1)}} {
		c := compress(t, w, opts...)
		require.Equal(t, []int{1}, widths(c, "h"), "%s", c)
		var worst float64
		for _, x := range [][]float64{{1, 0.3}, {0.4, 1}, {-1, 0.9}} {
			n, _, s := distances(t, w, c.Reduced, layers.ReLU, x)
			b := must(c.BoundOn(mat.NewDense(1, 2, x)))(t)
			assert.LessOrEqual(t, n, b*s)
			worst = max(worst, n)
		}
		assert.Greater(t, worst, 1e-15, "the sums are not the same numbers")
		assert.LessOrEqual(t, worst, c.BoundBall(1.1)["y"])
		assert.Less(t, c.BoundBall(1.1)["y"], 1e-10)
	}
	w.Arrow("more").Set(1, 0, 0.2+1e-9)
	assert.Empty(t, compress(t, w, symmetry.Pointwise(), symmetry.MergeParallel).Units)

	// 5s − 5.5s + 0.1 ≤ 0 for s > 0.2, as s = σ(x) is on x > −1; alone, each arrow says nothing.
	for _, tc := range []struct {
		a, b, bias float64
		units      int
	}{{5, -5.5, 0, 1}, {5, -5.5, 0.1, 0}, {5, -4.5, 0, 1}, {5, -4.5, -0.1, 0}, {0.1, -0.1, 0, 1}, {0.3, -0.1, -0.05, 0}, {0.3, -0.1, 0, 1}, {5, -5.5, -1, 1}} {
		q := must(quiver.New(quiver.Input("x", 1), quiver.Bias("one"), quiver.Hidden("s", 1, layers.Pointwise(layers.Sigmoid)), quiver.Hidden("h", 2, layers.Pointwise(layers.ReLU)), quiver.Output("y", 1, nil),
			quiver.Connect("x", "s"), quiver.Connect("s", "h"), quiver.Connect("s", "h", quiver.Named("more")), quiver.Connect("one", "h"), quiver.Connect("h", "y")))(t)
		w := quiver.Zero(q)
		w.Arrow("x->s").Set(0, 0, 1)
		w.Arrow("s->h").SetCol(0, []float64{tc.a, 2})
		w.Arrow("more").SetCol(0, []float64{tc.b, -1})
		w.Arrow("one->h").SetCol(0, []float64{tc.bias, -0.5})
		w.Arrow("h->y").SetRow(0, []float64{1, 1})
		c := compress(t, w, symmetry.Pointwise())
		assert.Equal(t, []int{2 - tc.units}, widths(c, "h"), "%v\n%s", tc, c)
		assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 20, 1)...), 1e-14)
	}
}

// TestSineWithHugeWeights: the search ends, and is right.
func TestSineWithHugeWeights(t *testing.T) {
	for _, weight := range []float64{1e9, 1e17, 1e200, math.MaxFloat64} {
		for _, opt := range []symmetry.Option{nil, symmetry.Pointwise(), symmetry.Box(0.5, 1), symmetry.Box(1, 1), symmetry.Samples(mat.NewDense(1, 1, []float64{1}))} {
			w := single(t, layers.Sin, 1, [][]float64{{weight, 0}, {1, 0}}, [][]float64{{1, 1}})
			c := compress(t, w, opt)
			assert.LessOrEqual(t, gap(t, w, c.Reduced, mat.NewDense(1, 1, []float64{1})), 1e-15, "%g", weight)
			c.BoundBall(1)
			must(c.BoundOn(mat.NewDense(1, 1, []float64{0.75})))(t)
		}
	}
}
