package verify

import (
	"math"
	"slices"
)

// differences are derivatives by finite differences, with an honest error each.
type differences struct {
	slope   []float64
	err     []float64 // what truncation and rounding leave open
	decided []bool    // false at a kink or a jump, and where rounding hides the slope
}

// steps is the ladder of step sizes. A kink at distance d does not matter to steps
// below d/2, so most samples near one are decided on a lower rung; a sample on the
// kink itself never is.
var steps = []float64{1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10}

// closer are the parts of a step with which a difference is confirmed: a function that oscillates between the points of
// one step, as a sine of 1e9 does, does not have the same slope at much smaller ones.
var closer = []float64{1 / 7.3, 1 / 997.}

// smooth bounds the roughness of a decided difference relative to the slope.
const smooth = 1e-6

// differentiate returns the derivative at t = 0 of each component of f, the scale of
// which should be such that t = 1 is a change of the size of the arguments.
//
// On each rung h it compares the central differences c with steps h and 2h, and the two
// second differences s. On a smooth function |c₁−c₂| is O(h²) and |s₁−s₂|h is O(h³). A slope that
// jumps by j at distance d ≤ 2h makes at least one of them O(j): with x = d/h they are
// jx/4 and j|½−¾x| for x ≤ 1, j(½−x/4) both for x ≥ 1, and the error of the
// fourth-order difference (4c₁−c₂)/3 is at most three times the larger. A jump of f
// itself makes them O(1/h). What rounding does to f is measured, by second differences with steps of a few units in the
// last place: where large numbers cancel on the way it is far more than f lets expect.
func differentiate(f func(t float64) []float64) differences { return differentiateAbove(nil, false, f) }

// differentiateAbove is differentiate for a function whose components are known to be rounded by floor. Where apart is true the components have nothing to
// do with each other, and each is decided by its own size alone.
func differentiateAbove(floor []float64, apart bool, f func(t float64) []float64) differences {
	f0 := f(0)
	n := len(f0)
	d := differences{make([]float64, n), make([]float64, n), make([]bool, n)}
	rough := make([]float64, n)
	jitter := make([]float64, n)
	copy(jitter, floor)
	for k := range 3 {
		a, b := f(float64(k+1)*0x1p-49), f(-float64(k+1)*0x1p-49)
		for i := range n {
			jitter[i] = max(jitter[i], math.Abs(a[i]-2*f0[i]+b[i]))
		}
	}
	for i := range n { // what rounding may do to a difference, times its step
		jitter[i] = 4 * jitter[i]
	}
	for _, h := range steps {
		a, b, a2, b2 := f(h), f(-h), f(2*h), f(-2*h)
		sizes := make([]float64, 0, n)
		for i := range n {
			if d.decided[i] {
				sizes = append(sizes, math.Abs(d.slope[i]))
				continue
			}
			c1, c2 := (a[i]-b[i])/(2*h), (a2[i]-b2[i])/(4*h)
			s1, s2 := (a[i]-2*f0[i]+b[i])/h, (a2[i]-2*f0[i]+b2[i])/(4*h)
			d.slope[i] = (4*c1 - c2) / 3
			rough[i] = 3 * max(math.Abs(c1-c2), math.Abs(s1-s2))
			noise := (0x1p-48*max(math.Abs(f0[i]), math.Abs(a2[i]), math.Abs(b2[i])) + jitter[i]) / h
			d.err[i] = rough[i] + noise
			sizes = append(sizes, math.Abs(d.slope[i]))
		}
		slices.Sort(sizes)
		all := true
		var now []int
		for i := range n {
			size := max(math.Abs(d.slope[i]), sizes[n/2])
			if apart {
				size = math.Abs(d.slope[i])
			}
			// Zero on all five points is a slope of zero.
			if !d.decided[i] && (d.err[i] <= smooth*size || d.err[i] == 0) {
				now = append(now, i)
				d.decided[i] = true
			}
		}
		for _, part := range closer {
			if len(now) == 0 {
				break
			}
			k := part * h
			a, b := f(k), f(-k)
			for _, i := range now {
				noise := (0x1p-48*max(math.Abs(f0[i]), math.Abs(a[i])) + jitter[i]) / k
				d.decided[i] = d.decided[i] && math.Abs((a[i]-b[i])/(2*k)-d.slope[i]) <= d.err[i]+noise
			}
		}
		for i := range n {
			all = all && d.decided[i]
		}
		if all {
			break
		}
	}
	return d
}

// component is one of the differences.
func (d differences) component(i int) differences {
	return differences{d.slope[i : i+1], d.err[i : i+1], d.decided[i : i+1]}
}

// compare returns the largest gap between exact derivatives and differences beyond
// their own error, relative to their size (each component's own, at least the median), and
// how many components could be compared.
func (d differences) compare(exact []float64) (gap float64, decided int) {
	if len(exact) == 0 {
		return 0, 0
	}
	sizes := make([]float64, len(exact))
	for i := range exact {
		sizes[i] = max(math.Abs(exact[i]), math.Abs(d.slope[i]))
	}
	order := slices.Clone(sizes)
	slices.Sort(order)
	for i, x := range exact {
		if !d.decided[i] {
			continue
		}
		decided++
		if diff := math.Abs(x-d.slope[i]) - d.err[i]; diff > 0 || math.IsNaN(diff) {
			gap = max(gap, diff/max(sizes[i], order[len(order)/2]))
		}
	}
	return gap, decided
}
