package units

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/enclose"
	"github.com/quivernet/quivernet/internal/inputs"
	"github.com/quivernet/quivernet/internal/linalg"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestOverflowBoundsNothing: where products overflow and their sum is not a number, the run of the relaxation
// returns the bound that says nothing.
func TestOverflowBoundsNothing(t *testing.T) {
	for _, large := range []float64{1e200, 1e100} {
		q, err := quiver.New(quiver.Input("x", 1), quiver.Hidden("a", 2, layers.Pointwise(layers.ReLU)), quiver.Hidden("b", 1, layers.Pointwise(layers.ReLU)),
			quiver.Output("y", 1, nil), quiver.Connect("x", "a"), quiver.Connect("a", "b"), quiver.Connect("b", "y"))
		require.NoError(t, err)
		w := quiver.Zero(q)
		require.NoError(t, w.Set("x->a", mat.NewDense(2, 1, []float64{large, large})))
		require.NoError(t, w.Set("a->b", mat.NewDense(1, 2, []float64{2 * large, -large})))
		require.NoError(t, w.Set("b->y", mat.NewDense(1, 1, []float64{1})))
		on := inputs.Everything(q)
		on.Lo[0][0], on.Hi[0][0] = 1, 2
		d := newDraft(w, nil)
		d.enclose(on, nil)
		r := &relaxer{d: d, work: SearchWork}
		for _, s := range d.vertices {
			r.ls = append(r.ls, nil)
			if s.known {
				r.ls[s.index] = s.lay()
			}
		}
		for _, strict := range []bool{false, true} {
			for _, sign := range []float64{1, -1} {
				got := (&sweep{r: r}).run(d.vertices[2], 0, sign, strict)
				if large == 1e200 {
					assert.True(t, math.IsInf(got, -1), "%v", got)
					continue
				}
				want := 1e200
				if sign < 0 {
					want = -2e200
				}
				assert.InEpsilon(t, want, got, 1e-12)
			}
		}
	}
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
	h, y := d.vertices[1], d.vertices[2]
	r := &relaxer{d: d, work: SearchWork, ls: []*enclose.Lines{nil, h.lay(), nil}}
	require.Equal(t, 1.0, r.ls[1].Slope[0][0])
	for _, large := range []float64{1e6, 1e12} { // as if h could be as large
		h.zhi[0] = large
		plain, strict := (&sweep{r: r}).run(y, 0, 1, false), (&sweep{r: r}).run(y, 0, 1, true)
		assert.GreaterOrEqual(t, plain-strict, 4*0x1p-52*large*(1-1e-6))
		assert.Less(t, plain-strict, 6*0x1p-52*large+1e-12, "and by no more")
	}
	h.zhi[0] = 2
	for _, weight := range []float64{1, 2} { // the sums count, too, at weights of 1 as at others
		d.vertices[2].in[0].m.Data[0] = weight
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

// TestRoundingOfActivations: an activation that is computed rounds its value; the identity does not.
func TestRoundingOfActivations(t *testing.T) {
	e := map[string]float64{}
	for _, act := range []quiver.Activation{quiver.Identity, layers.Pointwise(layers.ReLU)} {
		w := perceptron(t, act, 2, 3)
		k := SnapshotOf(w)
		_, x := k.sizes(1)
		v := k.At["h1"]
		e[act.String()] = k.Rounding(1)[v] / (0x1p-52 * x[v])
	}
	assert.Greater(t, e["pointwise(relu)"], 64.0)
	assert.Less(t, e[quiver.Identity.String()], 64.0)
	assert.Positive(t, e[quiver.Identity.String()])
}

// perceptron is x → h → y with the activation at h, and random matrices.
func perceptron(t *testing.T, act quiver.Activation, in, width int) *quiver.Rep {
	t.Helper()
	q, err := layers.MLP(act, in, width, 1)
	require.NoError(t, err)
	return quiver.Random(q, nil, rand.NewPCG(1, 2))
}
