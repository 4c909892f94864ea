package viz

import "math"

// A quiver in which nearly every vertex reaches nearly every other has no layers to show. Its vertices stand below one
// another, in order, and its arrows are arcs beside them.

// manyArrows says that a picture is drawn with arcs.
func (s *scene) manyArrows() bool {
	return len(s.edges) > 60 && len(s.edges) > 4*len(s.nodes) && !s.upright
}

// placeArcs lays the scene out with arcs: each is as wide as the number of vertices that it passes.
func (s *scene) placeArcs() {
	const gap = 18.0
	left, y := 0.0, 0.0
	for _, n := range s.nodes {
		left = max(left, n.w)
	}
	for _, n := range s.nodes {
		n.x, n.y = left/2, y+n.h/2
		y += n.h + gap
	}
	s.h = y - gap + stub
	in, out := make([]int, len(s.nodes)), make([]int, len(s.nodes))
	for _, e := range s.edges {
		out[e.tail]++
		in[e.head]++
	}
	in2, out2 := make([]int, len(s.nodes)), make([]int, len(s.nodes))
	s.w = left
	for _, e := range s.edges {
		a, b := s.nodes[e.tail], s.nodes[e.head]
		// Arrows leave in the lower half of a vertex and arrive in the upper.
		out2[e.tail]++
		in2[e.head]++
		from := point{a.x + a.w/2, a.y + a.h*0.45*float64(out2[e.tail])/float64(out[e.tail]+1)}
		to := point{b.x + b.w/2, b.y - b.h*0.45*float64(in2[e.head])/float64(in[e.head]+1)}
		wide := 30 + 600*math.Abs(float64(e.head-e.tail))/float64(len(s.nodes))
		e.path = []point{from, {left + wide, from.y + (to.y-from.y)*0.1}, {left + wide, to.y - (to.y-from.y)*0.1}, to}
		middle := bezier(e.path, 0.5)
		s.w = max(s.w, middle.x+8)
		if e.label != "" {
			half := textWidth(e.label, smallSize) / 2
			e.lx, e.ly = middle.x+half+8, middle.y
			s.w = max(s.w, e.lx+half+8)
		}
	}
}
