package vec

// Exp stores y_j = e^{x_j}, within 1 ulp in either precision, denormal results included. The
// slices have one length, a multiple of Lanes; y may be x.
func Exp[T Float](y, x []T) {
	n := same("Exp", y, x)
	if n == 0 || !kExp(at(y), at(x), n) {
		oracleExp(y, x)
	}
}

// same returns the one length of y and x.
func same[T Float](op string, y, x []T) int {
	n := len(x)
	if len(y) != n || n%Lanes != 0 {
		fail(op, len(y), 1, n, n)
	}
	return n
}
