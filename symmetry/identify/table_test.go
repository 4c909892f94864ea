package identify_test

import (
	"encoding/json"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/pieces/piecestest"
	"github.com/quivernet/quivernet/internal/rank"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry/identify"
	"github.com/quivernet/quivernet/symmetry/local"
	"github.com/quivernet/quivernet/symmetry/paths"
	"github.com/quivernet/quivernet/symmetry/recovery"
)

// TestHiddenSymmetries reproduces a row of the table of mean dimensions and shares of
// full-rank networks: width 5, depth 4, 50·D Gaussian points. The example regenerates all.
func TestHiddenSymmetries(t *testing.T) {
	n := 500
	if testing.Short() {
		n = 25
	}
	sum, full := 0.0, 0
	for seed := range uint64(n) {
		w := piecestest.HeChain(t, piecestest.ReLU, 1000+seed, 5, 5, 5, 5, 1)
		r, err := identify.Dimension(w, identify.Search{Points: 50 * 96, Batch: 1600, Patience: -1, Source: rand.NewPCG(seed, 3)})
		require.NoError(t, err)
		require.Equal(t, 81, r.Max)
		require.Equal(t, 96, r.Parameters)
		require.False(t, r.Rank.Ambiguous, "%v", r)
		require.Empty(t, r.Violated)
		sum += float64(r.Dimension)
		if r.Full() {
			full++
		}
	}
	mean, share := sum/float64(n), float64(full)/float64(n)
	t.Logf("mean dimension %.2f, full share %.3f of %d", mean, share, n)
	if testing.Short() {
		require.InDelta(t, 75.9, mean, 4)
		return
	}
	require.InDelta(t, 75.9, mean, 0.7)
	require.InDelta(t, 0.18, share, 0.05)
}

// TestStructureFormulas: (3,4,4,2) has dimension at most 38; with a dead unit 32, with two
// units always on 34; all are attained and never exceeded.
func TestStructureFormulas(t *testing.T) {
	best := map[string]int{}
	limit := map[string]int{"as it is": 38, "dead": 32, "on": 34}
	for seed := range uint64(25) {
		for name, change := range map[string]func(w *quiver.Rep){
			"as it is": func(*quiver.Rep) {},
			"dead":     func(w *quiver.Rep) { w.Arrow("one->h2").Set(1, 0, -1e3) },
			"on":       func(w *quiver.Rep) { w.Arrow("one->h2").Set(1, 0, 1e3); w.Arrow("one->h2").Set(3, 0, 1e3) },
		} {
			w := piecestest.HeChain(t, piecestest.ReLU, seed, 3, 4, 4, 2)
			change(w)
			r, err := identify.Dimension(w, identify.Search{Points: 1500, Source: rand.NewPCG(seed, 4), Patience: -1})
			require.NoError(t, err)
			require.Equal(t, 38, r.Max)
			require.LessOrEqual(t, r.Dimension, limit[name])
			best[name] = max(best[name], r.Dimension)
			for _, b := range r.Bounds {
				if b.Name == "symmetry" {
					require.LessOrEqual(t, b.Value, limit[name], name)
					require.GreaterOrEqual(t, b.Value, r.Dimension)
				}
			}
		}
	}
	require.Equal(t, limit, best)
}

// TestDimensionSearch: saturation, monotonicity in the points, and lines.
func TestDimensionSearch(t *testing.T) {
	w := piecestest.HeChain(t, piecestest.ReLU, 5, 3, 3, 3, 1)
	last := 0
	for _, n := range []int{5, 20, 100, 500} {
		r, err := identify.Dimension(w, identify.Search{Points: n, Batch: 5, Patience: -1, Source: rand.NewPCG(1, 1)})
		require.NoError(t, err)
		require.GreaterOrEqual(t, r.Dimension, last)
		last = r.Dimension
		require.Equal(t, r.Saturated, r.Full())
	}
	r, err := identify.Dimension(w, identify.Search{Lines: 0.7, Source: rand.NewPCG(1, 1)})
	require.NoError(t, err)
	require.True(t, r.Saturated)
	require.GreaterOrEqual(t, r.Dimension, last)
	// a smooth network has no rescalings
	s := piecestest.HeChain(t, layers.Pointwise(layers.Tanh), 5, 2, 3, 1)
	r, err = identify.Dimension(s, identify.Search{})
	require.NoError(t, err)
	require.Equal(t, 13, r.Max)
	require.True(t, r.Full(), "%v", r)
	// a square network has those of degree two
	p := piecestest.HeChain(t, layers.Pointwise(layers.Square), 5, 3, 2, 2)
	r, err = identify.Dimension(p, identify.Search{})
	require.NoError(t, err)
	require.Equal(t, 14-2, r.Max)
	require.True(t, r.Full(), "%v", r)
}

// TestSameBits: the factor R does not depend on GOMAXPROCS.
func TestSameBits(t *testing.T) {
	m := piecestest.Normal(rand.New(rand.NewPCG(1, 1)), 2000, 260)
	factor := func(procs int) []float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		q := rank.NewReducer(260)
		for i := range 2000 {
			q.Add(m.RawRowView(i))
		}
		return append(q.R().RawMatrix().Data, q.Rank().Singular...)
	}
	require.Equal(t, factor(1), factor(4))
}

// TestGorgoniaGradient compares the single row of J of one sample with the symbolic
// gradient that Gorgonia derives from the network written out by hand.
func TestGorgoniaGradient(t *testing.T) {
	for seed := range uint64(3) {
		w := piecestest.HeChain(t, piecestest.ReLU, seed, 3, 4, 2, 1)
		x := piecestest.Normal(rand.New(rand.NewPCG(seed, 9)), 1, 3)
		j, err := identify.Jacobian(w, piecestest.Batch(x), identify.Options{})
		require.NoError(t, err)
		g := gorgonia.NewGraph()
		leaf := func(name string, m *mat.Dense) *gorgonia.Node {
			r, c := m.Dims()
			data := append([]float64(nil), mat.DenseCopyOf(m).RawMatrix().Data...)
			return gorgonia.NewMatrix(g, tensor.Float64, gorgonia.WithShape(r, c), gorgonia.WithName(name), gorgonia.WithValue(tensor.New(tensor.WithShape(r, c), tensor.WithBacking(data))))
		}
		h := leaf("x", mat.DenseCopyOf(x.T()))
		var leaves gorgonia.Nodes
		for _, layer := range []string{"h1", "h2", "y"} {
			from := map[string]string{"h1": "x", "h2": "h1", "y": "h2"}[layer]
			m, b := leaf("W"+layer, w.Arrow(from+"->"+layer)), leaf("b"+layer, w.Arrow("one->"+layer))
			leaves = append(leaves, m, b)
			h = gorgonia.Must(gorgonia.Add(gorgonia.Must(gorgonia.Mul(m, h)), b))
			if layer != "y" {
				h = gorgonia.Must(gorgonia.Rectify(h))
			}
		}
		_, err = gorgonia.Grad(gorgonia.Must(gorgonia.Sum(h)), leaves...)
		require.NoError(t, err)
		vm := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(leaves...))
		require.NoError(t, vm.RunAll())
		var got []float64
		for _, n := range leaves {
			v, err := n.Grad()
			require.NoError(t, err)
			switch d := v.Data().(type) {
			case []float64:
				got = append(got, d...)
			case float64:
				got = append(got, d)
			}
		}
		require.NoError(t, vm.Close())
		require.InDeltaSlice(t, j.RawRowView(0), got, 1e-13)
	}
}

// TestReportsPrint checks that every report is text and JSON.
func TestReportsPrint(t *testing.T) {
	w := piecestest.NetT1On(t)
	xs := piecestest.Batch(piecestest.IntegerGrid())
	drop := identify.Options{Drop: true}
	dim, err := identify.BatchDimension(w, xs, drop)
	require.NoError(t, err)
	exact, err := identify.ExactRank(w, xs, drop)
	require.NoError(t, err)
	box, err := identify.ExactDimensionOn(w, identify.Cube(2, 2))
	require.NoError(t, err)
	sampled, err := identify.Dimension(w, identify.Search{})
	require.NoError(t, err)
	line, err := identify.ExactDimension(piecestest.Chain(t, []int{1, 2, 1}, []float64{3, -2}, []float64{1, -3}, []float64{1, 2}, []float64{0}))
	require.NoError(t, err)
	ra, err := identify.PathActivationRank(w, xs, drop)
	require.NoError(t, err)
	loc, err := local.Identifiability(w, xs, local.Options{Options: drop, Directions: 2})
	require.NoError(t, err)
	_, prune, err := paths.PruneByPaths(w, 0.4, paths.PruneOptions{KeepBiases: true})
	require.NoError(t, err)
	p := piecestest.Must(recovery.CheckP(w, identify.Whole(2), recovery.POptions{}))(t)
	s := piecestest.Must(recovery.Shallow(piecestest.NetA1(t), identify.Cube(2, 3)))(t)
	rec, err := recovery.RecoverShallow(piecestest.Oracle(t, piecestest.NetA1(t)), 2, 2, identify.Cube(2, 4), recovery.RecoverOptions{})
	require.NoError(t, err)
	trail, err := local.Follow(w, xs, local.FollowOptions{Options: drop, Steps: 3})
	require.NoError(t, err)
	eq, err := identify.EqualModPermutation(w, w, 1e-9)
	require.NoError(t, err)
	sal, err := paths.PathSaliency(w)
	require.NoError(t, err)
	metric, err := paths.PathMetric(w, piecestest.NetT1(t))
	require.NoError(t, err)
	norm, err := paths.PathNorm(w, 2)
	require.NoError(t, err)
	text := ""
	for _, r := range []interface{ String() string }{dim, exact, box, sampled, line, ra, loc, prune, p, s, rec, trail, eq, sal, metric, norm} {
		text += r.String()
		if text[len(text)-1] != '\n' {
			text += "\n"
		}
		b, err := json.Marshal(r)
		require.NoError(t, err, "%T", r)
		var back map[string]any
		require.NoError(t, json.Unmarshal(b, &back), "%T", r)
		require.NotEmpty(t, back)
	}
	piecestest.Golden(t, "reports.txt", text)
}
