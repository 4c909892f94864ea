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
// slope is that of MapLeaky.
func Pointwise[T Float](m Map, slope float64, y, z []T) {
	n := same("Pointwise", y, z)
	one("Pointwise", "map", int(m), int(maps))
	if n == 0 || !kPointwise(m, slope, at(y), at(z), n) {
		oraclePointwise(m, slope, y, z)
	}
}

// PointwiseVJP stores d_k = h′(z_k) g_k, with the convention of layers at a kink. y is what Pointwise stored for z:
// MapTanh and MapSigmoid read y and not z, which may then be nil; all others read z alone, and y may be nil. d may
// be any of the others.
func PointwiseVJP[T Float](m Map, slope float64, d, g, z, y []T) {
	n := same("PointwiseVJP", d, g)
	one("PointwiseVJP", "map", int(m), int(maps))
	a := z
	if m.FromValue() {
		a = y
	}
	if len(a) != n {
		fail("PointwiseVJP", len(a), 1, n, n)
	}
	if n == 0 || !kPointwiseVJP(m, slope, at(d), at(g), at(a), n) {
		oraclePointwiseVJP(m, slope, d, g, a)
	}
}

// FromValue reports whether the derivative is computed from the value y and not from z.
func (m Map) FromValue() bool { return m == MapTanh || m == MapSigmoid }

func (m Map) value(x, slope float64) float64 {
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

// slope returns h′(x), or h′ where h is x for a map with FromValue.
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
		return (1 - x) * (1 + x)
	case MapSigmoid:
		return x * (1 - x)
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
