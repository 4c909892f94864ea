package viz_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/viz"
)

var number = regexp.MustCompile(`-?\d+(\.\d+)?`)

// lines counts the edges of a picture whose line is longer than a few pixels.
func lines(t *testing.T, picture []byte) (n int) {
	t.Helper()
	inEdge := false
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return n
		}
		require.NoError(t, err)
		e, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		attr := map[string]string{}
		for _, a := range e.Attr {
			attr[a.Name.Local] = a.Value
		}
		if e.Name.Local == "g" {
			inEdge = attr["class"] == "edge"
		}
		if e.Name.Local != "path" || !inEdge {
			continue
		}
		inEdge = false
		var at []float64
		for _, f := range number.FindAllString(attr["d"], -1) {
			x, err := strconv.ParseFloat(f, 64)
			require.NoError(t, err)
			at = append(at, x)
		}
		reach := 0.0
		if strings.Contains(attr["d"], "V") {
			reach = math.Abs(at[2] - at[1])
		}
		for i := 2; i+1 < len(at); i += 2 {
			reach = max(reach, math.Hypot(at[i]-at[0], at[i+1]-at[1]))
		}
		if reach > 4 {
			n++
		}
	}
}

// chain is x→h1→…→hn→y with a bias everywhere and arrows from the reach vertices before; tie joins the first arrows of every tie-th vertex.
func chain(t testing.TB, n, reach, tie int) *quiver.Quiver {
	t.Helper()
	ps := []quiver.Part{quiver.Input("x", 3), quiver.Bias("one")}
	names := []string{"x"}
	for i := 1; i <= n; i++ {
		h := fmt.Sprintf("h%d", i)
		ps = append(ps, quiver.Hidden(h, 3, layers.Radial(layers.Tanh)), quiver.Connect("one", h))
		for k := max(0, i-reach); k < i; k++ {
			if k == i-1 && i > 1 && tie > 0 && i%tie == 0 {
				ps = append(ps, quiver.Connect(names[k], h, quiver.Tied("x->h1")))
			} else {
				ps = append(ps, quiver.Connect(names[k], h))
			}
		}
		names = append(names, h)
	}
	q, err := quiver.New(append(ps, quiver.Output("y", 2, nil), quiver.Connect(names[n], "y"), quiver.Connect("one", "y"))...)
	require.NoError(t, err)
	return q
}

// TestLines: in pictures of 3, 10 and 50 vertices, with skips, ties, and nearly all arrows there can be, every edge has its
// line: of the quiver, of its gradient in either look, and of a part.
func TestLines(t *testing.T) {
	drawn := 0
	for _, c := range []struct{ n, reach, tie int }{{1, 1, 0}, {3, 2, 1}, {8, 2, 1}, {8, 3, 2}, {8, 8, 0}, {48, 2, 1}, {48, 3, 4}, {30, 30, 0}} {
		q := chain(t, c.n, c.reach, c.tie)
		p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		x, err := p.Gradient("x->h1")
		require.NoError(t, err)
		back, err := viz.Part(x, viz.Backward())
		require.NoError(t, err)
		drawings := []viz.Drawing{q, x, back}
		if c.n <= 8 {
			drawings = append(drawings, viz.Reduction(q, q))
			boxes, err := viz.Part(x, viz.Boxes())
			require.NoError(t, err)
			drawings = append(drawings, boxes)
		} else {
			part, err := viz.Part(x, viz.Boxes(), viz.Only("h20"))
			require.NoError(t, err)
			near, err := viz.Part(q, viz.Only("h20"), viz.Depth(2))
			require.NoError(t, err)
			drawings = append(drawings, part, near)
		}
		for _, d := range drawings {
			b, err := viz.SVG(d)
			require.NoError(t, err, "%+v %T", c, d)
			want := strings.Count(d.DOT(), " -> ") + strings.Count(d.DOT(), `bias="one"`)
			assert.Equal(t, want, lines(t, b), "%+v %T", c, d)
			drawn += want
		}
	}
	t.Log("lines:", drawn)
	assert.Greater(t, drawn, 3000)
	assert.Equal(t, 1, lines(t, []byte(`<svg><g class="edge"><path d="M0 0C1 1 2 2 9 9"/></g><g class="edge"><path d="M5 5C5 5 5 5 5 5"/></g><g class="edge"/></svg>`)), "the count finds lines that are none")
}

// TestMissing: a text of which Graphviz loses lines, since its clusters point at each other in circles, is an error that names them.
func TestMissing(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "circles.dot"))
	require.NoError(t, err)
	_, err = viz.SVG(viz.Text(text))
	var e *viz.MissingError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, strings.Count(string(text), " -> "), e.Of)
	assert.Len(t, e.Lines, 6)
	assert.Regexp(t, `6 of 145 edges have no line.* n\d+ → n\d+`, err)
	for _, text := range []string{
		`digraph { a -> b; a -> b; b -> b; "x->y" -> "--"; a:e -> b:w; a -> c [style=invis]; a -> d [class="mine", style=dashed] }`,
		`graph { a -- b; b -- c }`, `digraph { a }`,
	} {
		_, err := viz.SVG(viz.Text(text))
		assert.NoError(t, err, text)
	}
}

// TestNames: names are drawn as they are, in every picture.
func TestNames(t *testing.T) {
	names := []string{`&lt;`, `A&#66;`, `a&b`, `\N`, `\`, `<b>x</b>`, `{|}`, `&amp;&`, `層`, `]]>`}
	ps := []quiver.Part{quiver.Input("x", 2), quiver.Output("y", 1, nil)}
	from := "x"
	for i, name := range names {
		ps = append(ps, quiver.Hidden(name, 2, layers.Radial(layers.Tanh)), quiver.Connect(from, name, quiver.Named(fmt.Sprintf("%s%d", name, i))))
		from = name
	}
	q, err := quiver.New(append(ps, quiver.Connect(from, "y"))...)
	require.NoError(t, err)
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient(names[0] + "0")
	require.NoError(t, err)
	boxes, err := viz.Part(x, viz.Boxes())
	require.NoError(t, err)
	part, err := viz.Part(q, viz.Depth(20))
	require.NoError(t, err)
	for _, d := range []viz.Drawing{q, x, boxes, part, viz.Reduction(q, q), viz.Text(q.DOT()), viz.Text(x.DOT()), viz.Text(part.DOT()), viz.Text(viz.Reduction(q, q).DOT())} {
		b, err := viz.SVG(d)
		require.NoError(t, err, "%T", d)
		text := allText(t, b)
		for _, name := range names {
			assert.Contains(t, text, name, "%T", d)
		}
		assert.NotContains(t, text, "AB", "%T", d)
		assert.NotContains(t, text, "<\n", "%T", d)
	}
}

// allText returns the character data of a picture, as a reader sees it; a line an element.
func allText(t *testing.T, picture []byte) string {
	t.Helper()
	var b strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		require.NoError(t, err)
		switch e := tok.(type) {
		case xml.CharData:
			b.Write(e)
		case xml.EndElement:
			b.WriteByte('\n')
		}
	}
}

// TestPart: parts are chosen by name and distance, and what is no part is a typed error.
func TestPart(t *testing.T) {
	q := chain(t, 9, 2, 0)
	p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
	require.NoError(t, err)
	x, err := p.Gradient("x->h1")
	require.NoError(t, err)
	nodes := func(d viz.Drawing, opts ...viz.Option) int {
		part, err := viz.Part(d, opts...)
		require.NoError(t, err)
		b, err := viz.SVG(part)
		require.NoError(t, err)
		return elements(t, b)["node"]
	}
	assert.Equal(t, 12, nodes(q), "with the bias")
	assert.Equal(t, 2, nodes(q, viz.Only("h4")))
	assert.Equal(t, 3, nodes(q, viz.Only("h4", "h5")))
	assert.Equal(t, 6, nodes(q, viz.Only("h4"), viz.Depth(1)))
	assert.Equal(t, 3, nodes(q, viz.Depth(1)), "the output, the last vertex, the bias")
	assert.Equal(t, 12, nodes(q, viz.Depth(100)))
	assert.Equal(t, 1, nodes(q, viz.Only("one")))
	assert.Equal(t, 3, nodes(x, viz.Only("h4"), viz.Boxes()))
	assert.Equal(t, 2, nodes(x, viz.Only("h4")), "the quiver backward, of one vertex, and its bias")
	assert.Equal(t, nodes(x), nodes(x, nil))

	var pe *viz.PartError
	var ue *graph.UnknownValueError
	var de *graph.DepthError
	var ve *viz.Error
	for _, c := range []struct {
		d    viz.Drawing
		opt  viz.Option
		want any
	}{
		{q, viz.Only("h99"), &pe}, {q, viz.Only(), &pe}, {q, viz.Only(""), &pe}, {q, viz.Depth(-1), &pe},
		{x, viz.Only("h99"), &ue}, {x, viz.Only(), &ue}, {x, viz.Only(""), &ue}, {x, viz.Depth(-3), &de},
		{viz.Text("digraph { a }"), viz.Depth(1), &pe}, {nil, viz.Depth(1), &ve}, {(*graph.Expr)(nil), viz.Depth(1), &ve}, {(*quiver.Quiver)(nil), viz.Depth(1), &ve},
	} {
		_, err := viz.Part(c.d, c.opt)
		assert.ErrorAs(t, err, c.want)
	}
	_, err = viz.SVG(viz.Reduction(q, nil))
	assert.ErrorAs(t, err, &ve)
	_, err = viz.SVG(viz.Reduction(nil, nil))
	assert.ErrorAs(t, err, &ve)
	assert.ErrorAs(t, viz.Save(filepath.Join(t.TempDir(), "a.dot"), viz.Reduction(nil, q)), &ve)
	for _, d := range []viz.Drawing{new(graph.Expr), new(quiver.Quiver), viz.Reduction(new(quiver.Quiver), new(quiver.Quiver))} {
		b, err := viz.SVG(d)
		assert.NoError(t, err, "nothing is drawn")
		assert.Zero(t, lines(t, b))
	}
}
