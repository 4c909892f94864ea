package quiver

import "math/big"

// sumPrecision holds the sum of products of float64 to far below the last place of any of them: the
// largest product is below 2²⁰⁴⁸ and the smallest is 2⁻²¹⁴⁸.
const sumPrecision = 4400

// settle replaces what is not finite in a row of z_v = Σ x W_aᵀ, the row of sample s, by the sum of
// mathematics, rounded once: a sum of floating point numbers may overflow on the way to a finite
// value, in one order and not in another, and an activation that is bounded would make a finite and
// wrong value of it. Infinities that stand in the operands stay what they are.
func (w *Rep) settle(v, s int, z []float64, x [][]float64) {
	for i, y := range z {
		if y-y != 0 {
			z[i] = w.sum(v, s, i, x)
		}
	}
}

// sum returns coordinate i of z_v at sample s.
func (w *Rep) sum(v, s, i int, x [][]float64) float64 {
	var infinite float64 // sum of the infinite products
	total, p := new(big.Float).SetPrec(sumPrecision), new(big.Float).SetPrec(sumPrecision)
	a, b := new(big.Float), new(big.Float)
	for _, k := range w.q.in[v] {
		arrow := &w.q.arrows[k]
		row := w.flat(k)[i*arrow.Cols : (i+1)*arrow.Cols]
		for j, y := range x[arrow.Source][s*arrow.Cols : (s+1)*arrow.Cols] {
			switch m := row[j]; {
			case m-m != 0 || y-y != 0:
				infinite += m * y
			default:
				total.Add(total, p.Mul(a.SetFloat64(m), b.SetFloat64(y)))
			}
		}
	}
	if infinite != 0 { // or NaN
		return infinite
	}
	y, _ := total.Float64()
	return y
}
