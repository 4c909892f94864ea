package vec

import "math"

// The functions of loss.go in plain Go.

func oracleSquaredError[T Float](delta, y, t []T, c float64, m, d, n, ld int) float64 {
	var s [Lanes]float64
	for i := range d {
		for j := range n {
			k := i*ld + j
			if j >= m {
				delta[k] = 0
				continue
			}
			r := y[k] - t[k]
			s[j%Lanes] += float64(r) * float64(r)
			delta[k] = T(2*c) * r
		}
	}
	return halve(&s)
}

func oracleSoftmaxCE[T Float](delta, y, t []T, c float64, m, d, n, ld int) float64 {
	return oracleSoftmax(delta, y, func(i, j int) T { return t[i*ld+j] }, c, m, d, n, ld)
}

// oracleSoftmax takes the targets from t.
func oracleSoftmax[T Float](delta, y []T, t func(i, j int) T, c float64, m, d, n, ld int) float64 {
	var s [Lanes]float64
	for j := range n {
		if j >= m {
			for i := range d {
				delta[i*ld+j] = 0
			}
			continue
		}
		top := math.Inf(-1)
		for i := range d {
			top = max(top, float64(y[i*ld+j]))
		}
		var others, dot float64 // Σ exp(y_ij − max) − 1
		first := true
		for i := range d {
			k := i*ld + j
			u := float64(y[k]) - top
			if u == 0 && first {
				first = false
			} else {
				others += math.Exp(u)
			}
			if p := t(i, j); p != 0 {
				dot += float64(p) * u
			}
		}
		s[j%Lanes] += math.Log1p(others) - dot
		for i := range d {
			k := i*ld + j
			p := float64(t(i, j))
			delta[k] = T(c * ((math.Exp(float64(y[k])-top) - p - p*others) / (1 + others))) // e/z − p would cancel
		}
	}
	return halve(&s)
}
