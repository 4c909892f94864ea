package symmetry

import "math"

// lines are, for each unit of a site, linear bounds below (0) and above (1) of its activation
// on its bounds, slope·z + cut. Free ones may turn about the point at the bend.
type lines struct {
	slope, cut   [2][]float64
	free         [2][]bool
	least, most  [2][]float64 // of a free slope
	bend, height []float64
	left, right  []float64 // the slopes of the activation on either side of the bend
}

func newLines(n int) *lines {
	l := &lines{bend: make([]float64, n), height: make([]float64, n), left: make([]float64, n), right: make([]float64, n)}
	for k := range 2 {
		l.slope[k], l.cut[k], l.free[k] = make([]float64, n), make([]float64, n), make([]bool, n)
		l.least[k], l.most[k] = make([]float64, n), make([]float64, n)
	}
	return l
}

// lay makes the lines of a site whose bounds are known.
func (s *site) lay() *lines {
	l := newLines(s.Dim)
	for i := range s.Dim {
		l.cut[0][i], l.cut[1][i] = s.xlo[i], s.xhi[i]
		if !s.known {
			continue
		}
		lo, hi := s.zlo[i], s.zhi[i]
		if a, b, ok := s.line(lo, hi); ok {
			l.slope[0][i], l.slope[1][i] = b, b
			l.cut[0][i], l.cut[1][i] = lower(a, a, 0), upper(a, a, 0)
			continue
		}
		if bends := s.bends(lo, hi); len(bends) == 1 && !math.IsInf(lo, 0) && !math.IsInf(hi, 0) {
			s.bent(l, i, bends[0])
		}
	}
	return l
}

// bent lays a chord and a free line, if unit i is a line on both sides of k.
func (s *site) bent(l *lines, i int, k float64) {
	lo, hi := s.zlo[i], s.zhi[i]
	_, left, ok := s.line(lo, k)
	_, right, ok2 := s.line(k, hi)
	if !ok || !ok2 {
		return // or there is a jump
	}
	l.bend[i], l.height[i], l.left[i], l.right[i] = k, s.value(k), left, right
	chord := 1 // above, where the function is convex
	if right < left {
		chord = 0
	}
	yl, yh := s.value(lo), s.value(hi)
	c := (yh - yl) / (hi - lo)
	l.slope[chord][i] = c
	if chord == 1 {
		l.cut[1][i] = max(upper(yl-c*lo, yl, c*lo), upper(yh-c*hi, yh, c*hi))
	} else {
		l.cut[0][i] = min(lower(yl-c*lo, yl, c*lo), lower(yh-c*hi, yh, c*hi))
	}
	start := left
	if hi-k > k-lo {
		start = right
	}
	l.release(1-chord, i, min(left, right), max(left, right), start)
}

// release lets a line turn about the bend.
func (l *lines) release(side, i int, least, most, start float64) {
	l.free[side][i], l.least[side][i], l.most[side][i] = true, least, most
	l.turn(side, i, start)
}

// turn gives the free line of unit i another slope.
func (l *lines) turn(side, i int, slope float64) {
	l.slope[side][i] = slope
	c := l.height[i] - slope*l.bend[i]
	if side == 0 {
		l.cut[0][i] = lower(c, l.height[i], slope*l.bend[i])
	} else {
		l.cut[1][i] = upper(c, l.height[i], slope*l.bend[i])
	}
}

// unit is the state of the lines of one unit.
type unit struct {
	slope, cut, least, most [2]float64
	free                    [2]bool
}

// half restricts unit i to one side of its bend, the left one (0) or the right one (1), where
// its activation is one line; any line through the bend that is below or above it there will
// do: the slope acts as the multiplier of the side (arXiv 2103.06624). It returns what undoes it.
func (l *lines) half(i, side int) (undo func()) {
	var old unit
	for k := range 2 {
		old.slope[k], old.cut[k], old.least[k], old.most[k], old.free[k] = l.slope[k][i], l.cut[k][i], l.least[k][i], l.most[k][i], l.free[k][i]
	}
	inf := math.Inf(1)
	if a := l.left[i]; side == 0 {
		l.release(0, i, a, inf, a)
		l.release(1, i, -inf, a, a)
	} else {
		a = l.right[i]
		l.release(0, i, -inf, a, a)
		l.release(1, i, a, inf, a)
	}
	return func() {
		for k := range 2 {
			l.slope[k][i], l.cut[k][i], l.least[k][i], l.most[k][i], l.free[k][i] = old.slope[k], old.cut[k], old.least[k], old.most[k], old.free[k]
		}
	}
}

// lower and upper round a sum outward that was made of two terms of the given sizes.
func lower(c, a, b float64) float64 { return -upper(-c, a, b) }
func upper(c, a, b float64) float64 {
	if a == 0 && b == 0 {
		return c
	}
	return c + (8*0x1p-52*(math.Abs(a)+math.Abs(b)) + 4*math.SmallestNonzeroFloat64)
}
