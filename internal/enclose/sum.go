package enclose

import (
	"math"
	"math/big"

	"github.com/quivernet/quivernet/internal/linalg"
)

// Flow is a linear map W·x of all x of a box. W is the sum of some matrices, of which M is rounded; where Slack is not nil it
// bounds what M is off by, entry by entry.
type Flow struct {
	M      linalg.Matrix
	Slack  []float64
	Parts  []linalg.Matrix
	Lo, Hi []float64 // the box
}

// Product returns bounds of w·x for w within e of the given one and lo ≤ x ≤ hi, before the rounding
// of normal products; a product that underflows is rounded outward.
func Product(w, e, lo, hi float64) (least, most float64) {
	if e == 0 {
		if w < 0 {
			lo, hi = hi, lo
		}
		return productDown(w, lo), productUp(w, hi)
	}
	a, b := math.Nextafter(w-e, math.Inf(-1)), math.Nextafter(w+e, math.Inf(1))
	return min(productDown(a, lo), productDown(a, hi), productDown(b, lo), productDown(b, hi)), max(productUp(a, lo), productUp(a, hi), productUp(b, lo), productUp(b, hi))
}

// productDown and productUp return w·x, 0 where one is 0, moved outward where it underflows; the sign stays.
func productDown(w, x float64) float64 { return -productUp(-w, x) }

func productUp(w, x float64) float64 {
	if w == 0 || x == 0 {
		return 0
	}
	p := w * x
	if math.Abs(p) >= 0x1p-960 || math.IsNaN(p) {
		return p
	}
	if positive := (w > 0) == (x > 0); !positive {
		return min(0, p+math.SmallestNonzeroFloat64)
	}
	return p + math.SmallestNonzeroFloat64
}

// exactEnd returns the end of Σ W x at coordinate i on the side given (−1 or 1), rounded outward
// from the exact sum.
func exactEnd(flows []Flow, i int, side float64) float64 {
	sum := new(big.Float).SetPrec(4400) // more bits than lie between the ends of the range of squares
	p, w, f := new(big.Float).SetPrec(2300), new(big.Float).SetPrec(2200), new(big.Float)
	for _, flow := range flows {
		for j := range flow.M.Cols {
			w.SetFloat64(0)
			for _, m := range flow.Parts {
				w.Add(w, f.SetFloat64(m.Data[i*m.Cols+j]))
			}
			x := flow.Hi[j]
			if side*float64(w.Sign()) < 0 {
				x = flow.Lo[j]
			}
			if w.Sign() != 0 && x != 0 {
				sum.Add(sum, p.Mul(w, f.SetFloat64(x)))
			}
		}
	}
	y, acc := sum.Float64()
	if float64(acc)*side < 0 { // rounded inward
		y = math.Nextafter(y, math.Inf(int(side)))
	}
	return y
}

// Sum returns bounds of Σ W x at coordinate i. The error of a rounded sum of n products is at
// most n·ε times the sum of their absolute values; a sum without negative terms is not below 0.
func Sum(flows []Flow, i int) (lo, hi float64) {
	var below, above float64
	n := 2
	for _, f := range flows {
		xlo, xhi := f.Lo, f.Hi
		n += f.M.Cols
		for j, w := range f.M.Row(i) {
			var e float64
			if f.Slack != nil {
				e = f.Slack[i*f.M.Cols+j]
			}
			if w == 0 && e == 0 {
				continue
			}
			p, q := w*xlo[j], w*xhi[j]
			if w < 0 {
				p, q = q, p
			}
			if e != 0 || !(math.Abs(p) >= 0x1p-960 && math.Abs(q) >= 0x1p-960) {
				p, q = Product(w, e, xlo[j], xhi[j])
			}
			lo, hi = lo+p, hi+q
			below, above = below+math.Abs(p), above+math.Abs(q)
		}
	}
	err := float64(n) * 0x1p-52
	lo, hi = outward(flows, i, lo, err*below, -1), outward(flows, i, hi, err*above, 1)
	return lo, hi
}

// outward moves an end of a sum outward by its error; where that would cross 0, which many
// activations bend at, the end is computed exactly.
func outward(flows []Flow, i int, end, err, side float64) float64 {
	switch {
	case math.IsNaN(end) || math.IsInf(end, 0) || math.IsInf(err, 0):
		return math.Inf(int(side))
	case err == 0:
		return end
	case math.Abs(end) > err:
		return end + side*err
	}
	return exactEnd(flows, i, side)
}

// Join adds a matrix to W.
func (f *Flow) Join(m linalg.Matrix) {
	if len(f.Parts) == 1 {
		f.M, f.Slack = f.M.Clone(), make([]float64, len(f.M.Data))
	}
	f.Parts = append(f.Parts, m)
	for k, y := range m.Data {
		x := f.M.Data[k]
		sum := x + y
		back := sum - x
		if rest := (x - (sum - back)) + (y - back); rest != 0 {
			f.Slack[k] = (f.Slack[k] + math.Abs(rest)) * (1 + 0x1p-50)
		}
		f.M.Data[k] = sum
	}
}
