package vec

// Narrow layers have at most NarrowMax features on either side. Their functions do in one pass what takes a product of
// matrices and several functions of this package otherwise: the numbers of a sample stay in registers, or where
// they were just written.

// NarrowMax is the largest number of rows of a narrow block.
const NarrowMax = 8

// nothing is the bias of a layer without one.
var nothing [NarrowMax]float64

// Layer stores z_ij = b_i + w_i0 x_0j + w_i1 x_1j + …, summed in this order, each step rounded once where the level has
// kernels: the bits of [FillRows] and a product that adds to it. w is r×c, row-major, without gaps, x is c×n and z is
// r×n, which must not overlap it. b has length r or is nil for zeros. r is at most NarrowMax, c any number.
func Layer[T Float](z, w, b, x []T, r, c, n, ld int) {
	checkLayer("Layer", len(z), n, len(x), len(w), b, r, c, n, ld)
	if r == 0 || n == 0 || c == 0 || !kAffine(at(z), at(w), bias(b), at(x), r, c, n, ld) {
		oracleLayer(z, w, b, x, r, c, n, ld)
	}
}

// RadialLayer is [Layer] followed by [Radial]: it stores z = b + w·x and what Radial stores for z, y_ij = λ(|z_j|) z_ij,
// l_j and, unless it is nil, l1_j, and returns how many samples are odd; of those l_j and l1_j are NaN and y_j is z_j. The
// bits are those of the two. z and y are r×n, and z may be y where it is not wanted.
func RadialLayer[T Float](p *Profile, z, y, l, l1, w, b, x []T, r, c, n, ld int) (odd int) {
	m := len(l)
	if l1 != nil {
		m = min(m, len(l1))
	}
	checkLayer("RadialLayer", min(len(z), len(y)), m, len(x), len(w), b, r, c, n, ld)
	p.check("RadialLayer")
	if r == 0 || n == 0 || c == 0 || !kRadialLayer(p, at(z), at(y), at(l), at(l1), at(w), bias(b), at(x), &odd, r, c, n, ld) {
		oracleLayer(z, w, b, x, r, c, n, ld)
		return Radial(p, y, l, l1, z, r, n, ld)
	}
	if odd != 0 {
		odd = countNaN(l[:n])
	}
	return odd
}

// RadialBack stores d = Dρ(z)ᵀwᵀe, the gradient e of what an arrow ends in, taken back to before the activation of what it
// begins in: with g = wᵀe, d_ij = l_j g_ij + l1_j ⟨z_j, g_j⟩ z_ij, l and l1 from [RadialLayer]. The bits are those of a product
// that starts from zeros followed by [RadialVJP]. w is r×c, row-major, without gaps, e is r×n, z and d are c×n. d must not
// overlap e, but may be z. c is at most NarrowMax, r any number.
func RadialBack[T Float](d, w, e, z, l, l1 []T, r, c, n, ld int) {
	const op = "RadialBack"
	one(op, "narrow width", c, NarrowMax+1)
	check(op, min(len(d), len(z)), min(len(l), len(l1)), c, n, ld)
	check(op, len(e), n, r, n, ld)
	checkWeights(op, len(w), r, c, n, ld)
	if c == 0 || n == 0 {
		return
	}
	if r == 0 || !kRadialBack(at(d), at(w), at(e), at(z), at(l), at(l1), r, c, n, ld) {
		oracleRadialBack(d, w, e, z, l, l1, r, c, n, ld)
	}
}

// LayerGrad stores gw_ik = Σ_j e_ij x_kj and, unless gb is nil, gb_i = Σ_j e_ij: the gradient of the weights and the bias of
// z = b + w·x, e that of z. The order of each sum depends on n and the level alone. e is r×n, x is c×n, gw is r×c,
// row-major, without gaps. r and c are at most NarrowMax.
func LayerGrad[T Float](gw, gb, e, x []T, r, c, n, ld int) {
	const op = "LayerGrad"
	one(op, "narrow width", r, NarrowMax+1)
	one(op, "narrow width", c, NarrowMax+1)
	check(op, len(e), n, r, n, ld)
	check(op, len(x), n, c, n, ld)
	checkWeights(op, len(gw), r, c, n, ld)
	if gb != nil && len(gb) < r {
		fail(op, len(gb), r, n, ld)
	}
	if r == 0 || c == 0 || n == 0 || !tiledGrad(gw, gb, e, x, r, c, n, ld) {
		oracleLayerGrad(gw, gb, e, x, r, c, n, ld)
	}
}

// tiledGrad is LayerGrad with a kernel, for as many rows and columns at a time as it has registers for.
func tiledGrad[T Float](gw, gb, e, x []T, r, c, n, ld int) bool {
	var unwanted [NarrowMax]T
	if gb == nil {
		gb = unwanted[:]
	}
	rows, columns := gradTile()
	for i := 0; i < r; {
		h := part(r-i, rows)
		for k := 0; k < c; {
			v := part(c-k, columns)
			if !kLayerGrad(&gw[i*c+k], &gb[i], &e[i*ld], &x[k*ld], h, v, c, n, ld) {
				return false
			}
			k += v
		}
		i += h
	}
	return true
}

// part is the first of the nearly equal parts, as few as can be, of n that are at most most.
func part(n, most int) int {
	k := (n + most - 1) / most
	return (n + k - 1) / k
}

func bias[T Float](b []T) *T {
	if b == nil {
		return (*T)(zeros())
	}
	return at(b)
}

// checkLayer panics unless w is r×c, x is c×n, the blocks of length block are r×n, and the vectors of length vector hold n.
func checkLayer[T Float](op string, block, vector, x, w int, b []T, r, c, n, ld int) {
	one(op, "narrow width", r, NarrowMax+1)
	check(op, block, vector, r, n, ld)
	check(op, x, n, c, n, ld)
	checkWeights(op, w, r, c, n, ld)
	if b != nil && len(b) < r {
		fail(op, len(b), r, n, ld)
	}
}

// checkWeights panics unless there are r·c weights, one of r and c being at most NarrowMax.
func checkWeights(op string, w, r, c, n, ld int) {
	if r > 0 && w/r < c {
		fail(op, w, r, n, ld)
	}
}
