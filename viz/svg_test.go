package viz_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/internal/golden"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
	"github.com/quivernet/quivernet/quiver/quivertest"
	"github.com/quivernet/quivernet/viz"
)

// elements parses the whole document and counts its elements by name and class.
func elements(t *testing.T, picture []byte) map[string]int {
	t.Helper()
	count := map[string]int{}
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count
		}
		require.NoError(t, err)
		if e, ok := tok.(xml.StartElement); ok {
			count[e.Name.Local]++
			for _, a := range e.Attr {
				if a.Name.Local == "class" {
					count[a.Value]++
				}
			}
		}
	}
}

// gradient is that of the first trainable arrow on which the loss depends, nil where there is none.
func gradient(t *testing.T, q *quiver.Quiver) *graph.Expr {
	t.Helper()
	var opts []graph.Option
	for _, name := range q.Outputs() {
		opts = append(opts, graph.Loss(name, graph.MSE, 1))
	}
	p, err := graph.Compile(q, opts...)
	require.NoError(t, err)
	for _, a := range q.Arrows() {
		if x, err := p.Gradient(a.Name); err == nil {
			return x
		}
	}
	return nil
}

func odd(t *testing.T) *quiver.Quiver {
	t.Helper()
	q, err := quiver.New(quiver.Input("x<&>", 2), quiver.Hidden(`h\n`, 3, layers.Radial(layers.Tanh)), quiver.Hidden("層_{%}", 3, layers.Radial(layers.Tanh)), quiver.Output("y", 1, nil),
		quiver.Connect("x<&>", `h\n`), quiver.Connect(`h\n`, "層_{%}"), quiver.Connect("層_{%}", "y"), quiver.Connect(`h\n`, "y"))
	require.NoError(t, err)
	return q
}

// TestSVG: a picture is XML, shows every box and edge of the text, and is the same each time.
func TestSVG(t *testing.T) {
	x := gradient(t, odd(t))
	text := x.DOT()
	a, err := viz.SVG(x)
	require.NoError(t, err)
	n := elements(t, a)
	assert.Equal(t, strings.Count(text, "[label="), n["node"])
	assert.Equal(t, strings.Count(text, " -> "), n["edge"])
	assert.Contains(t, string(a), "層_{%}")
	assert.Contains(t, string(a), "x&lt;&amp;&gt;")
	b, err := viz.SVG(x)
	require.NoError(t, err)
	assert.Equal(t, string(a), string(b))
	path := filepath.Join("testdata", "gradient.svg")
	if golden.Updating() {
		require.NoError(t, os.WriteFile(path, a, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run the test with -update once")
	assert.Equal(t, elements(t, want), n)
}

// TestAccepted: Graphviz takes quivers of all kinds and their gradients, opened ones too.
func TestAccepted(t *testing.T) {
	acts := []quivertest.Act{{Activation: layers.Radial(layers.Tanh), Size: 1.2}, {Activation: layers.Trainable(layers.Tanh, 0.3, 1.1), Size: 1.2}}
	drawn := 0
	for seed := range uint64(len(quivertest.Kinds())) {
		q := quivertest.Generate(seed, acts...).Rep.Quiver()
		drawings := []viz.Drawing{q}
		if x := gradient(t, q); x != nil && len(x.Nodes()) < 40 {
			y, err := x.Expand("")
			require.NoError(t, err)
			drawings = append(drawings, x, y)
			drawn++
		}
		for _, d := range drawings {
			b, err := viz.SVG(d)
			require.NoError(t, err, "%s", d.DOT())
			assert.Equal(t, strings.Count(d.DOT(), " -> "), lines(t, b), "%s", d.DOT())
		}
	}
	assert.Greater(t, drawn, 3)
}

// TestConcurrent: many at once give what each gives alone.
func TestConcurrent(t *testing.T) {
	q := odd(t)
	want, err := viz.SVG(q)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, err := viz.SVG(q)
			assert.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
	wg.Wait()
}

// broken is a drawing of the user's that panics.
type broken struct{}

func (broken) DOT() string { panic("no text") }

func TestRefused(t *testing.T) {
	_, err := viz.SVG(broken{})
	assert.ErrorContains(t, err, "no text")
	for _, text := range []string{"", "nonsense", "digraph {", `digraph { "a }`, "digraph { a -> }", "digraph { \x00 }"} {
		_, err := viz.SVG(viz.Text(text))
		var e *viz.Error
		assert.ErrorAs(t, err, &e, "%q", text)
	}
	for _, d := range []viz.Drawing{nil, (*graph.Expr)(nil), (*quiver.Quiver)(nil)} {
		_, err := viz.SVG(d)
		assert.ErrorContains(t, err, "the drawing is nil")
		for _, name := range []string{"a.svg", "a.dot"} {
			assert.ErrorContains(t, viz.Save(filepath.Join(t.TempDir(), name), d), "the drawing is nil")
		}
	}
	b, err := viz.SVG(viz.Text("digraph { a -> b }"))
	require.NoError(t, err, "and it goes on")
	assert.Equal(t, 2, elements(t, b)["node"])
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	q := odd(t)
	require.NoError(t, viz.Save(filepath.Join(dir, "q.svg"), q))
	b, err := os.ReadFile(filepath.Join(dir, "q.svg"))
	require.NoError(t, err)
	assert.Positive(t, elements(t, b)["node"])
	require.NoError(t, viz.Save(filepath.Join(dir, "q.dot"), q))
	b, err = os.ReadFile(filepath.Join(dir, "q.dot"))
	require.NoError(t, err)
	assert.Equal(t, q.DOT(), string(b))
	var fe *viz.FormatError
	assert.ErrorAs(t, viz.Save(filepath.Join(dir, "q.xyz"), q), &fe)
	assert.Error(t, viz.Save(filepath.Join(dir, "none", "q.svg"), q))
	assert.Error(t, viz.Save(filepath.Join(dir, "bad.svg"), viz.Text("digraph {")))
	assert.NoFileExists(t, filepath.Join(dir, "bad.svg"))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 2, "no temporary file stays")
}
