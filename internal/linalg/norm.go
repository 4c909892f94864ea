package linalg

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// SpectralNorm returns an upper bound of the largest singular value of m: exact for
// inclusions and small matrices, else the lesser of the Frobenius norm and √(‖m‖₁‖m‖_∞).
func SpectralNorm(m mat.Matrix) float64 {
	r, c := m.Dims()
	if r == 0 || c == 0 {
		return 0
	}
	if in, ok := m.(quiver.Inclusion); ok {
		return float64(min(in.K, 1))
	}
	const small = 128
	if min(r, c) <= small && max(r, c) <= 8*small {
		var svd mat.SVD
		if svd.Factorize(m, mat.SVDNone) {
			return svd.Values(nil)[0] * (1 + 1e-12)
		}
	}
	return upperNorm(Entries(m), r, c)
}

// upperNorm bounds ‖M‖₂ of an r×c matrix in one pass: the smaller of the Frobenius norm and of
// √(‖M‖₁‖M‖∞), both with room for their rounding.
func upperNorm(m []float64, r, c int) float64 {
	columns := make([]float64, c)
	var squares, row float64
	for i := range r {
		x := m[i*c : (i+1)*c]
		var sum float64
		for j, v := range x {
			v = math.Abs(v)
			sum += v
			columns[j] += v
		}
		row = max(row, sum)
		squares += floats.Dot(x, x)
	}
	room := 1 + float64(r+c+16)*0x1p-52
	bound := math.Sqrt(row*slices.Max(columns)) * room
	if squares > 1e-280 && squares < 1e300 { // else it may have lost what matters
		bound = min(bound, math.Sqrt(squares)*(1+float64(r*c)*0x1p-53))
	}
	return bound
}

// FrobeniusNorm returns an upper bound of the Frobenius norm; +Inf where it overflows.
func FrobeniusNorm(g Matrix) float64 {
	var most, sum float64
	for _, x := range g.Data {
		most = max(most, math.Abs(x))
	}
	if !(most > 0) || math.IsInf(most, 1) { // 0, +Inf or NaN
		return most
	}
	for _, x := range g.Data {
		x /= most
		sum += x * x
	}
	return most * math.Sqrt(sum) * (1 + float64(len(g.Data)+16)*0x1p-52)
}

// Ratio returns a/b, 0 for 0/0.
func Ratio(a, b float64) float64 {
	if a == 0 {
		return 0
	}
	return a / b
}
