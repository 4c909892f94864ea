package vec

// Map names a scalar function h that is applied to each number of a block: one that the record of package scalar says to have
// kernels. Pointwise is within 2 ulp of the exact value in either precision, or within the Units of the record, while eˣ and
// Φ(x) are normal numbers.
type Map int

// Pointwise stores y_k = h(z_k). The slices have one length, a multiple of Lanes; y may be z.
// c is the constant of h, the slope of MapLeaky. Where z_k is infinite or NaN, y_k is not finite, whatever the limit of h: an infinity is
// the overflow of a sum, which must not come out of a saturating function as a number like others.
func Pointwise[T Float](m Map, c float64, y, z []T) {
	n := same("Pointwise", y, z)
	one("Pointwise", "map", int(m), int(maps))
	if n == 0 || !kPointwise(m, c, at(y), at(z), n) {
		oraclePointwise(m, c, y, z)
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
func PointwiseVJP[T Float](m Map, c float64, d, g, z, s []T) {
	n := same("PointwiseVJP", d, g)
	one("PointwiseVJP", "map", int(m), int(maps))
	a := z
	if m.KeepsSlope() {
		a = s
	}
	if len(a) != n {
		fail("PointwiseVJP", len(a), 1, n, n)
	}
	if n == 0 || !kPointwiseVJP(m, c, at(d), at(g), at(a), n) {
		oraclePointwiseVJP(m, c, d, g, a)
	}
}

// KeepsSlope reports whether the derivative is kept by [PointwiseSlope], which has most of it at hand, and not computed again
// from z. From the value y, as 1 − y² or y(1 − y), it would have no digits in saturation.
func (m Map) KeepsSlope() bool { return entries[m].KeepsSlope }

// Rectifies reports whether h is max(0, x), whose value tells its derivative.
func (m Map) Rectifies() bool { return entries[m].Rectifies }
