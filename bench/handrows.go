package main

import (
	"math"

	"github.com/quivernet/quivernet/internal/blas"
)

// The row operations of the yardstick, on blocks of d×n numbers with rows at distance ld.

// fillRows stores y_ij = b_i.
func fillRows[T blas.Float](y, b []T, d, n, ld int) {
	for i := range d {
		row := y[i*ld:][:n]
		for j := range row {
			row[j] = b[i]
		}
	}
}

// rowSums stores out_i = Σ_j x_ij.
func rowSums[T blas.Float](out, x []T, d, n, ld int) {
	for i := range d {
		var s T
		for _, v := range x[i*ld:][:n] {
			s += v
		}
		out[i] = s
	}
}

// axpy adds a·x to y.
func axpy[T blas.Float](a float64, x []T, y []float64) {
	for i, v := range x {
		y[i] += a * float64(v)
	}
}

// radial stores y = λ(r)z with λ = σ(r)/r and r = |z|, by sample, and λ and λ′/r.
func radial[T blas.Float](y, l, l1, z []T, d, n, ld int) {
	l, l1 = l[:n], l1[:n]
	clear(l)
	for i := range d {
		for j, v := range z[i*ld:][:n] {
			l[j] += v * v
		}
	}
	for j, s := range l {
		r := math.Sqrt(float64(s))
		h := 1 / (1 + math.Exp(-r))
		lambda := h / r
		l[j], l1[j] = T(lambda), T((h*(1-h)-lambda)/(r*r))
	}
	for i := range d {
		out := y[i*ld:][:n]
		for j, v := range z[i*ld:][:n] {
			out[j] = l[j] * v
		}
	}
}

// radialVJP turns g into λg + (λ′/r)⟨z,g⟩z, by sample. l1 is used up.
func radialVJP[T blas.Float](g, z, l, l1 []T, d, n, ld int) {
	l, l1 = l[:n], l1[:n]
	var dots [blockSize]T
	dot := dots[:n]
	for i := range d {
		gi := g[i*ld:][:n]
		for j, v := range z[i*ld:][:n] {
			dot[j] += v * gi[j]
		}
	}
	for j := range dot {
		l1[j] *= dot[j]
	}
	for i := range d {
		gi := g[i*ld:][:n]
		for j, v := range z[i*ld:][:n] {
			gi[j] = l[j]*gi[j] + l1[j]*v
		}
	}
}

func relu[T blas.Float](y, z []T, d, n, ld int) {
	for i := range d {
		out := y[i*ld:][:n]
		for j, v := range z[i*ld:][:n] {
			out[j] = max(v, 0)
		}
	}
}

// reluVJP clears g where z is not positive.
func reluVJP[T blas.Float](g, z []T, d, n, ld int) {
	for i := range d {
		gi := g[i*ld:][:n]
		for j, v := range z[i*ld:][:n] {
			if !(v > 0) {
				gi[j] = 0
			}
		}
	}
}

// squaredError returns Σ(y−t)² over the first m samples and stores 2c(y−t) there, 0 after them. The rows of
// t are at distance ldt.
func squaredError[T blas.Float](delta, y, t []T, c float64, m, d, n, ld, ldt int) float64 {
	var sum float64
	for i := range d {
		out, yi, ti := delta[i*ld:][:n], y[i*ld:][:n], t[i*ldt:][:n]
		for j := range m {
			e := float64(yi[j] - ti[j])
			sum += e * e
			out[j] = T(2 * c * e)
		}
		clear(out[m:])
	}
	return sum
}

// softmaxCE returns the cross entropy of softmax(y) with t, summed over the first m samples, and
// stores c(softmax(y)−t) there, 0 after them.
func softmaxCE[T blas.Float](delta, y, t []T, c float64, m, d, n, ld, ldt int) float64 {
	var sum float64
	for j := range n {
		if j >= m {
			for i := range d {
				delta[i*ld+j] = 0
			}
			continue
		}
		top, z := math.Inf(-1), 0.0
		for i := range d {
			top = max(top, float64(y[i*ld+j]))
		}
		for i := range d {
			v := float64(y[i*ld+j]) - top
			z += math.Exp(v)
			sum -= float64(t[i*ldt+j]) * v
		}
		sum += math.Log(z)
		for i := range d {
			delta[i*ld+j] = T(c * (math.Exp(float64(y[i*ld+j])-top)/z - float64(t[i*ldt+j])))
		}
	}
	return sum
}
