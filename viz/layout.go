package viz

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-graphviz"
)

// dense is from how many edges on lines are straight: curves around so many others take long and say little.
const dense = 400

// place lays the scene out: Graphviz finds the places and the curves for boxes of the sizes that are drawn. An edge without a
// curve is a *MissingError.
func (s *scene) place() error {
	if len(s.nodes) == 0 {
		return nil
	}
	if s.manyArrows() {
		s.placeArcs()
		return s.complete()
	}
	var b strings.Builder
	rank, splines := "LR", "true"
	if s.upright {
		rank = "TB"
	}
	if len(s.edges) > dense {
		splines = "line"
	}
	fmt.Fprintf(&b, "digraph {\nrankdir=%s; nodesep=%g; ranksep=%g; splines=%s; nslimit=4; mclimit=0.6;\nnode [shape=box, fixedsize=true, label=\"\"]; edge [arrowsize=0.8, fontname=Courier, fontsize=14];\n",
		rank, gapAcross/inch, gapAlong/inch, splines)
	for i, n := range s.nodes {
		fmt.Fprintf(&b, "%d [width=%g, height=%g", i, n.w/inch, n.h/inch)
		if n.group != "" {
			fmt.Fprintf(&b, ", group=%s", n.group)
		}
		b.WriteString("];\n")
	}
	for _, row := range s.rows {
		b.WriteString("{ rank=same;")
		for _, i := range row {
			fmt.Fprintf(&b, " %d;", i)
		}
		b.WriteString(" }\n")
	}
	for i, e := range s.edges {
		fmt.Fprintf(&b, "%d -> %d [id=%d", e.tail, e.head, i)
		if e.back {
			b.WriteString(", dir=back")
		}
		if e.loose {
			b.WriteString(", constraint=false")
		}
		if e.label != "" {
			k := int(textWidth(e.label, smallSize)/(0.6*14)) + 2 // a letter of Courier is 0.6 of its size wide
			fmt.Fprintf(&b, ", label=\"%s\"", strings.Repeat("x", k))
		}
		b.WriteString("];\n")
	}
	b.WriteString("}\n")
	return s.take(b.String())
}

// placed is what Graphviz answers.
type placed struct {
	BB      string
	Objects []struct {
		Name string
		Pos  string
	}
	Edges []struct {
		ID  string
		Pos string
		LP  string
	}
}

func (s *scene) take(text string) error {
	out, err := render(text, "json0")
	if err != nil {
		return err
	}
	var p placed
	if err := json.Unmarshal(out, &p); err != nil {
		return &Error{"draw", err}
	}
	box := numbers(p.BB)
	if len(box) != 4 {
		return &Error{"draw", fmt.Errorf("a layout without size")}
	}
	s.w, s.h = box[2], box[3]
	turn := func(x, y float64) point { return point{x, s.h - y} }
	for _, o := range p.Objects {
		i, err := strconv.Atoi(o.Name)
		if at := numbers(o.Pos); err == nil && i < len(s.nodes) && len(at) == 2 {
			q := turn(at[0], at[1])
			s.nodes[i].x, s.nodes[i].y = q.x, q.y
		}
	}
	for _, e := range p.Edges {
		i, err := strconv.Atoi(e.ID)
		if err != nil || i >= len(s.edges) {
			return &Error{"draw", fmt.Errorf("an edge of the layout that is none of the picture")}
		}
		s.edges[i].path = curve(e.Pos, turn)
		if at := numbers(e.LP); len(at) == 2 {
			q := turn(at[0], at[1])
			s.edges[i].lx, s.edges[i].ly = q.x, q.y
		}
	}
	return s.complete()
}

// complete says whether every edge has a line.
func (s *scene) complete() error {
	var missing []string
	for _, e := range s.edges {
		if len(e.path) < 2 {
			missing = append(missing, s.nodes[e.tail].lines[0]+" → "+s.nodes[e.head].lines[0])
		}
	}
	if len(missing) > 0 {
		return &MissingError{Lines: missing, Of: len(s.edges)}
	}
	return nil
}

// curve reads a spline, "s,x,y e,x,y x,y x,y …": the points of s and e are the tips of heads, at the tail and at the head.
func curve(pos string, turn func(x, y float64) point) []point {
	var path []point
	var start, end *point
	pos, _, _ = strings.Cut(pos, ";")
	for _, f := range strings.Fields(pos) {
		kind := byte(0)
		if strings.HasPrefix(f, "s,") || strings.HasPrefix(f, "e,") {
			kind, f = f[0], f[2:]
		}
		at := numbers(f)
		if len(at) != 2 {
			return nil
		}
		q := turn(at[0], at[1])
		switch kind {
		case 's':
			start = &q
		case 'e':
			end = &q
		default:
			path = append(path, q)
		}
	}
	if len(path) < 4 || len(path)%3 != 1 {
		return nil
	}
	if start != nil { // straight on from the end of the curve to the tip
		path = append([]point{*start, *start, path[0]}, path...)
	}
	if end != nil {
		path = append(path, path[len(path)-1], *end, *end)
	}
	return path
}

// numbers reads "1,2,3"; nil where something is no number.
func numbers(s string) (out []float64) {
	for _, f := range strings.Split(s, ",") {
		x, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return nil
		}
		out = append(out, x)
	}
	return out
}

// render lets Graphviz lay a text out and write it in a format of its own.
func render(text, format string) ([]byte, error) {
	g, err := parse(text)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	ctx := context.Background()
	v, err := graphviz.New(ctx)
	if err != nil {
		return nil, &Error{"draw", err}
	}
	defer v.Close()
	var b bytes.Buffer
	if err := v.Render(ctx, g, graphviz.Format(format), &b); err != nil {
		return nil, &Error{"draw", err}
	}
	return b.Bytes(), nil
}
