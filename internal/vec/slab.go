package vec

// Slabs are vectors of any length, such as all parameters of a network. Their kernels do the
// whole groups of Lanes numbers, plain Go the rest: the same bits at every level.

// Axpy adds a·x to y, in double precision, each product rounded before it is added. The slices
// have one length.
func Axpy[T Float](a float64, x []T, y []float64) {
	m := slab("Axpy", len(x), len(y))
	if m != 0 && kAxpy(&a, at(x), at(y), m) {
		x, y = x[m:], y[m:]
	}
	oracleAxpy(a, x, y)
}

// Add adds x to y. The slices have one length.
func Add[T Float](y, x []T) {
	m := slab("Add", len(x), len(y))
	if m != 0 && kAdd(at(y), at(x), m) {
		x, y = x[m:], y[m:]
	}
	oracleAdd(y, x)
}

// FirstBad returns the index of the first NaN or infinite number of x, −1 where all are finite.
func FirstBad[T Float](x []T) int {
	if m := len(x) - len(x)%Lanes; m != 0 {
		var bad int
		if kFirstBad(at(x), &bad, m) {
			if bad != 0 {
				return oracleFirstBad(x)
			}
			if i := oracleFirstBad(x[m:]); i >= 0 {
				return m + i
			}
			return -1
		}
	}
	return oracleFirstBad(x)
}

// slab returns the largest multiple of Lanes in the one length.
func slab(op string, x, y int) int {
	if x != y {
		fail(op, y, 1, x, x)
	}
	return x - x%Lanes
}
