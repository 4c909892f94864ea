package rewrite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/symmetry"
)

// TestCompiledProgram rewrites the graph of a compiled quiver: the widths are those
// that symmetry.Compress finds, skips, trained activations and restrictions included.
func TestCompiledProgram(t *testing.T) {
	act := layers.Radial(layers.Tanh)
	q, err := quiver.New(
		quiver.Input("x", 3), quiver.Bias("one"),
		quiver.Hidden("h1", 9, act), quiver.Hidden("h2", 9, layers.Trainable(layers.Squash, 0.1, 1.2)), quiver.Hidden("h3", 7, layers.Rescaling("onenorm", layers.OneNorm{})),
		quiver.Output("y", 2, nil), quiver.Output("z", 2, layers.Pointwise(layers.Tanh)),
		quiver.Connect("x", "h1"), quiver.Connect("one", "h1"), quiver.Connect("h1", "h2"), quiver.Connect("h1", "h2", quiver.Named("skip"), quiver.Frozen(quiver.Eye(9))),
		quiver.Connect("x", "h3"), quiver.Connect("h2", "y"), quiver.Connect("h3", "y"), quiver.Connect("h2", "z"), quiver.Connect("one", "z"),
	)
	require.NoError(t, err)
	w := quiver.Random(q, nil, newLab(t, 4).source())
	p, err := graph.Compile(q, graph.Precompile(5))
	require.NoError(t, err)
	g := p.Expr()
	var weights, data, roots G.Nodes
	for _, n := range g.AllNodes() {
		switch m, ok := w.Lookup(arrowOf(n.Name())); {
		case n.Name() == "y" || n.Name() == "z":
			roots = append(roots, n)
		case n.Op() != nil:
		case ok:
			weights = append(weights, n)
			require.NoError(t, G.Let(n, inspect.NewValue(n.Dtype(), n.Shape(), m.RawMatrix().Data)))
		case n.Shape()[0] == 1: // parameters
			weights = append(weights, n)
			require.NoError(t, G.Let(n, inspect.NewValue(n.Dtype(), n.Shape(), w.Params("h2"))))
		default:
			data = append(data, n)
		}
	}
	require.Len(t, roots, 2)
	before := snapshot(g)
	res, err := Rewriter{Weights: weights, Data: data}.Rewrite(roots...)
	require.NoError(t, err)
	assert.Equal(t, before, snapshot(g))
	assert.LessOrEqual(t, gapOf(t, valuesOf(roots), valuesOf(res.Roots)), 1e-12)
	c, err := symmetry.Compress(w)
	require.NoError(t, err)
	widths := make(map[string]int)
	for _, ch := range res.Report.Changes {
		widths[ch.Node] = ch.To
	}
	want := make(map[string]int)
	for _, ch := range c.Widths {
		want[ch.Vertex] = ch.To
	}
	assert.Equal(t, want, widths)
	assert.Equal(t, map[string]int{"h1": 4, "h2": 8, "h3": 3}, widths)
	assert.LessOrEqual(t, gapOf(t, valuesOf(roots), tape(t, res.Roots)), 1e-12)
	again, err := Rewriter{Weights: res.Weights, Fixed: res.Fixed}.Rewrite(res.Roots...)
	require.NoError(t, err)
	assert.Empty(t, again.Report.Changes)
}

// arrowOf is the arrow of a weight's node, "W[x→h1]".
func arrowOf(name string) string {
	if len(name) < 3 || name[:2] != "W[" {
		return ""
	}
	s := []rune(name[2 : len(name)-1])
	for i, r := range s {
		if r == '→' {
			return string(s[:i]) + "->" + string(s[i+1:])
		}
	}
	return string(s)
}

// TestCompiledGradients: with gradients among the roots the weights that they read stay.
func TestCompiledGradients(t *testing.T) {
	q, err := layers.MLP(layers.Radial(layers.Tanh), 2, 7, 9, 2)
	require.NoError(t, err)
	w := quiver.Random(q, nil, newLab(t, 4).source())
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	var weights, data, roots G.Nodes
	for _, n := range p.Expr().AllNodes() {
		m, ok := w.Lookup(arrowOf(n.Name()))
		switch {
		case n.Op() != nil:
			roots = append(roots, n)
		case ok:
			weights = append(weights, n)
			require.NoError(t, G.Let(n, inspect.NewValue(n.Dtype(), n.Shape(), m.RawMatrix().Data)))
		default:
			data = append(data, n)
		}
	}
	res, err := Rewriter{Weights: weights, Data: data}.Rewrite(roots...)
	require.NoError(t, err)
	assert.Empty(t, res.Report.Changes)
	assert.Equal(t, drawing(roots), drawing(res.Roots))
	assert.Empty(t, res.Certificate.Unmeasured)
	assert.Zero(t, res.Certificate.Gap)
}
