package vec

import "math"

// The fronts that choose among kernels by a kind. Like those that gen writes, they return false
// where there is no kernel.

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
	q[0], q[1], q[2], q[3] = T(p.Shift), T(p.Slope), T(p.Scale), T(p.Eps)
	q[4], q[5], q[6], q[7] = T(p.Origin), T(p.Origin1), T(dead), T(least)
}

func kRadial[T Float](p *Profile, y, l, l1, x *T, odd *int, d, n, ld int) bool {
	var q [8]T
	parameters(&q, p)
	if l1 == nil {
		l1 = l // λ is stored after λ′/r
	}
	switch p.Kind {
	case ReLU:
		return kRadialReLU(&q[0], y, l, l1, x, odd, d, n, ld)
	case LeakyReLU:
		return kRadialLeakyReLU(&q[0], y, l, l1, x, odd, d, n, ld)
	case StepReLU:
		if p.Shift == 0 {
			return kRadialStepReLU0(&q[0], y, l, l1, x, odd, d, n, ld)
		}
		return kRadialStepReLU(&q[0], y, l, l1, x, odd, d, n, ld)
	case Sigmoid:
		if p.Shift == 0 {
			return kRadialSigmoid0(&q[0], y, l, l1, x, odd, d, n, ld)
		}
		return kRadialSigmoid(&q[0], y, l, l1, x, odd, d, n, ld)
	case Softplus:
		return kRadialSoftplus(&q[0], y, l, l1, x, odd, d, n, ld)
	case Tanh:
		return kRadialTanh(&q[0], y, l, l1, x, odd, d, n, ld)
	case Squash:
		return kRadialSquash(&q[0], y, l, l1, x, odd, d, n, ld)
	case SiLU:
		return kRadialSiLU(&q[0], y, l, l1, x, odd, d, n, ld)
	case GELU:
		return kRadialGELU(&q[0], y, l, l1, x, odd, d, n, ld)
	case RMS:
		return kRadialRMS(&q[0], y, l, l1, x, odd, d, n, ld)
	case Arctan:
		return kRadialArctan(&q[0], y, l, l1, x, odd, d, n, ld)
	case Unit:
		return kRadialUnit(&q[0], y, l, l1, x, odd, d, n, ld)
	case Square:
		return kRadialSquare(&q[0], y, l, l1, x, odd, d, n, ld)
	}
	return false
}

func kProfiles[T Float](p *Profile, l, l1, r *T, odd *int, n int) bool {
	var q [8]T
	parameters(&q, p)
	if l1 == nil {
		l1 = l
	}
	switch p.Kind {
	case ReLU:
		return kProfilesReLU(&q[0], l, l1, r, odd, n)
	case LeakyReLU:
		return kProfilesLeakyReLU(&q[0], l, l1, r, odd, n)
	case StepReLU:
		if p.Shift == 0 {
			return kProfilesStepReLU0(&q[0], l, l1, r, odd, n)
		}
		return kProfilesStepReLU(&q[0], l, l1, r, odd, n)
	case Sigmoid:
		if p.Shift == 0 {
			return kProfilesSigmoid0(&q[0], l, l1, r, odd, n)
		}
		return kProfilesSigmoid(&q[0], l, l1, r, odd, n)
	case Softplus:
		return kProfilesSoftplus(&q[0], l, l1, r, odd, n)
	case Tanh:
		return kProfilesTanh(&q[0], l, l1, r, odd, n)
	case Squash:
		return kProfilesSquash(&q[0], l, l1, r, odd, n)
	case SiLU:
		return kProfilesSiLU(&q[0], l, l1, r, odd, n)
	case GELU:
		return kProfilesGELU(&q[0], l, l1, r, odd, n)
	case RMS:
		return kProfilesRMS(&q[0], l, l1, r, odd, n)
	case Arctan:
		return kProfilesArctan(&q[0], l, l1, r, odd, n)
	case Unit:
		return kProfilesUnit(&q[0], l, l1, r, odd, n)
	case Square:
		return kProfilesSquare(&q[0], l, l1, r, odd, n)
	}
	return false
}

func kPointwise[T Float](m Map, slope float64, y, z *T, n int) bool {
	s := T(slope)
	switch m {
	case MapReLU:
		return kValueReLU(&s, y, z, n)
	case MapLeaky:
		return kValueLeaky(&s, y, z, n)
	case MapAbs:
		return kValueAbs(&s, y, z, n)
	case MapSquare:
		return kValueSquare(&s, y, z, n)
	case MapTanh:
		return kValueTanh(&s, y, z, n)
	case MapSigmoid:
		return kValueSigmoid(&s, y, z, n)
	case MapSoftplus:
		return kValueSoftplus(&s, y, z, n)
	case MapSiLU:
		return kValueSiLU(&s, y, z, n)
	case MapGELU:
		return kValueGELU(&s, y, z, n)
	case MapArctan:
		return kValueArctan(&s, y, z, n)
	case MapELU:
		return kValueELU(&s, y, z, n)
	}
	return false
}

func kPointwiseVJP[T Float](m Map, slope float64, d, g, a *T, n int) bool {
	s := T(slope)
	switch m {
	case MapReLU:
		return kVjpReLU(&s, d, g, a, n)
	case MapLeaky:
		return kVjpLeaky(&s, d, g, a, n)
	case MapAbs:
		return kVjpAbs(&s, d, g, a, n)
	case MapSquare:
		return kVjpSquare(&s, d, g, a, n)
	case MapTanh, MapSigmoid:
		return kProduct(d, g, a, n)
	case MapSoftplus:
		return kVjpSoftplus(&s, d, g, a, n)
	case MapSiLU:
		return kVjpSiLU(&s, d, g, a, n)
	case MapGELU:
		return kVjpGELU(&s, d, g, a, n)
	case MapArctan:
		return kVjpArctan(&s, d, g, a, n)
	case MapELU:
		return kVjpELU(&s, d, g, a, n)
	}
	return false
}

func kPointwiseSlope[T Float](m Map, y, s, z *T, n int) bool {
	if m == MapSigmoid {
		return kSlopeSigmoid(y, s, z, n)
	}
	return kSlopeTanh(y, s, z, n)
}
