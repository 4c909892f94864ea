package op

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestSaturatedSoftmax compares the cross entropy, its gradient and its second derivative with 400 bits, from even
// probabilities to nearly all of it at one class.
func TestSaturatedSoftmax(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0x50f7))
	worst, plain := 0.0, 0.0
	for _, z := range []float64{0, 1, 5, 20, 36, 40, 100, 600} {
		for range 20 {
			k := 2 + rng.IntN(6)
			y, u, p := make([]float64, k), make([]float64, k), make([]float64, k)
			for i := range y {
				y[i], u[i] = rng.NormFloat64(), rng.NormFloat64()
			}
			at := rng.IntN(k)
			y[at] += z
			p[at] = 1
			row := func(x []float64) Mat[float64] { return Mat[float64]{R: 1, C: k, Data: x} }
			one, diff, back := row(make([]float64, 1)), row(make([]float64, k)), row(make([]float64, k))
			one.C = 1
			crossEntropy(one, []Mat[float64]{row(y), row(p)}, nil)
			softmaxDifference(diff, []Mat[float64]{row(y), row(p)}, nil)
			softmaxDerivative(back, []Mat[float64]{row(y), row(u)}, nil)
			s := exactSoftmax(y)
			mean := precise(0)
			for i := range s {
				mean.Add(mean, precise(0).Mul(s[i], precise(u[i])))
			}
			for i := range s {
				wantDiff := precise(0).Sub(s[i], precise(p[i]))
				wantBack := precise(0).Mul(s[i], precise(0).Sub(precise(u[i]), mean))
				worst = max(worst, relativeTo(wantDiff, diff.Data[i]), relativeTo(wantBack, back.Data[i]))
				f, _ := s[i].Float64()
				plain = max(plain, relativeTo(wantDiff, f-p[i]))
			}
			// d/dy of the loss along u is ⟨softmax − p, u⟩: the loss itself is checked by its size, −log of the probability at the class
			assert.LessOrEqual(t, relativeTo(negativeLog(s[at]), one.Data[0]), 1e-14, "%v", y)
		}
	}
	assert.LessOrEqual(t, worst, 4e-13)
	assert.Greater(t, plain, 0.1, "the difference of rounded numbers is not accurate")
}

func precise(x float64) *big.Float { return new(big.Float).SetPrec(400).SetFloat64(x) }

func relativeTo(want *big.Float, got float64) float64 {
	d := precise(0).Sub(precise(got), want)
	if want.Sign() == 0 {
		x, _ := d.Float64()
		return x
	}
	x, _ := d.Quo(d, want).Float64()
	return max(x, -x)
}

// exactSoftmax is the softmax with exponentials from their series at y/2¹⁶, squared 16 times.
func exactSoftmax(y []float64) []*big.Float {
	s := make([]*big.Float, len(y))
	total := precise(0)
	for i, v := range y {
		x := precise(v)
		x.SetMantExp(x, -16)
		term, sum := precise(1), precise(1)
		for n := 1; n < 60; n++ {
			term.Mul(term, x)
			term.Quo(term, precise(float64(n)))
			sum.Add(sum, term)
		}
		for range 16 {
			sum.Mul(sum, sum)
		}
		s[i] = sum
		total.Add(total, sum)
	}
	for _, x := range s {
		x.Quo(x, total)
	}
	return s
}

// negativeLog is −log p as 2·artanh(q) with q = (1−p)/(1+p), summed until nothing is added.
func negativeLog(p *big.Float) *big.Float {
	q := precise(0).Quo(precise(0).Sub(precise(1), p), precise(0).Add(precise(1), p))
	square, power, sum := precise(0).Mul(q, q), precise(0).Set(q), precise(0)
	for n := 1; n < 40000; n += 2 {
		term := precise(0).Quo(power, precise(float64(n)))
		sum.Add(sum, term)
		if term.Sign() == 0 || term.MantExp(nil) < sum.MantExp(nil)-90 {
			break
		}
		power.Mul(power, square)
	}
	return sum.Add(sum, sum)
}
