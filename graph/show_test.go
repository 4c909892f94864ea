package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// lefts are the left sides of the lines of an expression.
func lefts(t *testing.T, x *graph.Expr, views ...graph.View) (out []string) {
	t.Helper()
	y, err := x.Show(append(views, graph.NoLegend())...)
	require.NoError(t, err)
	require.NoError(t, checkTeX(y.LaTeX()))
	for _, l := range strings.Split(y.String(), "\n") {
		if left, _, ok := strings.Cut(l, " = "); ok {
			out = append(out, left)
		}
	}
	assert.Equal(t, len(out), strings.Count(y.LaTeX(), " &= "))
	return out
}

// TestShow: parts of an expression, by name and by distance.
func TestShow(t *testing.T) {
	p, err := graph.Compile(chain(t, 9, tanh), graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->h1")
	require.NoError(t, err)
	whole := x.String()
	assert.Equal(t, []string{"z[h2]", "h2", "δ[h2]"}, lefts(t, x, graph.Only("h2")))
	assert.Equal(t, []string{"z[h4]", "h4", "δ[h4]", "δ[h2]"}, lefts(t, x, graph.Only("δ[h2]", "h4"), graph.Only("δ[h2]")), "h4 is a vertex: z, h and δ of it")
	assert.Equal(t, []string{"∂L/∂W[x→h1]"}, lefts(t, x, graph.Depth(0)))
	assert.Equal(t, []string{"h2", "h5", "h8", "δ[h9]", "δ[h6]", "δ[h3]", "δ[h1]", "∂L/∂W[x→h1]"}, lefts(t, x, graph.Depth(1)))
	assert.Equal(t, []string{"z[h2]", "δ[h4]", "δ[h3]", "δ[h2]"}, lefts(t, x, graph.Only("δ[h2]"), graph.Depth(1)))
	assert.Equal(t, lefts(t, x), lefts(t, x, graph.Depth(1000)), "as deep as it goes")
	assert.Equal(t, whole, x.String(), "the expression stays what it is")

	var unknown *graph.UnknownValueError
	for _, name := range []string{"h99", "δ[x]", "", "z", "one"} {
		_, err := x.Show(graph.Only(name))
		require.ErrorAs(t, err, &unknown, name)
		assert.Equal(t, name, unknown.Name)
		assert.Contains(t, unknown.Known, "δ[h1]")
	}
	_, err = x.Show(graph.Only())
	assert.ErrorAs(t, err, &unknown)
	var depth *graph.DepthError
	for _, n := range []int{-1, -1 << 40} {
		_, err = x.Show(graph.Depth(n))
		require.ErrorAs(t, err, &depth)
		assert.Equal(t, n, depth.Depth)
	}
	_, err = x.Show(nil)
	assert.NoError(t, err)

	w := quiver.Random(chain(t, 9, tanh), nil, rngOf(1))
	part, err := x.Show(graph.Only("h2"))
	require.NoError(t, err)
	xs, ys := list(normal(2, 3, 1)), list(normal(2, 2, 2))
	want, err := x.Eval(w, xs, ys)
	require.NoError(t, err)
	got, err := part.Eval(w, xs, ys)
	require.NoError(t, err)
	assert.Zero(t, gap(want, got), "it computes the same")
}

// TestPictures: small gradients are boxes, large ones the quiver backward, and either can be asked for; no cluster
// is in either, and every arrow has its edge.
func TestPictures(t *testing.T) {
	for _, n := range []int{1, 8, 48} {
		q := chain(t, n, tanh)
		p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		x, err := p.Gradient("x->h1")
		require.NoError(t, err)
		show := func(views ...graph.View) string {
			y, err := x.Show(views...)
			require.NoError(t, err)
			return y.DOT()
		}
		boxes, back := show(graph.Boxes()), show(graph.Backward())
		if n == 1 {
			assert.Equal(t, boxes, x.DOT())
		} else {
			assert.Equal(t, back, x.DOT())
		}
		assert.NotContains(t, boxes+back, "cluster")
		assert.NotContains(t, boxes, "#0")
		assert.Equal(t, len(lefts(t, x))+1, strings.Count(boxes, "[label="), "a box a line, and the data")
		arrows := 1 // from the loss
		for _, a := range q.Arrows() {
			if a.From != "one" {
				arrows++
			}
		}
		assert.Equal(t, arrows, strings.Count(back, " -> "))
		assert.Equal(t, n+1, strings.Count(back, `bias="one"`))
		assert.Equal(t, n+1, strings.Count(back, `\nδ[`))
		assert.Contains(t, back, `label="∂L/∂W[x→h1]"`)
		value, err := p.Value("y")
		require.NoError(t, err)
		value, err = value.Show(graph.Backward())
		require.NoError(t, err)
		assert.Contains(t, value.DOT(), "digraph values", "there is no gradient in it")
	}
}

// TestDOTNames: what Graphviz would read in a label is escaped, in graphs of every kind.
func TestDOTNames(t *testing.T) {
	names := []string{`&lt;`, `A&#66;`, `a&b`, `\N`, `\`, `<b>`, `{|}`, `&amp;&`}
	ps := []quiver.Part{quiver.Input("x", 2), quiver.Output("y", 1, nil)}
	from := "x"
	for _, name := range names {
		ps = append(ps, quiver.Hidden(name, 2, layers.Radial(layers.Tanh)), quiver.Connect(from, name))
		from = name
	}
	q, err := quiver.New(append(ps, quiver.Connect(from, "y"))...)
	require.NoError(t, err)
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->" + names[0])
	require.NoError(t, err)
	boxes, err := x.Show(graph.Boxes())
	require.NoError(t, err)
	for _, text := range []string{q.DOT(), x.DOT(), boxes.DOT()} {
		for _, name := range names {
			escaped := strings.NewReplacer(`\`, `\\`, "&", "&amp;").Replace(name)
			assert.Contains(t, text, escaped)
			if strings.Contains(name, "&") {
				assert.NotContains(t, text, fmt.Sprintf("[%s]", name))
				assert.NotContains(t, text, fmt.Sprintf(`"%s\n`, name))
			}
		}
	}
	require.NoError(t, checkTeX(x.LaTeX()))
}
