package symmetry_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// single is x → h → y with a bias at h: rows are (weights of x…, bias), out are the outgoing
// weights.
func single(t testing.TB, h layers.Func, in int, rows [][]float64, out [][]float64) *quiver.Rep {
	t.Helper()
	q := must(quiver.New(
		quiver.Input("x", in), quiver.Bias("one"), quiver.Hidden("h", len(rows), layers.Pointwise(h)), quiver.Output("y", len(out), nil),
		quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y")))(t)
	w := quiver.Zero(q)
	for i, r := range rows {
		w.Arrow("x->h").SetRow(i, r[:in])
		w.Arrow("one->h").Set(i, 0, r[in])
	}
	for i, r := range out {
		w.Arrow("h->y").SetRow(i, r)
	}
	return w
}

// TestUnitsByHand: what each law of each activation allows, and what it does not.
func TestUnitsByHand(t *testing.T) {
	for _, tc := range []struct {
		name string
		h    layers.Func
		rows [][]float64
		want []symmetry.UnitChange
	}{
		{"relu, positive", layers.ReLU, [][]float64{{1, 2, 3}, {2, 4, 6}}, []symmetry.UnitChange{{Unit: 1, Fate: symmetry.Twin, Twin: 0, Factor: 2}}},
		{"relu, negative", layers.ReLU, [][]float64{{1, 2, 3}, {-2, -4, -6}}, nil},
		{"leaky", layers.LeakyReLU(0.1), [][]float64{{1, 2, 3}, {0.5, 1, 1.5}}, []symmetry.UnitChange{{Unit: 1, Fate: symmetry.Twin, Factor: 0.5}}},
		{"abs, negative", layers.Abs, [][]float64{{1, 2, 3}, {-2, -4, -6}}, []symmetry.UnitChange{{Unit: 1, Fate: symmetry.Twin, Factor: 2}}},
		{"square, negative", layers.Square, [][]float64{{1, 2, 3}, {-2, -4, -6}}, []symmetry.UnitChange{{Unit: 1, Fate: symmetry.Twin, Factor: 4}}},
		{"cube, negative", layers.Power(3), [][]float64{{1, 2, 3}, {-2, -4, -6}}, []symmetry.UnitChange{{Unit: 1, Fate: symmetry.Twin, Factor: -8}}},
		{"tanh, sign", layers.Tanh, [][]float64{{1, 2, 3}, {-1, -2, -3}}, []symmetry.UnitChange{{Unit: 1, Fate: symmetry.Twin, Factor: -1}}},
		{"tanh, scale", layers.Tanh, [][]float64{{1, 2, 3}, {2, 4, 6}}, nil},
		{"squash, sign", layers.Squash, [][]float64{{1, 2, 3}, {-1, -2, -3}}, []symmetry.UnitChange{{Unit: 1, Fate: symmetry.Twin, Factor: 1}}},
		{"sigmoid, sign", layers.Sigmoid, [][]float64{{1, 2, 3}, {-1, -2, -3}}, []symmetry.UnitChange{{Unit: 1, Fate: symmetry.Twin, Factor: -1, Value: 1}}},
		{"gelu, equal", layers.GELU, [][]float64{{1, 2, 3}, {1, 2, 3}}, []symmetry.UnitChange{{Unit: 1, Fate: symmetry.Twin, Factor: 1}}},
		{"gelu, sign", layers.GELU, [][]float64{{1, 2, 3}, {-1, -2, -3}}, nil},
		{"gelu, scale", layers.GELU, [][]float64{{1, 2, 3}, {2, 4, 6}}, nil},
		{"softplus, scale", layers.Softplus, [][]float64{{1, 2, 3}, {2, 4, 6}}, nil},
		{"another bias", layers.ReLU, [][]float64{{1, 2, 3}, {2, 4, 6.1}}, nil},
		{"a millionth apart", layers.ReLU, [][]float64{{1, 2, 3}, {2, 4 * (1 + 1e-6), 6}}, nil},
		{"a billionth of a billionth apart", layers.ReLU, [][]float64{{1, 2, 3}, {2, 4, 6 * (1 + 0x1p-52)}}, []symmetry.UnitChange{{Unit: 1, Fate: symmetry.Twin, Factor: 2}}},
		{"a hundred units in the last place apart", layers.ReLU, [][]float64{{1, 2, 3}, {2, 4, 6 * (1 + 100*0x1p-52)}}, nil},
		{"a small entry counts", layers.ReLU, [][]float64{{1, 0, 0}, {1, 1e-200, 0}}, nil},
		{"a constant", layers.ReLU, [][]float64{{0, 0, 3}, {1, 2, 3}}, []symmetry.UnitChange{{Unit: 0, Fate: symmetry.Constant, Value: 3}}},
		{"a zero", layers.ReLU, [][]float64{{0, 0, -3}, {1, 2, 3}}, []symmetry.UnitChange{{Unit: 0, Fate: symmetry.Constant}}},
		{"half", layers.Sigmoid, [][]float64{{0, 0, 0}, {1, 2, 3}}, []symmetry.UnitChange{{Unit: 0, Fate: symmetry.Constant, Value: 0.5}}},
		{"nearly a constant", layers.Tanh, [][]float64{{0, 1e-300, 3}, {1, 2, 3}}, nil},
		{"a constant function", layers.Unit, [][]float64{{1, 2, 3}}, []symmetry.UnitChange{{Unit: 0, Fate: symmetry.Constant, Value: 1}}},
		{"infinite at 0", layers.Power(-1), [][]float64{{0, 0, 0}, {1, 2, 3}}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out := make([]float64, len(tc.rows))
			for i := range out {
				out[i] = 1 / float64(2+i)
			}
			w := single(t, tc.h, 2, tc.rows, [][]float64{out})
			c := compress(t, w, symmetry.Pointwise())
			for i := range tc.want {
				tc.want[i].Vertex, tc.want[i].On = "h", "every input"
			}
			require.Equal(t, tc.want, c.Units)
			if tc.h.String() == "power(-1)" {
				return // the original is infinite
			}
			assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(w.Quiver(), 20, 1)...), 1e-15)
			assert.LessOrEqual(t, c.Certificate.Gap, c.Certificate.Bound)
			assert.LessOrEqual(t, c.Certificate.Bound, 1e-12)
			if len(tc.want) == 0 {
				assert.Equal(t, w.Quiver().Layout(), c.Reduced.Quiver().Layout())
			}
		})
	}
}

// TestConstantsNeedNoBias: a quiver without a bias vertex gets one, since that is smaller than
// the units, and nothing more where the constants cancel.
func TestConstantsNeedNoBias(t *testing.T) {
	act := layers.Pointwise(layers.Sigmoid)
	q := must(quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 3, act), quiver.Output("y", 2, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y")))(t)
	w := random(q, 1)
	for i := range 2 {
		w.Arrow("x->h").SetRow(i, []float64{0, 0})
	}
	c := compress(t, w, symmetry.Pointwise())
	assert.Equal(t, []int{1}, widths(c, "h"))
	assert.Equal(t, 1, c.Reduced.Quiver().Dims()["one"])
	assert.Equal(t, 2+2+2, c.Reduced.Quiver().NumParams())
	assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 9, 1)...), 1e-15)
	for i := range 2 { // ½·a + ½·(−a)
		w.Arrow("h->y").Set(i, 1, -w.Arrow("h->y").At(i, 0))
	}
	c = compress(t, w, symmetry.Pointwise())
	assert.Equal(t, 2+2, c.Reduced.Quiver().NumParams())
	assert.NotContains(t, c.Reduced.Quiver().Dims(), "one")
	assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 9, 1)...), 1e-15)
}

// TestConstantsBehindAFixedArrow: a copy costs nothing, a bias at the wide vertex that it leads
// to does.
func TestConstantsBehindAFixedArrow(t *testing.T) {
	sigmoid := layers.Pointwise(layers.Sigmoid)
	q := must(quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 3, sigmoid), quiver.Hidden("wide", 9, sigmoid), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("h", "wide", quiver.Frozen(quiver.Inclusion{Rows: 9, Cols: 3, K: 3})), quiver.Connect("x", "wide"), quiver.Connect("wide", "y")))(t)
	w := random(q, 1)
	w.Arrow("x->h").SetRow(1, []float64{0, 0})
	c := compress(t, w, symmetry.Pointwise())
	assert.Empty(t, c.Units)
	assert.Equal(t, "constant units stay: a new bias would have more numbers", c.Widths[0].Reason)
	assert.Equal(t, q.NumParams(), c.Reduced.Quiver().NumParams())

	// A unit that is 0 needs no bias: it goes, and nothing is said to stay.
	tanh := layers.Pointwise(layers.Tanh)
	q = must(quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 3, tanh), quiver.Hidden("wide", 9, sigmoid), quiver.Output("y", 1, nil),
		quiver.Connect("x", "h"), quiver.Connect("h", "wide", quiver.Frozen(quiver.Inclusion{Rows: 9, Cols: 3, K: 3})), quiver.Connect("x", "wide"), quiver.Connect("wide", "y")))(t)
	w = random(q, 1)
	w.Arrow("x->h").SetRow(1, []float64{0, 0})
	c = compress(t, w, symmetry.Pointwise())
	assert.Len(t, c.Units, 1)
	assert.NotContains(t, c.Widths[0].Reason, "stay")
	c = compress(t, random(q, 1), symmetry.Pointwise()) // nor where no unit is constant
	assert.Empty(t, c.Units)
	assert.NotContains(t, c.Widths[0].Reason, "constant")
}

// TestALateBias: a bias vertex that stands last in the order of the quiver serves vertices
// before it.
func TestALateBias(t *testing.T) {
	relu := layers.Pointwise(layers.ReLU)
	q := must(quiver.New(
		quiver.Input("x", 2), quiver.Hidden("a", 4, layers.Pointwise(layers.Sigmoid)), quiver.Hidden("b", 3, relu), quiver.Hidden("c", 3, relu), quiver.Bias("one"), quiver.Output("y", 2, nil),
		quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("b", "c"), quiver.Connect("c", "y"), quiver.Connect("one", "y")))(t)
	late, _ := q.VertexIndex("one")
	b, _ := q.VertexIndex("b")
	require.Greater(t, late, b)
	w := random(q, 1)
	w.Arrow("x->a").SetRow(2, []float64{0, 0})
	for _, opt := range []symmetry.Option{symmetry.Pointwise(), symmetry.Box(-1, 1), symmetry.Samples(inputs(q, 4, 2)...)} {
		c := compress(t, w, opt)
		assert.Equal(t, symmetry.UnitChange{Vertex: "a", Unit: 2, Fate: symmetry.Constant, Value: 0.5, On: "every input"}, c.Units[0])
		xs := inputs(q, 4, 2)
		if strings.Contains(c.Certificate.On, "box") {
			xs = inside([]*mat.Dense{hullOf(2, 1)}, nil, 9, rngOf(1))
		}
		assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-14)
	}
}

// TestTwinsCancel: merged outgoing columns may vanish, and then the unit goes, and what fed it.
func TestTwinsCancel(t *testing.T) {
	q := mlp(t, layers.Pointwise(layers.ReLU), 2, 3, 3, 1)
	w := random(q, 4)
	for i := range 2 {
		w.Arrow("h1->h2").Set(1, i, 3*w.Arrow("h1->h2").At(0, i))
	}
	for j, x := range []float64{0.7, -0.2, 0.4} {
		w.Arrow("h1->h2").Set(0, j, x)
		w.Arrow("h1->h2").Set(1, j, 3*x)
	}
	w.Arrow("one->h2").Set(0, 0, 0.1)
	w.Arrow("one->h2").Set(1, 0, 3*0.1) // not the double nearest to 0.3
	w.Arrow("h1->h2").Set(2, 0, 0)      // unit 0 of h1 is seen by the twins only
	w.Arrow("h2->y").SetRow(0, []float64{0.3, -0.1, 1})
	c := compress(t, w, symmetry.Pointwise())
	assert.Equal(t, []int{2, 1}, widths(c, "h1", "h2"))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 20, 1)...), 1e-15)
}

// TestBehindARadialVertex: rows that differ only in directions that never reach the vertex are
// twins once the radial vertex before it is reduced.
func TestBehindARadialVertex(t *testing.T) {
	q := must(quiver.New(
		quiver.Input("x", 1), quiver.Bias("one"), quiver.Hidden("r", 6, squash), quiver.Hidden("h", 4, layers.Pointwise(layers.Tanh)), quiver.Output("y", 2, nil),
		quiver.Connect("x", "r"), quiver.Connect("r", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y")))(t)
	w := random(q, 1)
	// x reaches one direction u of r; rows 0 and 1 of h have the same product with it.
	u := mat.Col(nil, 0, w.Arrow("x->r"))
	m := w.Arrow("r->h")
	off := []float64{u[1], -u[0], 0, 0, 0, 0}
	for k := range u {
		m.Set(1, k, m.At(0, k)+off[k])
	}
	w.Arrow("one->h").Set(1, 0, w.Arrow("one->h").At(0, 0))
	xs := inputs(q, 20, 1)
	c := compress(t, w, symmetry.Pointwise())
	assert.Equal(t, []int{1, 3}, widths(c, "r", "h"))
	assert.LessOrEqual(t, gap(t, w, c.Reduced, xs...), 1e-13)
	again := compress(t, c.Reduced, symmetry.Pointwise())
	assert.Equal(t, c.Reduced.Quiver().Dims(), again.Reduced.Quiver().Dims())
	m.Set(1, 2, m.At(1, 2)+1e-6)
	c = compress(t, w, symmetry.Pointwise())
	assert.Equal(t, []int{1, 4}, widths(c, "r", "h"), "a millionth of difference that is seen")
}

// TestLeftAlone: tied arrows and kept vertices stay, and the report says why; fixed and
// parallel arrows, and outputs with arrows of their own, take part.
func TestLeftAlone(t *testing.T) {
	relu := layers.Pointwise(layers.ReLU)
	reason := func(c *symmetry.Compression, v string) string {
		for _, w := range c.Widths {
			if w.Vertex == v {
				return w.Reason
			}
		}
		return ""
	}
	twin := func(w *quiver.Rep, arrows ...string) {
		for _, a := range arrows {
			m := w.Arrow(a)
			m.SetRow(1, m.RawRowView(0))
		}
	}
	t.Run("keep", func(t *testing.T) {
		w := random(mlp(t, relu, 2, 3, 3, 1), 1)
		twin(w, "x->h1", "one->h1")
		c := compress(t, w, symmetry.Pointwise(), symmetry.Keep("h1"))
		assert.Equal(t, []int{3, 3}, widths(c, "h1", "h2"))
		assert.Equal(t, "kept as asked", reason(c, "h1"))
		assert.Equal(t, "no unit can go", reason(c, "h2"))
		assert.Equal(t, []int{2, 3}, widths(compress(t, w, symmetry.Pointwise()), "h1", "h2"))
	})
	t.Run("tied", func(t *testing.T) {
		w := random(unrolled(t, relu, 3, 2), 1)
		twin(w, "x1->h1")
		c := compress(t, w, symmetry.Pointwise())
		assert.Empty(t, c.Units)
		assert.Regexp(t, "^kept: tied arrow .* touches it$", reason(c, "h1"))
	})
	t.Run("fixed", func(t *testing.T) {
		eye := quiver.Eye(3)
		q := must(quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("a", 3, relu), quiver.Hidden("b", 3, relu), quiver.Output("y", 2, nil),
			quiver.Connect("x", "a"), quiver.Connect("one", "a"), quiver.Connect("a", "b", quiver.Frozen(eye)), quiver.Connect("x", "b"), quiver.Connect("b", "y")))(t)
		w := random(q, 3)
		w.Arrow("b->y").Set(0, 2, 0)
		w.Arrow("b->y").Set(1, 2, 0)
		c := compress(t, w, symmetry.Pointwise())
		assert.Equal(t, []int{2, 2}, widths(c, "a", "b"), "nobody looks at the last unit of b, nor at what feeds it")
		i, _ := c.Reduced.Quiver().ArrowIndex("a->b")
		assert.Equal(t, quiver.Eye(2), c.Reduced.Fixed(i), "a copy stays a copy")
		assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 9, 1)...), 1e-15)
		twin(w, "x->a", "one->a")
		c = compress(t, w, symmetry.Pointwise())
		assert.Equal(t, []int{1, 2}, widths(c, "a", "b"))
		assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 9, 1)...), 1e-15)
		// Units that are on become arrows past the vertex, x->b and a new one->b.
		w = random(q, 3)
		for k := range 3 {
			w.Arrow("one->a").Set(k, 0, 3)
			w.Arrow("x->b").SetRow(k, []float64{3, -4})
		}
		c = compress(t, w, symmetry.Box(-1, 1))
		assert.Equal(t, []int{0, 3}, widths(c, "a", "b"))
		assert.Equal(t, 3*2+3+2*3, c.Reduced.Quiver().NumParams())
		assert.LessOrEqual(t, gap(t, w, c.Reduced, inside([]*mat.Dense{hullOf(2, 1)}, nil, 20, rngOf(1))...), 1e-15)
	})
	t.Run("a fixed copy that costs nothing", func(t *testing.T) {
		q := must(quiver.New(quiver.Input("x", 5), quiver.Hidden("a", 5, relu), quiver.Hidden("b", 5, relu), quiver.Output("y", 1, nil),
			quiver.Connect("x", "a", quiver.Frozen(quiver.Eye(5))), quiver.Connect("a", "b", quiver.Frozen(quiver.Eye(5))), quiver.Connect("b", "y")))(t)
		c := compress(t, random(q, 1), symmetry.Box(0, 1))
		assert.Equal(t, []int{5, 5}, widths(c, "a", "b"), "a->y would have as many numbers as b->y; a has none to lose")
		assert.Empty(t, c.Units)
	})
	t.Run("parallel", func(t *testing.T) {
		q := must(quiver.New(quiver.Input("x", 2), quiver.Bias("one"), quiver.Hidden("a", 3, relu), quiver.Output("y", 2, nil),
			quiver.Connect("x", "a"), quiver.Connect("x", "a", quiver.Named("more")), quiver.Connect("one", "a"), quiver.Connect("a", "y")))(t)
		w := random(q, 3)
		for k := range 2 { // the sums are 2 and 1 times the same, the parts are not
			w.Arrow("more").Set(1, k, 2*(w.Arrow("more").At(0, k)+w.Arrow("x->a").At(0, k))-w.Arrow("x->a").At(1, k))
			w.Arrow("more").Set(2, k, -w.Arrow("x->a").At(2, k))
		}
		w.Arrow("one->a").Set(0, 0, 0.25)
		w.Arrow("one->a").Set(1, 0, 0.5)
		w.Arrow("one->a").Set(2, 0, 0.75)
		c := compress(t, w, symmetry.Pointwise())
		require.Len(t, c.Units, 2)
		assert.Equal(t, symmetry.Constant, c.Units[0].Fate)
		assert.Equal(t, symmetry.Twin, c.Units[1].Fate)
		assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 9, 1)...), 1e-14)
		m := compress(t, w, symmetry.Pointwise(), symmetry.MergeParallel)
		assert.Equal(t, []int{1}, widths(m, "a"))
		assert.LessOrEqual(t, gap(t, w, m.Reduced, inputs(q, 9, 1)...), 1e-14)
	})
	t.Run("an output on the way", func(t *testing.T) {
		q := must(quiver.New(quiver.Input("x", 2), quiver.Input("u", 1), quiver.Bias("one"), quiver.Hidden("a", 3, relu), quiver.Output("m", 3, relu), quiver.Hidden("b", 3, relu), quiver.Output("y", 1, nil),
			quiver.Connect("x", "a"), quiver.Connect("u", "a"), quiver.Connect("one", "a"), quiver.Connect("a", "m"), quiver.Connect("m", "b"), quiver.Connect("b", "y")))(t)
		w := random(q, 3)
		twin(w, "x->a", "u->a", "one->a")
		twin(w, "a->m") // two equal outputs stay two
		c := compress(t, w, symmetry.Pointwise())
		assert.Equal(t, []int{2, 3}, widths(c, "a", "m"))
		assert.LessOrEqual(t, gap(t, w, c.Reduced, inputs(q, 9, 1)...), 1e-14)
	})
	t.Run("parameters", func(t *testing.T) {
		gain := layers.Gain(layers.RMSNorm(3, 1e-3), true)
		w := random(mlp(t, gain, 2, 3, 1), 1)
		assert.Empty(t, compress(t, w, symmetry.Pointwise()).Units)
	})
}

// TestHugeAndTinyWeights: neither overflow nor underflow makes units equal or zero that are
// not.
func TestHugeAndTinyWeights(t *testing.T) {
	for _, scale := range []float64{1e-310, 1e-160, 1e150, 1e300, 1.7e308} {
		w := single(t, layers.ReLU, 2, [][]float64{{scale, -scale / 2, scale / 4}, {scale, -scale / 3, scale / 4}, {scale / 2, -scale / 4, scale / 8}, {0, 0, scale}},
			[][]float64{{1, -1, 1, scale}})
		for _, opt := range []symmetry.Option{symmetry.Pointwise(), symmetry.Box(-1, 1), symmetry.Box(0.9, 1)} {
			c := compress(t, w, opt)
			require.NoError(t, c.Reduced.CheckFinite())
			if !math.IsNaN(c.Certificate.Gap) { // it is NaN where the original overflows
				assert.LessOrEqual(t, c.Certificate.Gap, 1e-12, "%g: %s", scale, c)
			}
			if scale > 1e-200 && scale < 1e200 {
				assert.LessOrEqual(t, widths(c, "h")[0], 2, "%g: %s", scale, c)
			}
		}
	}
}
