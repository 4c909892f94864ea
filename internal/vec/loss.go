package vec

// SquaredError returns Σ (y_ij − t_ij)² over the samples j < m, and stores δ_ij = 2c(y_ij − t_ij)
// there, 0 for j ≥ m. y, t and δ are d×n; δ may be y or t.
func SquaredError[T Float](delta, y, t []T, c float64, m, d, n, ld int) float64 {
	checkLoss("SquaredError", len(delta), len(y), len(t), m, d, n, ld)
	var sum float64
	if d == 0 || n == 0 {
		return 0
	}
	if c2 := T(2 * c); !kSquaredError(at(delta), at(y), at(t), &c2, &sum, m, d, n, ld) {
		return oracleSquaredError(delta, y, t, c, m, d, n, ld)
	}
	return sum
}

// SoftmaxCE returns the cross entropy of softmax(y) with t, summed over the samples j < m,
//
//	Σ_j [log Σ_i exp(y_ij − max_j) − Σ_i t_ij (y_ij − max_j)],
//
// and stores δ_ij = c(softmax(y)_ij − t_ij) there, 0 for j ≥ m. A masked logit, −∞ with t_ij = 0,
// costs nothing. y, t and δ are d×n; δ must be neither y nor t.
func SoftmaxCE[T Float](delta, y, t []T, c float64, m, d, n, ld int) float64 {
	checkLoss("SoftmaxCE", len(delta), len(y), len(t), m, d, n, ld)
	var sum float64
	if d == 0 || n == 0 {
		return 0
	}
	if c1 := T(c); !kSoftmaxCE(at(delta), at(y), at(t), &c1, &sum, m, d, n, ld) {
		return oracleSoftmaxCE(delta, y, t, c, m, d, n, ld)
	}
	return sum
}

// SoftmaxLabels is [SoftmaxCE] with t_ij = 1 where i is the label of sample j, else 0. labels has length n; those of
// samples j ≥ m do not matter, the others lie in 0…d−1.
func SoftmaxLabels[T Float](delta, y []T, labels []int32, c float64, m, d, n, ld int) float64 {
	checkLoss("SoftmaxLabels", len(delta), len(y), len(y), m, d, n, ld)
	if len(labels) < n {
		fail("SoftmaxLabels", len(labels), d, n, ld)
	}
	for _, k := range labels[:m] {
		one("SoftmaxLabels", "label", int(k), d)
	}
	var sum float64
	if d == 0 || n == 0 {
		return 0
	}
	if c1 := T(c); !kSoftmaxLabels(at(delta), at(y), at(labels), &c1, &sum, m, d, n, ld) {
		return oracleSoftmax(delta, y, func(i, j int) T {
			if int(labels[j]) == i {
				return 1
			}
			return 0
		}, c, m, d, n, ld)
	}
	return sum
}

func checkLoss(op string, delta, y, t, m, d, n, ld int) {
	check(op, min(delta, y, t), n, d, n, ld)
	if m < 0 || m > n {
		fail(op, m, d, n, ld)
	}
}
