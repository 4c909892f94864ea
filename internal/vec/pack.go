package vec

// Pack stores m samples of d features, one row of x each with stride ldx, in the d×n block y with stride
// ld: y_ij = x_ji. The lanes j ≥ m are copies of the last sample, of zeros where there is none.
func Pack[T Float](y, x []T, m, d, ldx, n, ld int) {
	check("Pack", len(y), n, d, n, ld)
	checkRows("Pack", len(x), m, d, ldx, n)
	turn(y, x, m, d, ld, ldx)
	for i := range d {
		row := y[i*ld:][:n]
		var last T
		if m > 0 {
			last = row[m-1]
		}
		for j := m; j < n; j++ {
			row[j] = last
		}
	}
}

// Unpack stores the first m samples of the d×n block y with stride ld in the rows of x, which have stride ldx:
// x_ji = y_ij.
func Unpack[T Float](x, y []T, m, d, ldx, n, ld int) {
	check("Unpack", len(y), n, d, n, ld)
	checkRows("Unpack", len(x), m, d, ldx, n)
	turn(x, y, d, m, ldx, ld)
}

// checkRows panics unless x holds m ≤ n rows of d numbers with stride ldx.
func checkRows(op string, x, m, d, ldx, n int) {
	if m < 0 || m > n || ldx < d || m > 0 && d > 0 && (x < d || (x-d)/ldx < m-1) {
		fail(op, x, d, m, ldx)
	}
}

// turn stores xᵀ in y; x is r×c. The kernel turns whole tiles, plain Go the rest.
func turn[T Float](y, x []T, r, c, ldy, ldx int) {
	k := 8
	if wide[T]() {
		k = 4
	}
	whole, cols := r-r%k, c-c%k
	if whole == 0 || cols == 0 || !kTranspose(at(y), at(x), whole, cols, ldy, ldx) {
		whole, cols = 0, 0
	}
	oracleTranspose(y, x, 0, whole, cols, c, ldy, ldx)
	oracleTranspose(y, x, whole, r, 0, c, ldy, ldx)
}
