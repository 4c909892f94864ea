package viz

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/graph"
	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// ladder is x→h1→…→hn→y with arrows from the reach vertices before, and dimensions from 1 to 40.
func ladder(t testing.TB, n, reach int) *quiver.Quiver {
	t.Helper()
	ps := []quiver.Part{quiver.Input("x", 3), quiver.Bias("one")}
	names := []string{"x"}
	for i := 1; i <= n; i++ {
		h := fmt.Sprintf("h%d", i)
		ps = append(ps, quiver.Hidden(h, 1+i*17%40, layers.Radial(layers.Tanh)), quiver.Connect("one", h))
		for k := max(0, i-reach); k < i; k++ {
			ps = append(ps, quiver.Connect(names[k], h))
		}
		names = append(names, h)
	}
	q, err := quiver.New(append(ps, quiver.Output("y", 2, nil), quiver.Connect(names[n], "y", quiver.Named("head")), quiver.Connect("one", "y"))...)
	require.NoError(t, err)
	return q
}

// clash returns what is wrong with a placed scene: boxes on one another or outside, lines that do not touch their ends.
func (s *scene) clash() string {
	for i, a := range s.nodes {
		if a.x-a.w/2 < -1 || a.x+a.w/2 > s.w+1 || a.y-a.h/2 < -1 || a.y+a.h/2 > s.h+1 {
			return fmt.Sprintf("%q is outside", a.lines[0])
		}
		for _, b := range s.nodes[:i] {
			if math.Abs(a.x-b.x) < (a.w+b.w)/2+4 && math.Abs(a.y-b.y) < (a.h+b.h)/2+4 {
				return fmt.Sprintf("%q stands on %q", a.lines[0], b.lines[0])
			}
		}
	}
	for _, e := range s.edges {
		for _, end := range []struct {
			n *node
			p point
		}{{s.nodes[e.tail], e.path[0]}, {s.nodes[e.head], e.path[len(e.path)-1]}} {
			if dx, dy := math.Abs(end.p.x-end.n.x)-end.n.w/2, math.Abs(end.p.y-end.n.y)-end.n.h/2; max(dx, dy) > 6 {
				return fmt.Sprintf("a line ends %.0f pixels from %q", max(dx, dy), end.n.lines[0])
			}
		}
	}
	return ""
}

// TestLayout: at 3, 10 and 50 vertices no box stands on another, every line begins and ends at a box, and what is folded is
// cut beside the boxes.
func TestLayout(t *testing.T) {
	for _, c := range []struct{ n, reach int }{{1, 1}, {8, 2}, {8, 5}, {48, 1}, {48, 3}, {30, 30}} {
		q := ladder(t, c.n, c.reach)
		p, err := graph.Compile(q, graph.Loss("y", graph.MSE, 1))
		require.NoError(t, err)
		x, err := p.Gradient("x->h1")
		require.NoError(t, err)
		drawings := []Drawing{q, x}
		if c.n < 10 {
			boxes, err := Part(x, Boxes())
			require.NoError(t, err)
			drawings = append(drawings, boxes)
		}
		for _, d := range drawings {
			scenes, err := scenesOf(d)
			require.NoError(t, err)
			s := scenes[0]
			s.measure()
			require.NoError(t, s.place())
			assert.Empty(t, s.clash(), "%+v %T", c, d)
			strips := s.fold()
			if c.n != 8 {
				assert.Equal(t, c.n == 48, len(strips) > 1, "%+v %T: %d strips", c, d, len(strips))
			}
			for _, n := range s.nodes {
				in := 0
				for _, r := range strips {
					if n.x-n.w/2 >= r.x0-1 && n.x+n.w/2 <= r.x1+1 {
						in++
						assert.True(t, n.y-n.h/2 >= r.y0-1 && n.y+n.h/2 <= r.y1+1)
					}
				}
				assert.Equal(t, 1, in, "%q is whole in one strip", n.lines[0])
			}
		}
	}
	s := &scene{w: 100, h: 100, nodes: []*node{{lines: []string{"a"}, x: 20, y: 20, w: 20, h: 20}, {lines: []string{"b"}, x: 30, y: 30, w: 20, h: 20}}}
	assert.NotEmpty(t, s.clash(), "the check finds boxes on one another")
	s.nodes[1].x = 80
	s.edges = []*edge{{tail: 0, head: 1, path: []point{{30, 20}, {30, 20}, {50, 30}, {50, 30}}}}
	assert.Contains(t, s.clash(), "a line ends 20 pixels")
}

// TestComplete: a line without a curve is missed.
func TestComplete(t *testing.T) {
	s := &scene{nodes: []*node{{lines: []string{"a"}}, {lines: []string{"b"}}}, edges: []*edge{{path: make([]point, 4)}, {head: 1}}}
	var e *MissingError
	require.ErrorAs(t, s.complete(), &e)
	assert.Equal(t, []string{"a → b"}, e.Lines)
	assert.Equal(t, 2, e.Of)
	for _, pos := range []string{"", "1,2", "1,2 3,4 5,6", "e,1,2 1,2 x 3,4 5,6"} {
		assert.Empty(t, curve(pos, func(x, y float64) point { return point{x, y} }), pos)
	}
}

// TestPlain: labels are read as they were written.
func TestPlain(t *testing.T) {
	for _, s := range []string{`\`, `\N`, `&lt;`, `a"b`, "a\nb", `\\n`, `A&#66;&`, ""} {
		assert.Equal(t, s, plain(unquote(dotText(s))))
	}
}

// unquote does what Graphviz does with a text in quotes before it is a label.
func unquote(s string) string {
	out := ""
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && s[i+1] == '"' && (i == 0 || s[i-1] != '\\') {
			continue
		}
		out += s[i : i+1]
	}
	return out
}
