package layers

import (
	"math"
	"slices"
)

// Range returns an enclosure of h on lo ≤ x ≤ hi: min ≤ h(x) ≤ max there, for the h of
// mathematics as well as for the rounded one that Value computes. The ends may be infinite. For
// the catalogue it is the exact range, a few units in the last place wider; for a user's Func
// it is what the suprema of |h| and |h′| allow, which rest on Extrema. Where nothing is known,
// and where h is NaN at an end, it is (−∞, ∞).
func Range(h Func, lo, hi float64) (min, max float64) {
	mustFunc("range", h)
	if math.IsNaN(lo) || math.IsNaN(hi) || lo > hi {
		return math.Inf(-1), math.Inf(1)
	}
	switch g := h.(type) {
	case *shifted: // x−s is rounded
		return Range(g.Func, down(lo-g.s), up(hi-g.s))
	case *fn:
		if g.supremum != nil {
			s, _, _ := g.supremum(lo, hi)
			return outward(-s, s, false)
		}
		return monotone(g, lo, hi)
	}
	return guessed(h, lo, hi)
}

// monotone returns the range of a function that is monotone between the points that it lists.
func monotone(f *fn, lo, hi float64) (min, max float64) {
	min, max = math.Inf(1), math.Inf(-1)
	whole := true // NaN at a point that counts
	see := func(x float64) {
		y := f.Value(x)
		whole = whole && !math.IsNaN(y)
		if y < min {
			min = y
		}
		if y > max {
			max = y
		}
	}
	see(lo)
	see(hi)
	for _, x := range f.at {
		if lo <= x && x <= hi {
			see(x)
		}
	}
	for _, x := range f.jump {
		if lo <= x && x <= hi {
			see(x)
			see(down(x))
			see(up(x))
		}
	}
	if !whole {
		return math.Inf(-1), math.Inf(1)
	}
	return outward(min, max, f.piece != nil && f.name != "elu")
}

// guessed returns what the suprema of |h| and |h′| say.
func guessed(h Func, lo, hi float64) (min, max float64) {
	if math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		return math.Inf(-1), math.Inf(1)
	}
	size, slope := suprema(h, lo, hi, math.Inf(-1))
	mid := lo + (hi-lo)/2
	y, r := h.Value(mid), up(slope*up(hi-lo)) // twice the radius: rounding of mid is inside
	if math.IsNaN(y) || math.IsNaN(r) {
		return outward(-size, size, false)
	}
	return outward(math.Max(y-r, -size), math.Min(y+r, size), false)
}

// outward widens a range by the rounding of the values at its ends.
func outward(min, max float64, linear bool) (float64, float64) {
	widen := func(y float64) float64 {
		switch {
		case math.IsInf(y, 0) || y == 0:
			return 0
		case linear:
			return 4 * 0x1p-53 * math.Abs(y)
		case math.Abs(y) < 0x1p-40: // a tail such as that of GELU, with few digits
			return 64*0x1p-53*math.Abs(y) + 0x1p-92*math.Min(1, math.Abs(y)*0x1p64)
		}
		return 64 * 0x1p-53 * math.Abs(y)
	}
	return min - widen(min), max + widen(max)
}

func down(x float64) float64 { return math.Nextafter(x, math.Inf(-1)) }
func up(x float64) float64   { return math.Nextafter(x, math.Inf(1)) }

// Line reports whether h is one polynomial a + b·x of degree at most 1 on all of lo ≤ x ≤ hi:
// no kink lies inside and no jump inside or at an end. The ends may be infinite. Only functions
// of the catalogue, shifted ones included, can tell.
func Line(h Func, lo, hi float64) (a, b float64, ok bool) {
	mustFunc("line", h)
	if !(lo <= hi) {
		return 0, 0, false
	}
	at, jump := h.Extrema()
	if slices.ContainsFunc(at, func(x float64) bool { return lo < x && x < hi }) ||
		slices.ContainsFunc(jump, func(x float64) bool { return lo <= x && x <= hi }) {
		return 0, 0, false
	}
	x := lo + (hi-lo)/2
	switch {
	case math.IsInf(lo, -1) && math.IsInf(hi, 1):
		x = 0
	case math.IsInf(lo, -1):
		x = hi - math.Max(1, math.Abs(hi))
	case math.IsInf(hi, 1):
		x = lo + math.Max(1, math.Abs(lo))
	}
	if a, b, ok = piece(h, x); !ok {
		return 0, 0, false
	}
	return a, b, true
}
