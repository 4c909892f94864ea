package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestExplainCopies: a copy of an n×d value reads and writes each of its numbers once.
func TestExplainCopies(t *testing.T) {
	p, err := graph.Compile(net(t, tanh).Quiver(), graph.Loss("y", halfSquares(1), 1), graph.Precompile(19))
	require.NoError(t, err)
	x, err := p.Explain()
	require.NoError(t, err)
	n := 0
	for _, s := range x.Stages {
		if s.Kind == "copy" && strings.HasPrefix(s.Text, "y by rows") {
			assert.Equal(t, 2*19*3*8, s.Bytes, "%+v", s)
			n++
		}
	}
	assert.Equal(t, 1, n, "%v", x)
}

// TestOverflowInALaterChunk: a loss that overflows at a sample of the second chunk of a batch is reported as it is for
// the second chunk alone, with the place.
func TestOverflowInALaterChunk(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 1, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	w := quiver.Zero(q)
	w.Arrow("x->y").SetRow(0, []float64{1, 1})
	x, y := mat.NewDense(600, 2, nil), mat.NewDense(600, 1, nil)
	_, err = p.Loss(w, list(x), list(y))
	require.NoError(t, err, "a control")
	x.Set(599, 1, 1e200)
	_, whole := p.Loss(w, list(x), list(y))
	_, half := p.Loss(w, list(mat.DenseCopyOf(x.Slice(300, 600, 0, 2))), list(mat.NewDense(300, 1, nil)))
	var a, b *graph.NonFiniteError
	require.ErrorAs(t, whole, &a)
	require.ErrorAs(t, half, &b)
	assert.Equal(t, b.Where, a.Where)
	assert.NotEqual(t, "the loss", a.Where, "a place")
}

// TestOneWeight: the gradient of a network of one weight is the same whatever the number of workers.
func TestOneWeight(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 1), quiver.Output("y", 1, nil), quiver.Connect("x", "y"))
	require.NoError(t, err)
	w := quiver.Zero(q)
	w.Data()[0] = 0.5
	x, y := list(normal(600, 1, 3)), list(normal(600, 1, 4))
	var grads [2]float64
	for i := range grads {
		p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1), graph.Workers(i+1))
		require.NoError(t, err)
		g := w.Like()
		_, err = p.LossGrad(g, w, x, y)
		require.NoError(t, err)
		grads[i] = g.Data()[0]
	}
	assert.NotZero(t, grads[0])
	assert.Equal(t, grads[0], grads[1])
}

// TestForeignReshape: a reshape that moves numbers between axes is written, even where the longest axis stays as long.
func TestForeignReshape(t *testing.T) {
	q, _ := outputs(t, 3)
	loss := graph.Coupled(graph.Custom(func(y, _ *gorgonia.Node) (*gorgonia.Node, error) {
		n := gorgonia.Must(gorgonia.Reshape(y, []int{3, y.Shape()[0]}))
		return gorgonia.Sum(gorgonia.Must(gorgonia.Transpose(n)), 1)
	}))
	p, err := graph.Compile(q, graph.Loss("y", loss, 1))
	require.NoError(t, err)
	x, err := p.LossValue()
	require.NoError(t, err)
	assert.Contains(t, x.String(), "Reshape")
}

// TestForeignReshapeOfAVector: nothing moves, and the formula does not speak of it.
func TestForeignReshapeOfAVector(t *testing.T) {
	for name, f := range map[string]func(y *gorgonia.Node) (*gorgonia.Node, error){
		"to a vector": func(y *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Reshape(gorgonia.Must(gorgonia.HadamardProd(y, y)), []int{y.Shape()[0]})
		},
		"to a column": func(y *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Reshape(gorgonia.Must(gorgonia.Sum(y, 1)), []int{y.Shape()[0], 1})
		},
	} {
		q, _ := outputs(t, 1)
		p, err := graph.Compile(q, graph.Loss("y", graph.Coupled(graph.Custom(func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return f(y) })), 1))
		require.NoError(t, err)
		x, err := p.LossValue()
		require.NoError(t, err)
		assert.NotContains(t, x.String(), "Reshape", name)
	}
}

// TestRadialByJets: a radial activation without a kernel, with samples whose norm is too small for the fast way,
// among others, at each place of a batch.
func TestRadialByJets(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 2, layers.Radial(layers.Shift(layers.Arctan, -0.3))), quiver.Output("y", 2, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
	require.NoError(t, err)
	w := quiver.Random(q, nil, rngOf(1))
	p, err := graph.Compile(q)
	require.NoError(t, err)
	for at := range 6 {
		x := normal(6, 2, 1)
		x.SetRow(at, []float64{3e-200, -2e-200})
		got, err := p.Forward(w, x)
		require.NoError(t, err)
		want, err := w.Eval(x)
		require.NoError(t, err)
		for i := range 6 {
			assert.InEpsilonSlice(t, want[0].RawRowView(i), got[0].RawRowView(i), 1e-13, "small at %d, sample %d", at, i)
		}
	}
}

// TestExpandDeadZoneAtItsRadius: the opened dead zone is zero on the sphere of its radius, as the closed one is, also at 0.
func TestExpandDeadZoneAtItsRadius(t *testing.T) {
	for _, tau := range []float64{0, 5} {
		q, err := quiver.New(quiver.Input("x", 2), quiver.Hidden("h", 2, layers.DeadZone(tanh, tau)), quiver.Output("y", 2, nil), quiver.Connect("x", "h"), quiver.Connect("h", "y"))
		require.NoError(t, err)
		w := quiver.Zero(q)
		for i := range 2 {
			w.Arrow("x->h").Set(i, i, 1)
			w.Arrow("h->y").Set(i, i, 1)
		}
		p, err := graph.Compile(q)
		require.NoError(t, err)
		x, err := p.Value("h")
		require.NoError(t, err)
		open, err := x.ExpandAll()
		require.NoError(t, err)
		in := mat.NewDense(4, 2, []float64{3, 4, 6, 8, 0, 0, 0, -5})
		want, err := w.Eval(in)
		require.NoError(t, err)
		got, err := open.Eval(w, list(in), nil)
		require.NoError(t, err)
		assert.InDeltaSlice(t, want[0].RawMatrix().Data, got.RawMatrix().Data, 1e-14, "tau %v", tau)
	}
}
