package graph_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/trials"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
)

// lefts are the left sides of the lines of an expression.
func lefts(t *testing.T, x *graph.Expr, windows ...graph.View) (out []string) {
	t.Helper()
	y, err := x.Show(append(windows, graph.NoLegend())...)
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
		show := func(windows ...graph.View) string {
			y, err := x.Show(windows...)
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

// TestPictureOfOneArrow: the gradient of a quiver without hidden vertices passes one vertex, and is drawn backward where that is asked for.
func TestPictureOfOneArrow(t *testing.T) {
	q, err := quiver.New(quiver.Input("x", 2), quiver.Output("y", 2, tanh), quiver.Connect("x", "y"))
	require.NoError(t, err)
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->y")
	require.NoError(t, err)
	assert.Contains(t, x.DOT(), "digraph values")
	back, err := x.Show(graph.Backward())
	require.NoError(t, err)
	assert.Contains(t, back.DOT(), "digraph backward")
	assert.Equal(t, 1, strings.Count(back.DOT(), `\nδ[`))
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

var (
	edgeLine = regexp.MustCompile(`^\t(\w+) -> (\w+) \[(.*)\];$`)
	rankLine = regexp.MustCompile(`^\t{ rank=same; (.*) }$`)
)

// layered says whether the edges that order the layers of a picture have no circle, with nodes of one rank taken as one.
func layered(text string) bool {
	of := map[string]string{}
	root := func(n string) string {
		for of[n] != "" {
			n = of[n]
		}
		return n
	}
	var edges [][2]string
	for _, l := range strings.Split(text, "\n") {
		if m := rankLine.FindStringSubmatch(l); m != nil {
			same := strings.Split(m[1], "; ")
			for _, n := range same[1:] {
				of[n] = same[0]
			}
		}
		if m := edgeLine.FindStringSubmatch(l); m != nil && !strings.Contains(m[3], "constraint=false") {
			edges = append(edges, [2]string{m[1], m[2]})
		}
	}
	into := map[string]int{}
	for _, e := range edges {
		into[root(e[1])]++
	}
	for len(edges) > 0 {
		var left [][2]string
		for _, e := range edges {
			if into[root(e[0])] > 0 {
				left = append(left, e)
			}
		}
		if len(left) == len(edges) {
			return false
		}
		clear(into)
		for _, e := range left {
			into[root(e[1])]++
		}
		edges = left
	}
	return true
}

// TestLayers: pictures of random expressions can be laid out in layers.
func TestLayers(t *testing.T) {
	seen := 0
	for seed := range uint64(trials.Count(30, 300)) {
		x := pick(t, quivertest.Generate(seed, random...).Rep.Quiver(), uint(seed*5))
		if x == nil {
			continue
		}
		open, err := x.ExpandAll()
		require.NoError(t, err)
		for _, x := range []*graph.Expr{x, open} {
			x, err := x.Show(graph.Boxes())
			require.NoError(t, err)
			require.True(t, layered(x.DOT()), "%s", x.DOT())
			seen += strings.Count(x.DOT(), " -> ")
		}
	}
	assert.Greater(t, seen, 200)
	assert.False(t, layered("\ta -> b [class=x];\n\tb -> a [class=x];"))
	assert.False(t, layered("\t{ rank=same; a; c }\n\ta -> b [class=x];\n\tb -> c [class=x];"))
}

// TestNoExpression: what no program returned prints nothing, and is a typed error where there can be one.
func TestNoExpression(t *testing.T) {
	for _, x := range []*graph.Expr{nil, {}} {
		assert.Empty(t, x.String()+x.LaTeX())
		assert.Equal(t, "digraph values {\n}\n", x.DOT())
		for _, f := range []func() (*graph.Expr, error){func() (*graph.Expr, error) { return x.Show() }, func() (*graph.Expr, error) { return x.Simplify() },
			func() (*graph.Expr, error) { return x.Expand("") }, x.ExpandAll} {
			_, err := f()
			var e *graph.DataError
			assert.ErrorAs(t, err, &e)
		}
	}
}
