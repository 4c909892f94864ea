package viz

import (
	"math"
	"slices"
)

// A picture of many layers from left to right is folded like a line of text: cut between layers into strips, one below the
// other. A line that a cut meets goes on at the next strip's left end, in the same order from top to bottom.

const (
	widest    = 1500.0 // of a strip
	stripGap  = 34.0
	cutMargin = 10.0 // from a cut to the next box
	frame     = 2.0  // how far the frame of a box reaches beyond it
)

// strip is a rectangle of the layout.
type strip struct{ x0, x1, y0, y1 float64 }

// fold cuts the layout into strips; there is one where all fits.
func (s *scene) fold() []strip {
	whole := []strip{{0, s.w, 0, s.h}}
	if s.upright || s.manyArrows() || s.w <= widest {
		return whole
	}
	k := math.Ceil(s.w / widest)
	cuts := s.cuts()
	var at []float64
	for i := 1.0; i < k; i++ {
		want := s.w * i / k
		best := -1.0
		for _, c := range cuts {
			if (len(at) == 0 || c > at[len(at)-1]+200) && (best < 0 || math.Abs(c-want) < math.Abs(best-want)) {
				best = c
			}
		}
		if best < 0 {
			return whole
		}
		at = append(at, best)
	}
	var out []strip
	left := 0.0
	for _, right := range append(at, s.w) {
		if right <= left {
			return whole
		}
		r := strip{left, right, math.Inf(1), math.Inf(-1)}
		s.extent(&r)
		out = append(out, r)
		left = right
	}
	return out
}

// cuts returns the places where no box and no label stands.
func (s *scene) cuts() (at []float64) {
	type span struct{ lo, hi float64 }
	var taken []span
	for _, n := range s.nodes {
		taken = append(taken, span{n.x - n.w/2 - cutMargin, n.x + n.w/2 + cutMargin})
	}
	for _, e := range s.edges {
		if w := textWidth(e.label, smallSize) / 2; w > 0 {
			taken = append(taken, span{e.lx - w, e.lx + w})
		}
	}
	slices.SortFunc(taken, func(a, b span) int {
		switch {
		case a.lo < b.lo:
			return -1
		case a.lo > b.lo:
			return 1
		}
		return 0
	})
	end := 0.0
	for _, t := range taken {
		if t.lo > end && end > 0 {
			at = append(at, (t.lo+end)/2)
		}
		end = max(end, t.hi)
	}
	return at
}

// extent finds how high a strip must be for the boxes and lines in it.
func (s *scene) extent(r *strip) {
	see := func(x, lo, hi float64) {
		if x >= r.x0 && x <= r.x1 {
			r.y0, r.y1 = min(r.y0, lo-6), max(r.y1, hi+6)
		}
	}
	for _, n := range s.nodes {
		see(n.x, n.y-n.h/2, n.y+n.h/2+stub)
	}
	for _, e := range s.edges {
		if e.label != "" {
			see(e.lx, e.ly-smallSize, e.ly)
		}
		for i := 0; i+3 < len(e.path); i += 3 {
			for t := 0.0; t <= 1; t += 1.0 / 16 {
				p := bezier(e.path[i:i+4], t)
				see(p.x, p.y, p.y)
			}
		}
	}
}

// bezier returns a point of a cubic Bézier curve.
func bezier(p []point, t float64) point {
	a, b, c, d := (1-t)*(1-t)*(1-t), 3*t*(1-t)*(1-t), 3*t*t*(1-t), t*t*t
	return point{a*p[0].x + b*p[1].x + c*p[2].x + d*p[3].x, a*p[0].y + b*p[1].y + c*p[2].y + d*p[3].y}
}

// folded returns the size of the strips below one another.
func folded(strips []strip) (w, h float64) {
	for i, r := range strips {
		w = max(w, r.x1-r.x0)
		h += r.y1 - r.y0
		if i > 0 {
			h += stripGap
		}
	}
	return w, h
}
