package blas

import "unsafe"

// Affine computes C = bias·1ᵀ + A·B, operands as in Gemm, bias of length m: the layer of a network on a batch that
// lies along the rows of B. Each sum begins with bias[i] in place of 0.
func Affine[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, bias []T, c []T, ldc int) {
	ready := fit(m, n, k, len(a), ars, acs, len(b), ldb, len(c), ldc) || checkGemm("Affine", m, n, k, a, ars, acs, b, ldb, c, ldc)
	if len(bias) != m {
		panic(&ShapeError{"Affine", m, n, k, "bias", 1, len(bias), m})
	}
	if ready && (registered.Load() == nil || m*n*k < crossover[level].gemm(unsafe.Sizeof(c[0]))) {
		gemm(m, n, k, a, ars, acs, b, ldb, false, &bias[0], c, ldc)
		return
	}
	if n == 0 {
		return
	}
	for i, v := range bias {
		y := c[i*ldc:][:n]
		for j := range y {
			y[j] = v
		}
	}
	if ready {
		Gemm(m, n, k, a, ars, acs, b, ldb, true, c, ldc)
	}
}
