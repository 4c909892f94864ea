package viz

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// measure gives nodes their sizes: boxes that of their text, vertices the length of their dimension across the layers.
func (s *scene) measure() {
	if s.scale == 0 {
		s.scale = scaleOf(s)
	}
	if s.manyArrows() {
		s.scale *= 0.25
	}
	for _, n := range s.nodes {
		for i, l := range n.lines {
			name, rest, formula := strings.Cut(l, " = ")
			switch {
			case i > 0:
				n.w = max(n.w, textWidth(l, textSize))
			case formula:
				n.w = textWidth(name, textSize)*bold + textWidth(" = "+rest, textSize)
			default:
				n.w = textWidth(l, textSize) * bold
			}
		}
		n.w, n.h = n.w+2*padX, float64(len(n.lines))*lineHeight+2*padY
		if n.vertex {
			n.w += 8 // the bar
			n.h = max(n.h, float64(n.dim)*s.scale+8)
		}
	}
}

// scaleOf is the length of a dimension: that of the longest vertex is bounded.
func scaleOf(scenes ...*scene) float64 {
	most := 1
	for _, s := range scenes {
		for _, n := range s.nodes {
			most = max(most, n.dim)
		}
	}
	return min(perDim, longest/float64(most))
}

// canvas collects the elements of a picture.
type canvas struct{ strings.Builder }

func (c *canvas) add(format string, args ...any) { fmt.Fprintf(c, format, args...) }

// escape writes a text for XML; characters that XML does not have are replaced.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '"':
			b.WriteString("&quot;")
		case r < ' ' && r != '\n' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// text writes a line of text.
func (c *canvas) text(x, y float64, class, anchor, s string) {
	if s == "" {
		return
	}
	c.add(`<text x="%.1f" y="%.1f" class="%s" text-anchor="%s" xml:space="preserve">%s</text>`+"\n", x, y, class, anchor, escape(s))
}

// panel is a placed scene, folded, and its place in the picture.
type panel struct {
	*scene
	strips     []strip
	top        float64 // of its title
	x, y, w, h float64
}

// titleHeight is the room that the lines above a scene take.
func (s *scene) titleHeight() float64 {
	if len(s.title) == 0 {
		return 0
	}
	return 14 + 18*float64(len(s.title))
}

// arrange puts scenes side by side, or below one another where that would be too wide.
func arrange(scenes []*scene) (panels []*panel, w, h float64) {
	side, tall := 0.0, 0.0
	for _, s := range scenes {
		p := &panel{scene: s, strips: s.fold()}
		p.w, p.h = folded(p.strips)
		for i, t := range s.title {
			size := smallSize
			if i == 0 {
				size = titleSize * bold
			}
			p.w = max(p.w, textWidth(t, size))
		}
		panels = append(panels, p)
		side += p.w
		tall = max(tall, p.h)
	}
	side += 2 * margin * float64(len(panels)-1)
	x, y := margin, margin
	for _, p := range panels {
		p.x, p.top, p.y = x, y, y+p.titleHeight()
		if side <= widest+1 || len(panels) == 1 {
			p.y += (tall - p.h) / 2
			x += p.w + 2*margin
		} else {
			y += p.titleHeight() + p.h + 2*margin
		}
		w, h = max(w, p.x+p.w), max(h, p.y+p.h)
	}
	return panels, w, h
}

// drawing returns placed scenes as an SVG document.
func drawing(scenes ...*scene) []byte {
	panels, width, height := arrange(scenes)
	key := newKey(scenes)
	width = max(width, key.width()+margin) + margin
	height += margin
	if len(key) > 0 {
		height += 30
	}
	c := &canvas{}
	c.add("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n", width, height, width, height)
	if len(scenes[0].title) > 0 {
		c.add("<title>%s</title>\n", escape(scenes[0].title[0]))
	}
	c.add("<style>%s</style>\n<rect class=\"paper\" width=\"%.0f\" height=\"%.0f\"/>\n", look, width, height)
	for i, p := range panels {
		p.write(c, i)
	}
	key.draw(c, margin, height-margin+4)
	c.add("</svg>\n")
	return []byte(c.String())
}

// write draws a scene: as it is, or once out of sight and then strip by strip.
func (p *panel) write(c *canvas, k int) {
	for i, t := range p.title {
		class := "small"
		if i == 0 {
			class = "title"
		}
		c.text(p.x, p.top+12+18*float64(i), class, "start", t)
	}
	if len(p.strips) == 1 {
		c.add("<g transform=\"translate(%.1f %.1f)\">\n", p.x, p.y)
		p.draw(c)
		c.add("</g>\n")
		return
	}
	c.add("<defs><g id=\"scene%d\">\n", k)
	p.draw(c)
	c.add("</g></defs>\n")
	y := p.y
	for i, r := range p.strips {
		w, h := r.x1-r.x0, r.y1-r.y0
		if i > 0 {
			c.add("<path class=\"cut\" d=\"M%.1f %.1fV%.1f\"/>", p.x, y, y+h)
		}
		if i < len(p.strips)-1 {
			c.add("<path class=\"cut\" d=\"M%.1f %.1fV%.1f\"/>", p.x+w, y, y+h)
		}
		left, right := 0.0, 0.0 // of the picture, where the frame of a box needs half its width more
		if i == 0 {
			left = frame
		}
		if i == len(p.strips)-1 {
			right = frame
		}
		c.add("<svg x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" viewBox=\"%.1f %.1f %.1f %.1f\"><use href=\"#scene%d\"/></svg>\n",
			p.x-left, y, w+left+right, h, r.x0-left, r.y0, w+left+right, h, k)
		y += h + stripGap
	}
}

// draw writes lines first, quiet ones below the others, then boxes, then labels.
func (s *scene) draw(c *canvas) {
	order := slices.Clone(s.edges)
	weight := map[string]int{"backward": 1, "loss": 1, "asked": 2}
	slices.SortStableFunc(order, func(a, b *edge) int { return weight[a.class] - weight[b.class] })
	for _, e := range order {
		e.draw(c, s)
	}
	for _, n := range s.nodes {
		n.marks(c)
	}
	for _, n := range s.nodes {
		n.draw(c, s)
	}
	for _, e := range order {
		c.text(e.lx, e.ly+2, "on "+e.class, "middle", e.label)
	}
}

func (e *edge) draw(c *canvas, s *scene) {
	class := e.class
	if s.manyArrows() && class != "asked" {
		class += " many"
	}
	if e.dashed {
		class += " dashed"
	}
	path := e.path
	if e.back {
		path = slices.Clone(path)
		slices.Reverse(path)
	}
	tip := path[len(path)-1]
	from := path[len(path)-2]
	for i := len(path) - 2; i > 0 && math.Hypot(tip.x-from.x, tip.y-from.y) < 1; i-- {
		from = path[i-1]
	}
	c.add(`<g class="edge">`)
	if e.tip != "" {
		c.add("<title>%s</title>", escape(e.tip))
	}
	angle := math.Atan2(tip.y-from.y, tip.x-from.x)
	at := func(along, across float64) point {
		return point{tip.x - along*math.Cos(angle) - across*math.Sin(angle), tip.y - along*math.Sin(angle) + across*math.Cos(angle)}
	}
	a, b, base := at(8, 3.2), at(8, -3.2), at(7, 0)
	path = slices.Clone(path)
	path[len(path)-1] = base
	c.add(`<path class="line %s" d="M%.1f %.1f`, class, path[0].x, path[0].y)
	for i := 1; i+2 < len(path); i += 3 {
		c.add("C%.1f %.1f %.1f %.1f %.1f %.1f", path[i].x, path[i].y, path[i+1].x, path[i+1].y, path[i+2].x, path[i+2].y)
	}
	c.add(`"/><path class="tip %s" d="M%.1f %.1fL%.1f %.1fL%.1f %.1fZ"/></g>`+"\n", e.class, tip.x, tip.y, a.x, a.y, b.x, b.y)
}

// marks draws each bias as a stub with a dot below the vertex: a line of its own.
func (n *node) marks(c *canvas) {
	for i, name := range n.bias {
		x := n.x + (float64(i)-float64(len(n.bias)-1)/2)*14
		y := n.y + n.h/2
		c.add(`<g class="edge"><title>%s</title><path class="stub" d="M%.1f %.1fV%.1f"/><circle class="dot" cx="%.1f" cy="%.1f" r="3.2"/></g>`+"\n", escape(name), x, y, y+stub-3.2, x, y+stub)
	}
}

func (n *node) draw(c *canvas, s *scene) {
	class := "box " + n.class
	if n.bold {
		class += " bold"
	}
	left, top := n.x-n.w/2, n.y-n.h/2
	c.add(`<g class="node">`)
	if n.tip != "" {
		c.add("<title>%s</title>", escape(n.tip))
	}
	c.add(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="6"/>`+"\n", class, left, top, n.w, n.h)
	shift := 0.0
	if n.vertex {
		long := max(2, float64(n.dim)*s.scale)
		c.add(`<rect class="bar %s" x="%.1f" y="%.1f" width="4" height="%.1f" rx="2"/>`+"\n", n.class, left+5, n.y-long/2, long)
		shift = 4
	}
	for i, l := range n.lines {
		y := n.y + (float64(i)-float64(len(n.lines)-1)/2)*lineHeight + 4.5
		switch {
		case n.vertex && i == 0:
			c.text(n.x+shift, y, "name", "middle", l)
		case n.vertex:
			class := "small"
			if n.class == "backward" {
				class = "delta"
			}
			c.text(n.x+shift, y, class, "middle", l)
		case i == 0 && strings.Contains(l, " = "):
			name, formula, _ := strings.Cut(l, " = ")
			c.add(`<text x="%.1f" y="%.1f" xml:space="preserve"><tspan class="name">%s</tspan> = %s</text>`+"\n", left+padX, y, escape(name), escape(formula))
		case len(n.lines) == 1:
			c.text(n.x, y, "name", "middle", l)
		default:
			c.text(left+padX, y, "", "start", l)
		}
	}
	c.add("</g>\n")
}
