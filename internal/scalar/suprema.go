package scalar

import (
	"math"
	"slices"
)

// Suprema returns the suprema of |h| and |h′| over lo ≤ x ≤ hi, +Inf for the second where h
// jumps there. At a kink both sides count, as long as they lie above floor.
func Suprema(f Func, lo, hi, floor float64) (h, slope float64) {
	switch g := f.(type) {
	case *Function:
		if g.supremum != nil {
			h, slope, _ = g.supremum(lo, hi)
			return h, slope
		}
	case *shifted:
		return Suprema(g.Func, lo-g.s, hi-g.s, floor-g.s)
	}
	see := func(x float64) {
		if x >= floor {
			h = max(h, math.Abs(f.Value(x)))
			slope = max(slope, math.Abs(f.Slope(x)))
		}
	}
	see(lo)
	see(hi)
	at, jump := f.Extrema()
	for _, x := range slices.Concat(at, jump) {
		if lo <= x && x <= hi {
			see(x)
			see(math.Nextafter(x, math.Inf(-1)))
			see(math.Nextafter(x, math.Inf(1)))
		}
	}
	for _, x := range jump {
		if lo <= x && x <= hi {
			slope = math.Inf(1)
		}
	}
	return Known(h), Known(slope)
}

// Known turns a NaN, which is a constant that nobody knows, into +Inf.
func Known(x float64) float64 {
	if math.IsNaN(x) {
		return math.Inf(1)
	}
	return x
}

// RadialSuprema returns the suprema over lo ≤ r ≤ hi of max(|h′|, |h/r|), the
// local Lipschitz constant of the radial activation, and of |h|, with ρ(0) = 0.
func RadialSuprema(h Func, lo, hi float64) (lip, sup float64) {
	lo = max(lo, 0)
	if hi < lo || math.IsNaN(hi) {
		return 0, 0
	}
	const first = math.SmallestNonzeroFloat64 // r = 0 itself is no value of h: ρ(0) = 0
	sup, slope := Suprema(h, max(lo, first), max(hi, first), first)
	if lo > 0 {
		return max(slope, RatioSupremum(h, lo, hi)), sup
	}
	if hi == 0 {
		sup = 0
	}
	if _, jump := h.Extrema(); h.Value(0) != 0 || slices.Contains(jump, 0) {
		return math.Inf(1), sup // ρ jumps at the origin
	}
	if f, ok := h.(*Function); ok && f.lambda != nil {
		slope = max(slope, math.Abs(f.lambda(0, 0))) // infinite for a root
	}
	if hi == 0 {
		return slope, 0
	}
	return max(slope, RatioSupremum(h, first, hi)), sup
}

// RatioSupremum returns the supremum of |h(r)/r| over 0 < lo ≤ r ≤ hi.
func RatioSupremum(h Func, lo, hi float64) float64 {
	best := 0.0
	see := func(r float64) {
		if lo <= r && r <= hi {
			best = max(best, quotient(h, r))
		}
	}
	see(lo)
	see(hi)
	if f, ok := h.(*Function); ok {
		if f.supremum != nil {
			_, _, r := f.supremum(lo, hi)
			return r
		}
		for _, r := range slices.Concat(f.ratioAt, f.jump) {
			see(r)
		}
		if f.monotone || f.ratioAt != nil {
			return Known(best)
		}
	}
	if s, ok := h.(*shifted); ok {
		if _, _, linear := piece(s.Func, -1); linear { // λ = b + a/r between the kinks
			at, jump := h.Extrema()
			for _, r := range slices.Concat(at, jump) {
				see(r)
				see(math.Nextafter(r, 0))
				see(math.Nextafter(r, math.Inf(1)))
			}
			return Known(best)
		}
	}
	return Known(bisect(h, lo, hi, best))
}

// PointwiseSuprema returns the suprema of |h′| over |x| ≤ hi and of |h(x)/x| over 0 < |x| ≤ hi, the second +Inf where
// h(0) ≠ 0.
func PointwiseSuprema(h Func, hi float64) (slope, quotient float64) {
	_, slope = Suprema(h, -hi, hi, math.Inf(-1))
	switch f, ok := h.(*Function); {
	case h.Value(0) != 0:
		return slope, math.Inf(1)
	case hi == 0:
		return slope, 0
	case ok && f.supremum != nil:
		_, _, quotient = f.supremum(-hi, hi)
		return slope, quotient
	}
	const from = math.SmallestNonzeroFloat64
	return slope, max(RatioSupremum(h, from, hi), RatioSupremum(&mirrored{h}, from, hi))
}

// quotient returns |h(r)|/r for r > 0, +Inf included, where it is the limit.
func quotient(h Func, r float64) float64 {
	v := math.Abs(h.Value(r))
	switch {
	case r < 1e-300 && h.Value(0) == 0:
		return math.Abs(h.Slope(r))
	case math.IsInf(r, 1) && math.IsInf(v, 1):
		return math.Abs(h.Slope(r))
	case math.IsInf(r, 1) && math.IsNaN(v):
		return 0 // it oscillates; the bound on the interval decides
	}
	return v / r
}

// bisect bounds |h(r)/r| from above on ever smaller intervals, until none can hold a
// value that is more than a thousandth above the best one seen. On [lo, hi] it is at
// most sup|h|/lo, and at most max(|h(lo)|/lo, sup|h′|), since
// |h(r)| ≤ |h(lo)| + (r−lo)·sup|h′|; where h(0) = 0 also sup|h′| over [0, hi].
func bisect(h Func, lo, hi, best float64) float64 {
	if math.IsNaN(lo) || math.IsNaN(hi) {
		return math.Inf(1)
	}
	type interval struct{ lo, hi float64 }
	todo := []interval{{lo, hi}}
	bound := best
	fromZero := math.Inf(1)
	if h.Value(0) == 0 {
		_, fromZero = Suprema(h, 0, hi, 0)
	}
	for steps := 0; len(todo) > 0; steps++ {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		sup, slope := Suprema(h, i.lo, i.hi, 0)
		up := min(sup/i.lo, max(quotient(h, i.lo), slope), fromZero)
		best = max(best, quotient(h, i.hi))
		mid := math.Sqrt(i.lo) * math.Sqrt(i.hi)
		if math.IsInf(i.hi, 1) {
			mid = max(1, 2*i.lo)
		}
		if up <= best*(1+1e-3) || steps > 20_000 || i.hi <= i.lo*(1+1e-12) || mid <= i.lo || mid >= i.hi {
			bound = max(bound, up)
			continue
		}
		todo = append(todo, interval{i.lo, mid}, interval{mid, i.hi})
	}
	return max(bound, best)
}

// mirrored is x ↦ h(−x).
type mirrored struct{ Func }

func (f *mirrored) Value(x float64) float64 { return f.Func.Value(-x) }
func (f *mirrored) Slope(x float64) float64 { return -f.Func.Slope(-x) }
func (f *mirrored) Extrema() (at, jump []float64) {
	at, jump = f.Func.Extrema()
	at, jump = slices.Clone(at), slices.Clone(jump)
	for i := range at {
		at[i] = -at[i]
	}
	for i := range jump {
		jump[i] = -jump[i]
	}
	return at, jump
}

// sinSuprema returns the suprema of |sin|, |cos| and |sin r/r| over [lo, hi]. From largeAngle on,
// where the sine runs through all its values while r hardly changes, the third is the bound
// sup|sin|/lo, which exceeds the supremum by less than π/lo of it.
func sinSuprema(lo, hi float64) (h, slope, ratio float64) {
	const largeAngle = 1e6
	h, slope = 1, 1
	if hi-lo < 3 { // at most one zero of each lies between, and then its sign changes
		s, c := [2]float64{math.Sin(lo), math.Sin(hi)}, [2]float64{math.Cos(lo), math.Cos(hi)}
		keeps := func(x [2]float64) bool { return min(x[0], x[1]) > 1e-12 || max(x[0], x[1]) < -1e-12 }
		// Large arguments are reduced with an error of their own, which near a zero is not relative.
		off := 0x1p-56 * min(1, 0x1p-29*max(math.Abs(lo), math.Abs(hi)))
		if keeps(c) {
			h = min(1, max(math.Abs(s[0]), math.Abs(s[1]))+off)
		}
		if keeps(s) {
			slope = min(1, max(math.Abs(c[0]), math.Abs(c[1]))+off)
		}
	}
	switch {
	case lo <= 0:
		return h, slope, 1
	case math.IsNaN(lo) || lo >= largeAngle:
		return h, slope, h / lo
	}
	// Between two zeros |sin r|/r rises to a single maximum, where tan r = r, which
	// lies below the zero of cos: the first bump in reach is the highest.
	ratio = math.Abs(math.Sin(lo)) / lo
	if !math.IsInf(hi, 1) {
		ratio = max(ratio, math.Abs(math.Sin(hi))/hi)
	}
	first := int(lo / math.Pi)
	for k := max(first, 1); k <= first+1; k++ {
		zero := (float64(k) + 0.5) * math.Pi // of cos
		r := zero
		for range 50 { // tan r = r
			r = zero - math.Atan(1/r)
		}
		if lo <= r && r <= hi {
			ratio = max(ratio, math.Abs(math.Sin(r))/r)
		}
	}
	return h, slope, ratio
}
