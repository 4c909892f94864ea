package vec

import "math"

// Map names a scalar function h that is applied to each number of a block.
type Map int

// The maps with kernels. Pointwise is within 2 ulp of the exact value in either precision, within 4 for MapSiLU and 6 for
// MapGELU while eˣ and Φ(x) are normal numbers.
const (
	MapReLU     Map = iota // x for x > 0, else 0
	MapLeaky               // x for x > 0, else slope·x
	MapAbs                 // |x|, with derivative −1 for x < 0, else 1
	MapSquare              // x²
	MapTanh                // tanh x
	MapSigmoid             // 1/(1+e^{−x})
	MapSoftplus            // log(1+eˣ)
	MapSiLU                // x/(1+e^{−x})
	MapGELU                // xΦ(x), Φ the normal distribution function
	MapArctan              // atan x
	MapELU                 // x for x > 0, else eˣ−1
	maps
)

// Pointwise stores y_k = h(z_k). The slices have one length, a multiple of Lanes; y may be z.
// slope is that of MapLeaky. Where z_k is infinite or NaN, y_k is not finite, whatever the limit of h: an infinity is
// the overflow of a sum, which must not come out of a saturating function as a number like others.
func Pointwise[T Float](m Map, slope float64, y, z []T) {
	n := same("Pointwise", y, z)
	one("Pointwise", "map", int(m), int(maps))
	if n == 0 || !kPointwise(m, slope, at(y), at(z), n) {
		oraclePointwise(m, slope, y, z)
	}
}

// PointwiseSlope is [Pointwise] for a map that keeps its slope, and stores s_k = h′(z_k) besides, within 4 ulp. s may be z,
// and must not be y.
func PointwiseSlope[T Float](m Map, y, s, z []T) {
	n := same("PointwiseSlope", y, z)
	if len(s) != n {
		fail("PointwiseSlope", len(s), 1, n, n)
	}
	if !m.KeepsSlope() {
		panic(&ValueError{"PointwiseSlope", "map that keeps its slope", int(m), int(maps)})
	}
	if n == 0 || !kPointwiseSlope(m, at(y), at(s), at(z), n) {
		oraclePointwiseSlope(m, y, s, z)
	}
}

// PointwiseVJP stores d_k = h′(z_k) g_k, with the convention of layers at a kink. A map that keeps its slope reads s alone,
// which PointwiseSlope stored, and z may be nil; all others read z alone, and s may be nil. d may be any of the others.
func PointwiseVJP[T Float](m Map, slope float64, d, g, z, s []T) {
	n := same("PointwiseVJP", d, g)
	one("PointwiseVJP", "map", int(m), int(maps))
	a := z
	if m.KeepsSlope() {
		a = s
	}
	if len(a) != n {
		fail("PointwiseVJP", len(a), 1, n, n)
	}
	if n == 0 || !kPointwiseVJP(m, slope, at(d), at(g), at(a), n) {
		oraclePointwiseVJP(m, slope, d, g, a)
	}
}

// KeepsSlope reports whether the derivative is kept by [PointwiseSlope], which has most of it at hand, and not computed again
// from z. From the value y, as 1 − y² or y(1 − y), it would have no digits in saturation.
func (m Map) KeepsSlope() bool { return m == MapTanh || m == MapSigmoid }

// value returns h(x), and a number that is not finite where x is not.
func (m Map) value(x, slope float64) float64 { return m.function(x, slope) + 0*x }

func (m Map) function(x, slope float64) float64 {
	switch m {
	case MapReLU, MapLeaky:
		switch {
		case x > 0 || x != x:
			return x
		case m == MapReLU:
			return 0
		}
		return slope * x
	case MapAbs:
		return math.Abs(x)
	case MapSquare:
		return x * x
	case MapTanh:
		return math.Tanh(x)
	case MapSigmoid:
		return sigmoid(x)
	case MapSoftplus:
		return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
	case MapSiLU:
		return times(x, sigmoid(x))
	case MapGELU:
		return times(x, normalCDF(x))
	case MapArctan:
		return math.Atan(x)
	}
	if x > 0 {
		return x
	}
	return math.Expm1(x)
}

// slope returns h′(x).
func (m Map) slope(x, slope float64) float64 {
	switch m {
	case MapReLU, MapLeaky:
		switch {
		case x > 0:
			return 1
		case m == MapReLU:
			return 0
		}
		return slope
	case MapAbs:
		if x < 0 {
			return -1
		}
		return 1
	case MapSquare:
		return 2 * x
	case MapTanh:
		return tanhSlope(x)
	case MapSigmoid:
		return sigmoidSlope(x)
	case MapSoftplus:
		return sigmoid(x)
	case MapSiLU:
		return sigmoid(x) + times(x, sigmoidSlope(x))
	case MapGELU:
		return normalCDF(x) + times(x, normalPDF(x))
	case MapArctan:
		return 1 / (1 + x*x)
	}
	if x > 0 {
		return 1
	}
	return math.Exp(x)
}

// times is x·y with 0 for ±∞·0: the limit where y vanishes faster than x grows.
func times(x, y float64) float64 {
	if y == 0 {
		return 0
	}
	return x * y
}
