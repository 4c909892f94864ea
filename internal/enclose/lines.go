package enclose

import "math"

// Lines are, for each unit of a vertex, linear bounds below (0) and above (1) of its activation
// on its bounds, slope·z + cut. Free ones may turn about the point at the bend.
type Lines struct {
	Slope, Cut   [2][]float64
	Free         [2][]bool
	Least, Most  [2][]float64 // of a free slope
	Bend, Height []float64
	left, right  []float64 // the slopes of the activation on either side of the bend
}

func newLines(n int) *Lines {
	l := &Lines{Bend: make([]float64, n), Height: make([]float64, n), left: make([]float64, n), right: make([]float64, n)}
	for k := range 2 {
		l.Slope[k], l.Cut[k], l.Free[k] = make([]float64, n), make([]float64, n), make([]bool, n)
		l.Least[k], l.Most[k] = make([]float64, n), make([]float64, n)
	}
	return l
}

// Lay makes the lines of units with the activation f, nil where nothing is known of it, whose pre-activations lie
// between zlo and zhi and whose values lie between xlo and xhi.
func Lay(f *Scalar, zlo, zhi, xlo, xhi []float64) *Lines {
	l := newLines(len(xlo))
	for i := range xlo {
		l.Cut[0][i], l.Cut[1][i] = xlo[i], xhi[i]
		if f == nil {
			continue
		}
		lo, hi := zlo[i], zhi[i]
		if a, b, ok := f.Line(lo, hi); ok {
			l.Slope[0][i], l.Slope[1][i] = b, b
			l.Cut[0][i], l.Cut[1][i] = lower(a, a, 0), upper(a, a, 0)
			continue
		}
		if bends := f.Bends(lo, hi); len(bends) == 1 && !math.IsInf(lo, 0) && !math.IsInf(hi, 0) {
			l.bent(f, i, lo, hi, bends[0])
		}
	}
	return l
}

// bent lays a chord and a free line, if f is a line on both sides of k.
func (l *Lines) bent(f *Scalar, i int, lo, hi, k float64) {
	_, left, ok := f.Line(lo, k)
	_, right, ok2 := f.Line(k, hi)
	if !ok || !ok2 {
		return // or there is a jump
	}
	l.Bend[i], l.Height[i], l.left[i], l.right[i] = k, f.Value(k), left, right
	chord := 1 // above, where the function is convex
	if right < left {
		chord = 0
	}
	yl, yh := f.Value(lo), f.Value(hi)
	c := (yh - yl) / (hi - lo)
	l.Slope[chord][i] = c
	if chord == 1 {
		l.Cut[1][i] = max(upper(yl-c*lo, yl, c*lo), upper(yh-c*hi, yh, c*hi))
	} else {
		l.Cut[0][i] = min(lower(yl-c*lo, yl, c*lo), lower(yh-c*hi, yh, c*hi))
	}
	start := left
	if hi-k > k-lo {
		start = right
	}
	l.release(1-chord, i, min(left, right), max(left, right), start)
}

// release lets a line turn about the bend.
func (l *Lines) release(side, i int, least, most, start float64) {
	l.Free[side][i], l.Least[side][i], l.Most[side][i] = true, least, most
	l.Turn(side, i, start)
}

// Turn gives the free line of unit i another slope.
func (l *Lines) Turn(side, i int, slope float64) {
	l.Slope[side][i] = slope
	c := l.Height[i] - slope*l.Bend[i]
	if side == 0 {
		l.Cut[0][i] = lower(c, l.Height[i], slope*l.Bend[i])
	} else {
		l.Cut[1][i] = upper(c, l.Height[i], slope*l.Bend[i])
	}
}

// unit is the state of the lines of one unit.
type unit struct {
	slope, cut, least, most [2]float64
	free                    [2]bool
}

// Half restricts unit i to one side of its bend, the left one (0) or the right one (1), where
// its activation is one line; any line through the bend that is below or above it there will
// do: the slope acts as the multiplier of the side (arXiv 2103.06624). It returns what undoes it.
func (l *Lines) Half(i, side int) (undo func()) {
	var old unit
	for k := range 2 {
		old.slope[k], old.cut[k], old.least[k], old.most[k], old.free[k] = l.Slope[k][i], l.Cut[k][i], l.Least[k][i], l.Most[k][i], l.Free[k][i]
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
			l.Slope[k][i], l.Cut[k][i], l.Least[k][i], l.Most[k][i], l.Free[k][i] = old.slope[k], old.cut[k], old.least[k], old.most[k], old.free[k]
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
