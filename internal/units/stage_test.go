package units

import (
	"math"
	"math/big"
	"testing"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// chain is x → h → g → y with biases, all of the given widths and with the given matrices.
func chain(t *testing.T, h layers.Func, matrices map[string][][]float64) *quiver.Rep {
	t.Helper()
	wide := func(name string) int { return len(matrices[name]) }
	q, err := quiver.New(
		quiver.Input("x", len(matrices["x->h"][0])), quiver.Bias("one"),
		quiver.Hidden("h", wide("x->h"), layers.Pointwise(h)), quiver.Hidden("g", wide("h->g"), layers.Pointwise(h)), quiver.Output("y", wide("g->y"), nil),
		quiver.Connect("x", "h"), quiver.Connect("x", "h", quiver.Named("more")), quiver.Connect("one", "h"), quiver.Connect("h", "g"), quiver.Connect("h", "g", quiver.Named("again")), quiver.Connect("one", "g"), quiver.Connect("g", "y"), quiver.Connect("one", "y"))
	require.NoError(t, err)
	w := quiver.Zero(q)
	for name, rows := range matrices {
		for i, r := range rows {
			w.Arrow(name).SetRow(i, r)
		}
	}
	return w
}

// exact returns the output of a snapshot of lines at x.
func (k *Snapshot) exact(h layers.Func, x float64) []*big.Float { return k.exactly(h, x)[k.At["y"]] }

// exactly evaluates a snapshot of lines at x with 2,000 bits.
func (k *Snapshot) exactly(h layers.Func, x float64) [][]*big.Float {
	wide := func(y float64) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(y) }
	f := make([][]*big.Float, len(k.vertices))
	for v, s := range k.vertices {
		for i := range s.Dim {
			switch s.Kind {
			case quiver.KindInput:
				f[v] = append(f[v], wide(x))
				continue
			case quiver.KindBias:
				f[v] = append(f[v], wide(1))
				continue
			}
			z := wide(0)
			for _, l := range s.in {
				for j, w := range l.m.Row(i) {
					z.Add(z, wide(0).Mul(wide(w), f[l.source][j]))
				}
			}
			if s.Act != quiver.Identity && z.Sign() < 0 {
				z.Mul(z, wide(h.Slope(-1)))
			}
			f[v] = append(f[v], z)
		}
	}
	return f
}

// TestBoundsOfStagesAreSharp: one network for each thing that a removal of units may get wrong, at
// which the bound is the error, to a few percent: no term can be missing.
func TestBoundsOfStagesAreSharp(t *testing.T) {
	type rows = map[string][][]float64
	in := func(lo, hi float64) *inputs.Set {
		return &inputs.Set{Lo: [][]float64{{lo}}, Hi: [][]float64{{hi}}, Text: "a box"}
	}
	for _, tc := range []struct {
		name  string
		h     layers.Func
		w     rows
		on    *inputs.Set
		units int
		loose float64 // the bound may be this many times the error
	}{
		{"twins up to rounding", layers.ReLU, rows{"x->h": {{0.7}, {2.1}}, "h->g": {{3e10 + 3, -1e10}}, "g->y": {{1}}}, nil, 1, 3.17}, // √10, from the norm of the row
		{"twins of a negative factor", layers.Abs, rows{"x->h": {{0.7}, {-2.1}}, "h->g": {{3e10 + 3, -1e10}}, "g->y": {{1}}}, nil, 1, 3.17},
		{"twins, and a slope behind them", layers.LeakyReLU(-8), rows{"x->h": {{0.7}, {2.1}}, "h->g": {{3e10 + 3, -1e10}}, "g->y": {{1}}}, nil, 1, 25.3}, // and 8, from the other side of the bend
		{"sums of outgoing arrows", layers.ReLU, rows{"x->h": {{1}, {2}}, "h->g": {{0.3, 0x1p53}}, "g->y": {{1}}}, nil, 1, 1.01},
		{"factors of outgoing arrows", layers.ReLU, rows{"x->h": {{3}, {1}}, "h->g": {{1, 1e17}}, "g->y": {{1}}}, nil, 1, 1.05},
		{"nearly unobserved", layers.ReLU, rows{"x->h": {{1}, {3}}, "h->g": {{1, 1}}, "again": {{0, -1 + 0x1p-53}}, "g->y": {{1}}}, nil, 1, 1.06},
		{"nearly unobserved twins", layers.ReLU, rows{"x->h": {{0.7}, {2.1}, {1}}, "h->g": {{3e10, -1e10, 1}}, "g->y": {{1}}}, nil, 2, 3.3},
		{"nearly constant", layers.ReLU, rows{"x->h": {{1}, {1}}, "more": {{0}, {-1 + 0x1p-53}}, "one->h": {{0}, {3}}, "h->g": {{1, 5}}, "g->y": {{1}}}, nil, 1, 1.03},
		{"biases take up constants", layers.ReLU, rows{"x->h": {{0}, {1}}, "one->h": {{0.1}, {0}}, "h->g": {{3e15, 1}}, "one->g": {{-3e14 + 1}}, "g->y": {{1}}}, nil, 1, 1.01},
		{"always on", layers.ReLU, rows{"x->h": {{0.1}}, "one->h": {{1}}, "h->g": {{0.3e17}}, "g->y": {{1}}}, in(-1, 1), 2, 1.01},
		{"always on, with a slope", layers.LeakyReLU(0.1), rows{"x->h": {{0.7}, {2.1}}, "one->h": {{5}, {15}}, "h->g": {{3e10 + 3, -1e10}}, "one->g": {{-100}}, "g->y": {{1}}}, in(-2, 2), 3, 32}, // and 10, from the other side of the bend
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDraft(chain(t, tc.h, tc.w), nil)
			from := d.snapshot()
			for d.pass(nil, d.rows) || tc.on != nil && d.pass(tc.on, func() bool { return d.judge(tc.on) }) {
			}
			require.Len(t, d.changed, tc.units)
			require.NotEmpty(t, d.stages)
			for _, r := range []float64{0.25, 1} {
				var bound float64
				for _, s := range d.stages {
					bound += s.Bounds(r)[s.From.At["y"]]
				}
				var worst float64
				for _, x := range []float64{-r, -r / 3, r / 3, r} {
					if tc.on != nil {
						x = max(x, tc.on.Lo[0][0])
					}
					e, _ := new(big.Float).Sub(from.exact(tc.h, x)[0], d.last.exact(tc.h, x)[0]).Float64()
					worst = max(worst, math.Abs(e))
				}
				if tc.on != nil && !tc.on.Around(r) {
					require.True(t, math.IsInf(bound, 1), "the ball is not in the box")
					continue
				}
				require.Positive(t, worst, "the case shows nothing")
				assert.GreaterOrEqual(t, bound, worst)
				assert.LessOrEqual(t, bound, tc.loose*worst)
				t.Logf("the bound is %.3g times the error", bound/worst)
			}
		})
	}
}

// TestExactRemovalsHaveNoError: where arithmetic is exact the bound of a stage is 0.
func TestExactRemovalsHaveNoError(t *testing.T) {
	w := chain(t, layers.ReLU, map[string][][]float64{"x->h": {{1}, {2}, {0}, {5}}, "one->h": {{0.5}, {1}, {4}, {0}}, "h->g": {{1, 2, 3, 0}, {4, 5, 6, 0}}, "again": {{1, 0, 0, 0}, {0, 0, 0, 0}}, "one->g": {{1}, {2}}, "g->y": {{1, 1}}})
	d := newDraft(w, nil)
	for d.pass(nil, d.rows) {
	}
	require.Len(t, d.changed, 3)
	for _, s := range d.stages {
		assert.Zero(t, s.Bounds(1e6)[s.From.At["y"]])
	}
	// One weight more, and nothing is exact any more: what was claimed is not so.
	k := d.stages[0]
	k.From.vertices[k.From.At["h"]].in[0].m.Data[1] += 0.25
	k.errs = nil
	assert.GreaterOrEqual(t, k.Bounds(2)[k.From.At["y"]], 0.25*2*5)
}

// TestBoundsCountRoundedValues: constants that are folded and factors of twins are rounded values of
// the activation; for the square the error is a rational number.
func TestBoundsCountRoundedValues(t *testing.T) {
	wide := func(x float64) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(x) }
	point := &inputs.Set{Lo: [][]float64{{0.1}}, Hi: [][]float64{{0.1}}, Text: "a point"}
	for _, tc := range []struct {
		name       string
		x, one     []float64 // into two units
		on         *inputs.Set
		fate       Fate
		at, radius float64
	}{
		{"a constant", []float64{0, 1}, []float64{0.1, 0}, nil, Constant, 0.5, 1},
		{"a constant on a point", []float64{1, 0}, []float64{0, 0}, point, Constant, 0.1, 0},
		{"a twin", []float64{0.3, 0.33}, []float64{0, 0}, nil, Twin, 0.9, 1},
	} {
		q, err := quiver.New(quiver.Input("x", 1), quiver.Bias("one"), quiver.Hidden("h", 2, layers.Pointwise(layers.Square)), quiver.Output("y", 1, nil),
			quiver.Connect("x", "h"), quiver.Connect("one", "h"), quiver.Connect("h", "y"), quiver.Connect("one", "y"))
		require.NoError(t, err)
		w := quiver.Zero(q)
		w.Arrow("x->h").SetCol(0, tc.x)
		w.Arrow("one->h").SetCol(0, tc.one)
		w.Arrow("h->y").SetRow(0, []float64{1, 1})
		d := newDraft(w, nil)
		value := func(k *Snapshot) *big.Float { // at tc.at
			sum := wide(0)
			for _, l := range k.vertices[k.At["y"]].in {
				s := k.vertices[l.source]
				for j, v := range l.m.Row(0) {
					z := wide(1)
					if s.Kind == quiver.KindHidden {
						z = wide(0)
						for _, m := range s.in {
							x := 1.0
							if k.vertices[m.source].Kind == quiver.KindInput {
								x = tc.at
							}
							z.Add(z, wide(0).Mul(wide(m.m.Row(j)[0]), wide(x)))
						}
						z.Mul(z, z)
					}
					sum.Add(sum, wide(0).Mul(wide(v), z))
				}
			}
			return sum
		}
		before := value(d.snapshot())
		for d.pass(nil, d.rows) || tc.on != nil && d.pass(tc.on, func() bool { return d.judge(tc.on) }) {
		}
		require.NotEmpty(t, d.changed, tc.name)
		require.Equal(t, tc.fate, d.changed[len(d.changed)-1].Fate, tc.name)
		var bound float64
		for _, s := range d.stages {
			bound += s.errors(max(tc.radius, tc.at), -1)[s.From.At["y"]]
		}
		off, _ := before.Sub(before, value(d.last)).Float64()
		require.NotZero(t, off, tc.name)
		assert.GreaterOrEqual(t, bound, math.Abs(off), tc.name)
		assert.Less(t, bound, 1e-12, tc.name)
		for _, s := range d.stages { // what is not rounding in the arrows alone
			for v := range s.mismatches() {
				m := &s.errs[v]
				m.spare, m.post = 0, nil
			}
			bound -= s.errors(max(tc.radius, tc.at), -1)[s.From.At["y"]]
		}
		assert.Positive(t, bound, tc.name)
	}
}
