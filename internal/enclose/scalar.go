package enclose

import (
	"math"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// Scalar is a function σ from ℝ to ℝ of which intervals and lines can be taken: what an activation does to each
// coordinate.
type Scalar struct {
	Act  quiver.Activation // works coordinate by coordinate
	Func layers.Func       // the same function, of the catalogue; nil at a user's activation and at the identity
}

// Value returns σ(x).
func (u *Scalar) Value(x float64) float64 {
	y := []float64{x}
	u.Act.Apply(y, y)
	return y[0]
}

// Line reports whether σ is a + b·x on the interval.
func (u *Scalar) Line(lo, hi float64) (a, b float64, ok bool) {
	switch {
	case u.Act == quiver.Identity:
		return 0, 1, true
	case u.Func == nil:
		return 0, 0, false
	}
	return layers.Line(u.Func, lo, hi)
}

// Image returns an enclosure of σ on the interval.
func (u *Scalar) Image(lo, hi float64) (float64, float64) {
	switch {
	case u.Act == quiver.Identity:
		return lo, hi
	case u.Func != nil:
		return layers.Range(u.Func, lo, hi)
	}
	l, ok := u.Act.(quiver.Lipschitz)
	if !ok || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
		return math.Inf(-1), math.Inf(1)
	}
	slope, _ := l.Lipschitz(0, max(math.Abs(lo), math.Abs(hi)))
	mid := lo + (hi-lo)/2
	y := u.Value(mid)
	r := slope*(hi-lo)*(1+0x1p-50) + 64*0x1p-53*math.Abs(y) // twice the radius: the rounding of mid is inside
	if r = r + y - y; math.IsNaN(r) {
		return math.Inf(-1), math.Inf(1)
	}
	return y - r, y + r
}

// Bends returns the points of (lo, hi) at which σ passes from one line to another, as far as it
// is a line on one side at least.
func (u *Scalar) Bends(lo, hi float64) []float64 {
	if u.Func == nil {
		return nil
	}
	var out []float64
	at, jump := u.Func.Extrema()
	for _, x := range append(at, jump...) {
		if !(lo < x && x < hi) {
			continue
		}
		step := max(1, math.Abs(x)) * 0x1p-40
		_, _, left := layers.Line(u.Func, x-2*step, x-step)
		_, _, right := layers.Line(u.Func, x+step, x+2*step)
		if left || right {
			out = append(out, x)
		}
	}
	return out
}
