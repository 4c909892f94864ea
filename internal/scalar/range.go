package scalar

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
	MustFunc("range", h)
	if math.IsNaN(lo) || math.IsNaN(hi) || lo > hi {
		return math.Inf(-1), math.Inf(1)
	}
	switch g := h.(type) {
	case *shifted: // x−s is rounded
		return Range(g.Func, down(lo-g.s), up(hi-g.s))
	case *Function:
		if g.supremum != nil {
			s, _, _ := g.supremum(lo, hi)
			s += slack(s, general)
			return -s, s
		}
		return monotone(g, lo, hi)
	}
	return guessed(h, lo, hi)
}

// monotone returns the range of a function that is monotone between the points that it lists.
func monotone(f *Function, lo, hi float64) (min, max float64) {
	min, max = math.Inf(1), math.Inf(-1)
	whole := true // NaN at a point that counts
	see := func(x float64) {
		y := f.Value(x)
		whole = whole && !math.IsNaN(y)
		e := f.error(x, y)
		if y-e < min {
			min = y - e
		}
		if y+e > max {
			max = y + e
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
	return min, max
}

// guessed returns what the suprema of |h| and |h′| say.
func guessed(h Func, lo, hi float64) (min, max float64) {
	if math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		return math.Inf(-1), math.Inf(1)
	}
	size, slope := Suprema(h, lo, hi, math.Inf(-1))
	size += slack(size, general)
	mid := lo + (hi-lo)/2
	y, r := h.Value(mid), up(slope*up(hi-lo)) // twice the radius: rounding of mid is inside
	if math.IsNaN(y) || math.IsNaN(r) {
		return -size, size
	}
	e := slack(y, general)
	return math.Max(y-r-e, -size), math.Min(y+r+e, size)
}

// general is how many units of 2⁻⁵³ a value of a smooth function may be off by.
const general = 256

// error bounds the rounding of y = h(x): 0 where h is 0, ±x or a constant, a few units where
// it is another line.
func (f *Function) error(x, y float64) float64 {
	if math.IsInf(x, 0) {
		return 0 // a limit
	}
	if x == 0 && y == 0 {
		return 0
	}
	if f.piece != nil {
		if a, b, ok := f.piece(x); ok && (b == 0 || a == 0 && math.Abs(b) == 1) {
			return 0
		} else if ok {
			return slack(y, 4)
		}
	}
	return slack(y, math.Max(general, f.units))
}

// slack is a number of units of 2⁻⁵³ of y, and more of a tail such as that of GELU, which has few
// digits, and where y may have underflowed.
func slack(y, units float64) float64 {
	e := units * 0x1p-53 * math.Abs(y)
	switch {
	case math.IsInf(y, 0):
		return 0
	case math.Abs(y) < 0x1p-1000:
		return e + 0x1p-1040*math.Min(1, math.Abs(y)*0x1p1010) + math.SmallestNonzeroFloat64
	case units >= general && math.Abs(y) < 0x1p-40:
		e += 0x1p-92 * math.Min(1, math.Abs(y)*0x1p64)
	}
	return e
}

func down(x float64) float64 { return math.Nextafter(x, math.Inf(-1)) }
func up(x float64) float64   { return math.Nextafter(x, math.Inf(1)) }

// Line reports whether h is one polynomial a + b·x of degree at most 1 on all of lo ≤ x ≤ hi:
// no kink lies inside and no jump inside or at an end. The ends may be infinite. Only functions
// of the catalogue, shifted ones included, can tell.
func Line(h Func, lo, hi float64) (a, b float64, ok bool) {
	MustFunc("line", h)
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
