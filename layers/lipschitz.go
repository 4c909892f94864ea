package layers

import "math"

// radialSuprema returns the suprema over lo ≤ r ≤ hi of max(|h′|, |h/r|), the
// local Lipschitz constant of the radial activation, and of |h|.
func radialSuprema(h Func, lo, hi float64) (lip, sup float64) {
	lo = max(lo, 0)
	if hi < lo {
		return 0, 0
	}
	sup, slope := suprema(h, lo, hi)
	if lo == 0 {
		if h.Value(0) != 0 {
			return math.Inf(1), sup // ρ jumps at the origin
		}
		lo = math.SmallestNonzeroFloat64
		if hi == 0 {
			return math.Abs(h.Slope(lo)), 0
		}
		slope = max(slope, math.Abs(h.Slope(lo)))
	}
	return max(slope, ratio(h, lo, hi)), sup
}

// ratio returns the supremum of |h(r)/r| over 0 < lo ≤ r ≤ hi.
func ratio(h Func, lo, hi float64) float64 {
	see := func(r float64) float64 {
		if r < 1e-300 {
			return math.Abs(h.Slope(r)) // the limit, where h(0) = 0
		}
		return math.Abs(h.Value(r)) / r
	}
	best := max(see(lo), see(hi))
	if f, ok := h.(*fn); ok {
		if f.supremum != nil {
			_, _, r := f.supremum(lo, hi)
			return r
		}
		for _, r := range f.ratioAt {
			if lo <= r && r <= hi {
				best = max(best, see(r))
			}
		}
		for _, r := range f.jump {
			if lo <= r && r <= hi {
				best = max(best, see(r))
			}
		}
		if f.monotone || f.ratioAt != nil {
			return best
		}
	}
	if s, ok := h.(*shifted); ok {
		if f, ok := s.Func.(*fn); ok && f.piece != nil && f.piece(-1) != nil { // λ = b + a/r between the kinks
			at, jump := h.Extrema()
			for _, r := range append(at, jump...) {
				if lo <= r && r <= hi {
					best = max(best, see(r), see(max(lo, math.Nextafter(r, 0))), see(min(hi, math.Nextafter(r, hi))))
				}
			}
			return best
		}
	}
	return bisect(h, lo, hi, best)
}

// bisect bounds |h(r)/r| from above by sup|h|/lo on ever smaller intervals, until
// none can hold a value that is more than a thousandth above the best one seen.
func bisect(h Func, lo, hi, best float64) float64 {
	type interval struct{ lo, hi float64 }
	todo := []interval{{lo, hi}}
	bound := best
	for steps := 0; len(todo) > 0; steps++ {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		sup, slope := suprema(h, i.lo, i.hi)
		up := sup / i.lo
		if h.Value(0) == 0 {
			_, s := suprema(h, 0, i.hi)
			up = min(up, s) // |h(r)| ≤ r·sup|h′|
		}
		best = max(best, math.Abs(h.Value(i.hi))/i.hi)
		_ = slope
		if up <= best*(1+1e-3) || steps > 100_000 || i.hi <= i.lo*(1+1e-12) {
			bound = max(bound, up)
			continue
		}
		mid := math.Sqrt(i.lo) * math.Sqrt(i.hi)
		if math.IsInf(i.hi, 1) {
			mid = max(1, 2*i.lo)
		}
		if mid <= i.lo || mid >= i.hi {
			bound = max(bound, up)
			continue
		}
		todo = append(todo, interval{i.lo, mid}, interval{mid, i.hi})
	}
	return max(bound, best)
}
