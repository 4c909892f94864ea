package vec

// Narrow layers have at most NarrowMax features on either side. Their functions do in one pass what takes a product of
// matrices and several functions of this package otherwise: the numbers of a sample stay in registers, or where
// they were just written. They panic with *[ShapeError] where a slice is too short, and with *[ValueError] where there are
// more than NarrowMax features.

// NarrowMax is the largest number of rows of a narrow block.
const NarrowMax = 8

// nothing is the bias of a layer without one.
var nothing [NarrowMax]float64

// Layer stores z_ij = b_i + w_i0 x_0j + w_i1 x_1j + …, summed in this order, each step rounded once where the level has
// kernels: the bits of [FillRows] and a product that adds to it. w is r×c, row-major, without gaps, x is c×n and z is
// r×n, which must not overlap it. b has length r or is nil for zeros. r is at most NarrowMax, c any number.
func Layer[T Float](z, w, b, x []T, r, c, n, ld int) {
	if r > NarrowMax || short(b, r) || !fits(len(z), len(x), n, len(w), r, c, n, ld) {
		checkLayer("Layer", len(z), n, len(x), len(w), b, r, c, n, ld)
	}
	product(z, w, b, x, r, c, n, ld)
}

// product is Layer without its checks.
func product[T Float](z, w, b, x []T, r, c, n, ld int) {
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
	if r > NarrowMax || short(b, r) || !fits(min(len(z), len(y)), len(x), m, len(w), r, c, n, ld) {
		checkLayer("RadialLayer", min(len(z), len(y)), m, len(x), len(w), b, r, c, n, ld)
	}
	p.check("RadialLayer")
	if r == 0 || n == 0 || c == 0 || !kRadialLayer(p, at(z), at(y), at(l), at(l1), at(w), bias(b), at(x), &odd, r, c, n, ld) {
		product(z, w, b, x, r, c, n, ld)
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
	if c > NarrowMax || !fits(len(e), min(len(d), len(z)), min(len(l), len(l1)), len(w), r, c, n, ld) {
		one("RadialBack", "narrow width", c, NarrowMax+1)
		checkNarrow("RadialBack", len(e), min(len(d), len(z)), min(len(l), len(l1)), len(w), r, c, n, ld)
	}
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
	if max(r, c) > NarrowMax || short(gb, r) || !fits(len(e), len(x), n, len(gw), r, c, n, ld) {
		one("LayerGrad", "narrow width", c, NarrowMax+1)
		checkLayer("LayerGrad", len(e), n, len(x), len(gw), gb, r, c, n, ld)
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
	rows, columns := gradTiles(c)
	for i := 0; i < r; {
		h := int(rows[r-i])
		for k := 0; k < c; {
			v := int(columns[c-k])
			if !kLayerGrad(&gw[i*c+k], &gb[i], &e[i*ld], &x[k*ld], h, v, c, n, ld) {
				return false
			}
			k += v
		}
		i += h
	}
	return true
}

// parts are the first of the parts, as few and as equal as can be, in which tiles of at most a size do what is left.
type parts [NarrowMax + 1]uint8

var (
	upTo2 = parts{0, 1, 2, 2, 2, 2, 2, 2, 2}
	upTo3 = parts{0, 1, 2, 3, 2, 3, 3, 3, 3}
	upTo4 = parts{0, 1, 2, 3, 4, 3, 3, 4, 4}
	upTo8 = parts{0, 1, 2, 3, 4, 5, 6, 7, 8}
)

func bias[T Float](b []T) *T {
	if b == nil {
		return (*T)(zeros())
	}
	return at(b)
}

// short reports whether there is a bias of fewer than r numbers.
func short[T Float](b []T, r int) bool { return b != nil && len(b) < r }

// fits reports whether blocks of length rows hold r×n numbers, those of length columns c×n, vectors n and weights r×c, and
// nothing is empty. It takes a fraction of the time of the checks, which look at what it does not like.
func fits(rows, columns, vector, weights, r, c, n, ld int) bool {
	return n%Lanes == 0 && n <= vector && n <= ld && min(r, c, n) > 0 && max(r, c, ld) < 1<<31-1 &&
		int64(r-1)*int64(ld)+int64(n) <= int64(rows) && int64(c-1)*int64(ld)+int64(n) <= int64(columns) &&
		int64(r)*int64(c) <= int64(weights)
}

// checkLayer panics unless r is narrow, b has r numbers where it is there, and the rest is as checkNarrow wants it.
func checkLayer[T Float](op string, rows, vector, columns, weights int, b []T, r, c, n, ld int) {
	one(op, "narrow width", r, NarrowMax+1)
	checkNarrow(op, rows, columns, vector, weights, r, c, n, ld)
	if short(b, r) {
		fail(op, len(b), r, n, ld)
	}
}

// checkNarrow panics unless everything is as long as fits wants it; it may be empty.
func checkNarrow(op string, rows, columns, vector, weights, r, c, n, ld int) {
	check(op, rows, vector, r, n, ld)
	check(op, columns, vector, c, n, ld)
	if exceeds(r, c, weights) {
		fail(op, weights, r, n, ld)
	}
}
