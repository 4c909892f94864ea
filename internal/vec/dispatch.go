package vec

import "math"

// parameters stores the constants of a profile as its kernel reads them, the last one the square of a norm that is
// safely above Dead and MinNorm. It fills q in place: a copy would wait for what was just stored.
func parameters[T Float](q *[8]T, p *Profile) {
	dead, least, from := math.NaN(), MinNorm64*MinNorm64, MinNorm64 // nothing is ≤ NaN
	if !wide[T]() {
		least, from = MinNorm32*MinNorm32, MinNorm32
	}
	if p.Dead >= from { // a smaller zone lies among the samples that are left to the caller
		dead = p.Dead
		least = max(least, dead*dead*1.001)
	}
	q[0], q[1], q[2] = T(p.Shift), T(p.Params[0]), T(p.Params[1])
	q[3], q[4], q[5], q[6] = T(p.Origin), T(p.Origin1), T(dead), T(least)
}
