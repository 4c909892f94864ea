package vec

import "math"

// SumSquares stores s_j = Σ_i x_ij², summed in double precision. x is d×n.
func SumSquares[T Float](s []float64, x []T, d, n, ld int) {
	check("SumSquares", len(x), len(s), d, n, ld)
	if d == 0 || n == 0 || !kSumSquares(at(s), at(x), d, n, ld) {
		oracleSumSquares(s, x, d, n, ld)
	}
}

// Norms stores r_j = |x_j|, which neither overflows nor underflows on the way. x is d×n.
func Norms[T Float](r, x []T, d, n, ld int) {
	check("Norms", len(x), len(r), d, n, ld)
	if d == 0 || n == 0 {
		clear(r[:n])
		return
	}
	var odd int
	if !kNorms(at(r), at(x), &odd, d, n, ld) {
		odd = oracleNorms(r, x, d, n, ld)
	}
	if odd != 0 {
		safeNorms(r, x, d, n, ld)
	}
}

// safeNorms does the samples of double precision again whose sum of squares left the range in which
// it is accurate; single precision is summed in double and has none.
func safeNorms[T Float](r, x []T, d, n, ld int) {
	const lo, hi = 1e-140, 1e140
	for j, v := range r[:n] {
		if w := float64(v); w > lo && w < hi {
			continue
		}
		var m float64
		for i := range d {
			m = max(m, math.Abs(float64(x[i*ld+j]))) // max keeps a NaN
		}
		if m == 0 || math.IsNaN(m) || math.IsInf(m, 1) {
			r[j] = T(m)
			continue
		}
		_, e := math.Frexp(m)
		var s float64
		for i := range d {
			v := math.Ldexp(float64(x[i*ld+j]), -e)
			s += v * v
		}
		r[j] = T(math.Ldexp(math.Sqrt(s), e))
	}
}

// RowDots stores p_j = Σ_i x_ij y_ij. x and y are d×n.
func RowDots[T Float](p, x, y []T, d, n, ld int) {
	check("RowDots", min(len(x), len(y)), len(p), d, n, ld)
	if d == 0 || n == 0 || !kRowDots(at(p), at(x), at(y), d, n, ld) {
		oracleRowDots(p, x, y, d, n, ld)
	}
}

// ScaleRows stores y_ij = l_j x_ij. x and y are d×n; y may be x.
func ScaleRows[T Float](y, x, l []T, d, n, ld int) {
	check("ScaleRows", min(len(x), len(y)), len(l), d, n, ld)
	if d == 0 || n == 0 || !kScaleRows(at(y), at(x), at(l), d, n, ld) {
		oracleScaleRows(y, x, l, d, n, ld)
	}
}

// Combine stores y_ij = a_j g_ij + b_j v_ij. y, g and v are d×n; y may be g or v.
func Combine[T Float](y, g, v, a, b []T, d, n, ld int) {
	check("Combine", min(len(y), len(g), len(v)), min(len(a), len(b)), d, n, ld)
	if d == 0 || n == 0 || !kCombine(at(y), at(g), at(v), at(a), at(b), d, n, ld) {
		oracleCombine(y, g, v, a, b, d, n, ld)
	}
}

// FillRows stores y_ij = b_i. y is d×n and b has length d.
func FillRows[T Float](y, b []T, d, n, ld int) {
	check("FillRows", len(y), n, d, n, ld)
	if len(b) < d {
		fail("FillRows", len(b), d, n, ld)
	}
	if d == 0 || n == 0 || !kFillRows(at(y), at(b), d, n, ld) {
		oracleFillRows(y, b, d, n, ld)
	}
}

// AddBias adds b_i to y_ij. y is d×n and b has length d.
func AddBias[T Float](y, b []T, d, n, ld int) {
	check("AddBias", len(y), n, d, n, ld)
	if len(b) < d {
		fail("AddBias", len(b), d, n, ld)
	}
	if d == 0 || n == 0 || !kAddBias(at(y), at(b), d, n, ld) {
		oracleAddBias(y, b, d, n, ld)
	}
}

// RowSums stores out_i = Σ_j x_ij. x is d×n and out has length d. The sum has one order
// at every level: Lanes partial sums of every Lanes-th number, which are then halved by adding
// the upper half to the lower one.
func RowSums[T Float](out, x []T, d, n, ld int) {
	check("RowSums", len(x), n, d, n, ld)
	if len(out) < d {
		fail("RowSums", len(out), d, n, ld)
	}
	if d == 0 || n == 0 || !kRowSums(at(out), at(x), d, n, ld) {
		oracleRowSums(out, x, d, n, ld)
	}
}
