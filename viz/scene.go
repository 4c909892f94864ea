package viz

import (
	"html"
	"strconv"
	"strings"

	"github.com/goccy/go-graphviz"
)

// scene is what is to be drawn: nodes, edges, and after layout their places.
type scene struct {
	title    []string // lines above the picture
	upright  bool     // layers from top to bottom, else from left to right
	nodes    []*node
	edges    []*edge
	rows     [][]int // nodes that stand in one layer
	marks    []mark  // biases: drawn once in the key
	w, h     float64 // after layout
	scale    float64 // of a vertex: units of length a dimension
	backward bool    // the quiver backward
}

// node is a box with text, or a vertex whose length is its dimension.
type node struct {
	lines  []string
	class  string // input, forward, loss, backward, second, idle, hidden, output
	group  string
	vertex bool // drawn to its dimension
	dim    int
	bold   bool
	bias   []string // the biases that reach it, drawn as marks
	tip    string

	w, h, x, y float64
}

// edge is a line from one node to another. Where back is true its head is drawn at the tail: it stands in the order of the
// layers and points against it.
type edge struct {
	tail, head  int
	class       string
	label, tip  string
	back, loose bool // loose: it does not order the layers
	dashed      bool

	path   []point // a start and three points a Bézier curve
	lx, ly float64 // the middle of the label
}

// mark is a bias in the key.
type mark struct{ name string }

type point struct{ x, y float64 }

// readScene takes a scene from a text that the graph package wrote.
func readScene(text string) (*scene, error) {
	g, err := parse(text)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	s := &scene{upright: g.GetStr("rankdir") == "TB"}
	name, _ := g.Name()
	s.backward = name == "backward"
	if t := plain(g.GetStr("label")); t != "" {
		s.title = []string{t, "one box a value; an edge leads into each formula in which it stands"}
		if s.backward {
			s.title[1] = "the quiver backward: δ[v] is the gradient of the loss at what arrives at vertex v"
		}
	}
	at := make(map[string]int)
	for n, err := g.FirstNode(); n != nil; n, err = g.NextNode(n) {
		if err != nil {
			return nil, &Error{"read", err}
		}
		id, _ := n.Name()
		at[id] = len(s.nodes)
		v := &node{lines: strings.Split(plain(n.GetStr("label")), "\n"), class: n.GetStr("class"), group: n.GetStr("group"), bold: n.GetStr("penwidth") == "2"}
		if d, err := strconv.Atoi(n.GetStr("dim")); err == nil {
			v.vertex, v.dim = true, d
			if k := n.GetStr("kind"); k == "input" || k == "output" {
				v.tip = k + " "
			}
			v.tip += v.lines[0] + ", dimension " + strconv.Itoa(d)
		}
		if b := plain(n.GetStr("bias")); b != "" {
			v.bias = strings.Fields(b)
			for _, name := range v.bias {
				s.mark(name)
			}
		}
		s.nodes = append(s.nodes, v)
	}
	for n, err := g.FirstNode(); n != nil && err == nil; n, err = g.NextNode(n) {
		for e, err := g.FirstOut(n); e != nil; e, err = g.NextOut(e) {
			if err != nil {
				return nil, &Error{"read", err}
			}
			tail, _ := n.Name()
			to, err := e.Node().Name()
			if err != nil {
				return nil, &Error{"read", err}
			}
			s.edges = append(s.edges, &edge{tail: at[tail], head: at[to], class: e.GetStr("class"), label: plain(e.GetStr("label")), tip: plain(e.GetStr("tooltip")),
				back: e.GetStr("dir") == "back", loose: e.GetStr("constraint") == "false"})
		}
	}
	if !strings.Contains(text, "\t{ rank=same;") { // the binding fails where there is no part to ask for
		return s, nil
	}
	for sub, err := g.FirstSubGraph(); sub != nil && err == nil; sub, err = sub.NextSubGraph() {
		var row []int
		for n, err := sub.FirstNode(); n != nil && err == nil; n, err = sub.NextNode(n) {
			id, _ := n.Name()
			row = append(row, at[id])
		}
		s.rows = append(s.rows, row)
	}
	return s, nil
}

// mark notes a bias, once.
func (s *scene) mark(name string) {
	for _, m := range s.marks {
		if m.name == name {
			return
		}
	}
	s.marks = append(s.marks, mark{name})
}

// plain reads a label: the escapes of Graphviz, then its entities.
func plain(label string) string {
	var b strings.Builder
	for i := 0; i < len(label); i++ {
		c := label[i]
		if c == '\\' && i+1 < len(label) {
			if i++; label[i] == 'n' || label[i] == 'l' || label[i] == 'r' {
				b.WriteByte('\n')
				continue
			}
			c = label[i]
		}
		b.WriteByte(c)
	}
	return html.UnescapeString(b.String())
}

// parse reads a text for Graphviz.
func parse(text string) (*graphviz.Graph, error) {
	if strings.ContainsRune(text, 0) {
		return nil, &Error{"read", errZero}
	}
	g, err := graphviz.ParseBytes([]byte(text))
	if err != nil {
		return nil, &Error{"read", err}
	}
	if g == nil {
		return nil, &Error{"read", errEmpty}
	}
	return g, nil
}
