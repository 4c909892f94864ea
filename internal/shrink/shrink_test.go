package shrink

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/ir"
	"github.com/quivernet/quivernet/internal/regions"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// graph makes a graph and finds its regions.
type graph struct {
	t       *testing.T
	g       *G.ExprGraph
	rng     *rand.Rand
	weights G.Nodes
}

func newGraph(t *testing.T) *graph {
	return &graph{t: t, g: G.NewGraph(), rng: rand.New(rand.NewPCG(4, 1))}
}

func (g *graph) input(name string, r, c int) *G.Node {
	return G.NewMatrix(g.g, tensor.Float64, G.WithShape(r, c), G.WithName(name))
}

func (g *graph) weight(name string, r, c int) *G.Node {
	n := g.input(name, r, c)
	x := make([]float64, r*c)
	for i := range x {
		x[i] = g.rng.NormFloat64()
	}
	require.NoError(g.t, G.Let(n, tensor.New(tensor.WithShape(r, c), tensor.WithBacking(x))))
	g.weights = append(g.weights, n)
	return n
}

// regions finds products, sums, biases, elementwise functions, ReLU and radial activations.
func (g *graph) regions(roots ...*G.Node) (*regions.Regions, *quiver.Rep) {
	a := ir.Read(roots, ir.Settings{Weights: g.weights})
	l := regions.Find(a, []regions.Rule{
		{Recognise: regions.RecogniseProduct}, {Recognise: regions.RecogniseSum}, {Bias: regions.MatchBias},
		{Recognise: regions.RecogniseElementwise}, {Recognise: regions.RecogniseReLU}, {Recognise: regions.RecogniseRadial},
	})
	w, err := l.Network()
	require.NoError(g.t, err)
	return l, w
}

// TestIsPointwise pins how the option is told from others.
func TestIsPointwise(t *testing.T) {
	assert.True(t, isPointwise(symmetry.Pointwise()))
	for _, o := range []symmetry.Option{nil, symmetry.MergeParallel, symmetry.Rank(0), symmetry.Box(0, 1), symmetry.Box(-1e200, 1e200), symmetry.Samples(mat.NewDense(3, 1, []float64{2, 2, 2})), symmetry.Widths(map[string]int{"h": 1}), symmetry.Observe(), symmetry.Keep("h"), symmetry.PathSum()} {
		assert.False(t, isPointwise(o))
	}
}

// TestNewArrows: where a compression would need an arrow that the graph does not have, the
// elementwise vertices are kept, then the others.
func TestNewArrows(t *testing.T) {
	g := newGraph(t)
	h := G.Must(G.Tanh(G.Must(G.Mul(g.input("x", 4, 2), g.weight("w0", 2, 9)))))
	z := G.Must(G.Mul(h, g.weight("w2", 9, 8)))
	u := G.Must(G.BroadcastHadamardDiv(z, G.Must(G.Norm(z, 1, 2)), nil, []byte{1}))
	y := G.Must(G.BroadcastAdd(G.Must(G.Mul(u, g.weight("w1", 8, 3))), g.weight("b", 1, 3), nil, []byte{0}))
	l, w := g.regions(y)
	q := w.Quiver()
	require.Len(t, q.Hidden(), 2)
	r := New(l)
	kept := make(map[string]bool)
	with := func(q *quiver.Quiver) (bool, *shrinking) {
		s := &shrinking{Why: make(map[string]string)}
		return r.keepWhereArrowsAppear(&symmetry.Compression{Reduced: quiver.Zero(q)}, s, kept), s
	}
	some, _ := with(q)
	assert.False(t, some)
	more, err := quiver.New(append(q.Parts(), quiver.Connect("one", q.Outputs()[0], quiver.Named("new")))...)
	require.NoError(t, err)
	some, s := with(more)
	assert.True(t, some)
	assert.Equal(t, map[string]bool{q.Hidden()[0]: true}, kept)
	assert.Contains(t, s.Why[q.Hidden()[0]], `new arrow "new"`)
	some, _ = with(more)
	assert.True(t, some)
	assert.Len(t, kept, 2)
	some, _ = with(more)
	assert.False(t, some)
}

// TestSpare: what is looked for before symmetry.Pointwise searches is seen, and not in random numbers.
func TestSpare(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(in, out []float64) // 5×6 and 6×3, row by row
		want  bool
	}{
		"nothing":            {func(_, _ []float64) {}, false},
		"nobody reads it":    {func(_, out []float64) { clear(out[3:6]) }, true},
		"nothing reaches it": {func(in, _ []float64) { set(in, 2, func(int, float64) float64 { return 0 }) }, true},
		"twice another":      {func(in, _ []float64) { set(in, 2, func(i int, _ float64) float64 { return 2 * in[6*i] }) }, true},
		"nearly twice another": {func(in, _ []float64) {
			set(in, 2, func(i int, _ float64) float64 { return 2*in[6*i] + 1e-6*float64(i) })
		}, false},
	} {
		g := newGraph(t)
		w, o := g.weight("w", 5, 6), g.weight("o", 6, 3)
		c.spoil(w.Value().Data().([]float64), o.Value().Data().([]float64))
		h := G.Must(G.Rectify(G.Must(G.Mul(g.input("x", 4, 5), w))))
		G.WithName("h")(h)
		l, rep := g.regions(G.Must(G.Mul(h, o)))
		for _, v := range l.Vertices {
			if v.Name == "h" {
				assert.Equal(t, c.want, New(l).mayLoseUnits(v, rep), name)
			}
		}
	}
}

// set changes column j of a matrix with 6 columns.
func set(x []float64, j int, f func(i int, old float64) float64) {
	for i := range len(x) / 6 {
		x[6*i+j] = f(i, x[6*i+j])
	}
}
