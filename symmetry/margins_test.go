package symmetry

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/linalg"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// chainOf is x → h → y with the activation at h, and random matrices.
func chainOf(t *testing.T, act quiver.Activation, in, width int) *quiver.Rep {
	t.Helper()
	q, err := layers.MLP(act, in, width, 1)
	require.NoError(t, err)
	return quiver.Random(q, nil, rand.NewPCG(1, 2))
}

// TestSlopesCountTheirRounding: a strict bound of the relaxation stays below the plain one by what the rounding of a
// slope can cost at the largest pre-activation of its unit.
func TestSlopesCountTheirRounding(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Hidden("h", 1, layers.Pointwise(layers.ReLU)), quiver.Output("y", 1, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	w := quiver.Zero(q)
	for _, name := range []string{"x->h", "h->y"} {
		require.NoError(t, w.Set(name, mat.NewDense(1, 1, []float64{1})))
	}
	on := inputs.Everything(q)
	on.Lo[0][0], on.Hi[0][0] = 1, 2
	d := newDraft(w, nil)
	d.enclose(on, nil)
	h, y := d.sites[1], d.sites[2]
	r := &relaxer{d: d, work: relaxWork, ls: []*enclose.Lines{nil, h.lay(), nil}}
	require.Equal(t, 1.0, r.ls[1].Slope[0][0])
	for _, large := range []float64{1e6, 1e12} { // as if h could be as large
		h.zhi[0] = large
		plain, strict := (&sweep{r: r}).run(y, 0, 1, false), (&sweep{r: r}).run(y, 0, 1, true)
		assert.GreaterOrEqual(t, plain-strict, 4*0x1p-52*large*(1-1e-6))
		assert.Less(t, plain-strict, 6*0x1p-52*large+1e-12, "and by no more")
	}
	h.zhi[0] = 2
	for _, weight := range []float64{1, 2} { // the sums count, too, at weights of 1 as at others
		d.sites[2].in[0].m.Data[0] = weight
		h.xhi[0] = 1e6
		plain, strict := (&sweep{r: r}).run(y, 0, 1, false), (&sweep{r: r}).run(y, 0, 1, true)
		assert.GreaterOrEqual(t, plain-strict, 16*0x1p-52*weight*1e6)
	}
}

// TestClustersKeepRowsApart: rows that are known well enough to be told apart do not share a cluster, and the
// mass of a row decides how well that is.
func TestClustersKeepRowsApart(t *testing.T) {
	const cols = 16
	m, mass := linalg.New(2, cols), linalg.New(2, cols)
	for j := range cols {
		m.Data[j], m.Data[cols+j] = 1, 1-2*float64(j%2)
	}
	for _, tc := range []struct {
		doubt float64 // of each entry
		sets  [][]int
	}{{0, [][]int{{0}, {1}}}, {0.1, [][]int{{0}, {1}}}, {0.4, [][]int{{0, 1}}}} {
		for i := range mass.Data {
			mass.Data[i] = tc.doubt / slight(1)
		}
		assert.Equal(t, tc.sets, (&stacked{m: m, mass: mass}).clusters(), "%v", tc.doubt)
	}
}

// TestNoBoundWhereNoneIsKnown: an error before the activation is carried on only by what knows its constants, and an
// error that is no number or has no bound stays without one.
func TestNoBoundWhereNoneIsKnown(t *testing.T) {
	through := func(act quiver.Activation, shift, d float64) float64 {
		w := chainOf(t, act, 2, 3)
		v, _ := w.Quiver().VertexIndex("h1")
		for i := range w.ParamsAt(v) {
			w.ParamsAt(v)[i] += shift
		}
		return (&bounder{c: &Compression{original: w}, vs: w.Quiver().Vertices()}).through(v, 1, 1, d)
	}
	inf := math.Inf(1)
	radial, trainable := layers.Radial(layers.Tanh), layers.Trainable(layers.Tanh, 0.2, 1)
	assert.InDelta(t, 1e-3, through(radial, 0, 1e-3), 1e-3)
	assert.False(t, math.IsInf(through(trainable, 0, 1e-3), 1), "its constants hold at its first parameters")
	assert.Equal(t, inf, through(trainable, 0.5, 1e-3))
	assert.Equal(t, inf, through(radial, 0, math.NaN()))
	assert.Equal(t, inf, through(radial, 0, inf))
	assert.Zero(t, through(trainable, 0.5, 0))
}

// TestPlainRankOfEvenRows: where no row weighs much more than another, the directions are those of the plain
// numerical rank, bit for bit; where one does they are chosen otherwise.
func TestPlainRankOfEvenRows(t *testing.T) {
	w := chainOf(t, layers.Radial(layers.Squash), 2, 5)
	v, _ := w.Quiver().VertexIndex("h1")
	c := newChooser(w, options{})
	a := mat.NewDense(5, 3, nil)
	for i := range 5 {
		x, y := float64(i+1), float64(i*i-3)
		a.SetRow(i, []float64{x, y, x + y})
	}
	for name, m := range map[string]*mat.Dense{"deficient": a, "full": mat.DenseCopyOf(a.Slice(0, 5, 0, 2))} {
		require.Nil(t, c.weights(v, m), name)
		want, got := byRank{}.span("h1", m), c.ranked(v, m, 0)
		assert.Equal(t, 2, linalg.Width(got.b), name)
		assert.True(t, mat.Equal(want.b, got.b) && mat.Equal(want.r, got.r), name)
		assert.Equal(t, [2]any{want.exact, want.why}, [2]any{got.exact, got.why}, name)
	}
	a.SetRow(4, []float64{1e-9, 1e-9, 2e-9})
	require.NoError(t, w.Set("h1->y", mat.NewDense(1, 5, []float64{1, 1, 1, 1, 1e9})))
	assert.False(t, mat.Equal(byRank{}.span("h1", a).b, c.ranked(v, a, 0).b))
}

// TestSumsExactly: sums are exact as long as no bit is lost, whatever the order.
func TestSumsExactly(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y"), quiver.Connect("x", "y", quiver.Named("two")), quiver.Connect("x", "y", quiver.Named("three")))
	require.NoError(t, err)
	for _, tc := range []struct {
		x     [3]float64
		exact bool
	}{{[3]float64{1, 2, 3}, true}, {[3]float64{1, 0x1p-52, 0}, true}, {[3]float64{1, 0x1p-60, 0}, false}, {[3]float64{0x1p-60, 1, 0}, false}, {[3]float64{1, 1, -0x1p-60}, false}, {[3]float64{0x1p60, -0x1p60, 0x1p-60}, true}} {
		w := quiver.Zero(q)
		names := []string{"x->y", "two", "three"}
		for i, name := range names {
			require.NoError(t, w.Set(name, mat.NewDense(1, 1, tc.x[i:i+1])))
		}
		assert.Equal(t, tc.exact, sumsExactly(w, names), "%v", tc.x)
	}
}
