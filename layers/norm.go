package layers

import "math"

// norm returns |v| without overflow or underflow on the way. A NaN entry gives NaN.
func norm(v []float64) float64 {
	var s float64
	for _, x := range v {
		s += x * x
	}
	if s > 1e-280 && s < 1e280 {
		return math.Sqrt(s)
	}
	var m float64
	for _, x := range v {
		if math.IsNaN(x) {
			return x
		}
		m = max(m, math.Abs(x))
	}
	if m == 0 || math.IsInf(m, 1) {
		return m
	}
	s = 0
	for _, x := range v {
		x /= m
		s += x * x
	}
	return m * math.Sqrt(s)
}

// Between these norms x/|v| keeps all its digits.
const (
	tiny = 1e-290
	huge = 1e300
)

// polar returns |v|, and s, t such that v_i·s/t is the direction v/|v| to full
// precision: where |v| is subnormal its own digits are too few, and where it
// overflows (finite entries above 1e308/√n) there are none. t is NaN where an entry is
// infinite, because the direction is undefined then.
func polar(v []float64) (r, s, t float64) {
	r = norm(v)
	switch {
	case r > tiny && r < huge || r == 0 || math.IsNaN(r):
		return r, 1, r
	case r <= tiny:
		s = 0x1p960
	default:
		s = 0x1p-600
	}
	for _, x := range v {
		x *= s
		t += x * x
	}
	if t = math.Sqrt(t); math.IsInf(t, 1) {
		t = math.NaN()
	}
	return r, s, t
}
