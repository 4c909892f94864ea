package viz

// key explains the colours and marks below a picture.
type key []keyItem

type keyItem struct {
	kind, class, text string // kind: box, line, mark, bar
}

// newKey lists what the scenes show.
func newKey(scenes []*scene) (k key) {
	classes, biases := make(map[string]bool), make(map[string]bool)
	vertices, boxes := false, false
	for _, s := range scenes {
		for _, n := range s.nodes {
			vertices, boxes = vertices || n.vertex, boxes || !n.vertex
			classes[n.class] = true
		}
		for _, e := range s.edges {
			classes["line "+e.class] = true
			if e.dashed {
				classes["line dashed"] = true
			}
		}
		for _, m := range s.marks {
			biases[m.name] = true
		}
	}
	if !vertices && boxes {
		for _, c := range []struct{ class, text string }{{"input", "data"}, {"forward", "forward"}, {"loss", "loss"}, {"backward", "backward"}, {"second", "second derivative"}} {
			if classes[c.class] {
				k = append(k, keyItem{"box", c.class, c.text})
			}
		}
		return k
	}
	if vertices {
		k = append(k, keyItem{"bar", "", "dimension"})
	}
	for _, c := range []struct{ class, text string }{{"asked", "the gradient asked for"}, {"backward", "gradients run back"}, {"idle", "values only"}, {"dashed", "fixed"}} {
		if classes["line "+c.class] {
			k = append(k, keyItem{"line", c.class, c.text})
		}
	}
	for _, s := range scenes {
		for _, m := range s.marks {
			if biases[m.name] {
				delete(biases, m.name)
				k = append(k, keyItem{"mark", "", m.name + " (bias)"})
			}
		}
	}
	return k
}

func (k key) width() (w float64) {
	for _, i := range k {
		w += 30 + textWidth(i.text, smallSize) + 22
	}
	return w
}

func (k key) draw(c *canvas, x, y float64) {
	for _, i := range k {
		group := "key"
		if i.kind == "mark" {
			group = "node" // the vertex of the bias is drawn here, once
		}
		c.add(`<g class="%s">`, group)
		switch i.kind {
		case "box":
			c.add(`<rect class="box %s" x="%.1f" y="%.1f" width="22" height="13" rx="3"/>`, i.class, x, y-10)
		case "bar":
			c.add(`<rect class="bar" x="%.1f" y="%.1f" width="4" height="15" rx="2"/>`, x+9, y-11)
		case "mark":
			c.add(`<path class="stub" d="M%.1f %.1fV%.1f"/><circle class="dot" cx="%.1f" cy="%.1f" r="3.5"/>`, x+11, y-11, y-3, x+11, y-0.5)
		case "line":
			c.add(`<path class="line %s" d="M%.1f %.1fH%.1f"/>`, i.class, x, y-4, x+22)
		}
		c.text(x+30, y, "small", "start", i.text)
		c.add("</g>\n")
		x += 30 + textWidth(i.text, smallSize) + 22
	}
}
