package scalar

import (
	"fmt"
	"math"
)

// RMS returns x/√(x²/d + ε), the function of RMSNorm. It takes d > 0 and a finite ε ≥ 0.
func RMS(d int, eps float64) *Function {
	n := float64(d)
	root := func(x float64) float64 { return math.Hypot(x/math.Sqrt(n), math.Sqrt(eps)) }
	h := &Function{
		Name: "rms", Constants: []float64{n, eps}, Text: fmt.Sprintf("rms(%d,%s)", d, Number(eps)),
		value: func(x float64) float64 {
			switch {
			case x == 0:
				return 0
			case math.IsInf(x, 0): // a norm that overflowed
				return math.Copysign(math.Sqrt(n), x)
			}
			return x / root(x)
		},
		slope: func(x float64) float64 {
			q := root(x)
			return eps / q / q / q
		},
		jet: func(c []float64, x float64) { // u = (x²/d+ε)^{−½} solves (x²/d+ε)u′ = −(x/d)u
			q := root(x)
			for j := range c {
				if j == 0 {
					c[0] = 1 / q
					continue
				}
				k := float64(j - 1)
				s := -(x / n) * c[j-1] * (1 + 2*k)
				if j > 1 {
					s -= c[j-2] / n * k
				}
				c[j] = s / (q * q) / float64(j)
			}
			timesX(c, x)
		},
		Radial: Symmetry{Kind: Rotations},
		at:     []float64{0}, radius: math.Sqrt(eps * n), monotone: true,
		lambda: func(k int, r float64) float64 { // λ = (r²/d+ε)^{−½}, each derivative in r²/2 brings −(2k+1)/d·(r²/d+ε)⁻¹
			q := root(r)
			l := 1 / q
			for j := range k {
				l *= -float64(2*j+1) / n / q / q
			}
			return l
		},
		Ratio: rmsRatio, Params: [2]float64{1 / n, eps},
	}
	if eps == 0 {
		h.Radial, h.Ratio = Symmetry{Kind: Conformal}, nil
		h.at, h.radius, h.jump, h.lambda = nil, 0, []float64{0}, nil
		h.slope = func(float64) float64 { return 0 }
		h.jet = func(c []float64, x float64) { fill(c, math.Copysign(math.Sqrt(n), x), 0) }
		h.value = func(x float64) float64 {
			if x == 0 || math.IsNaN(x) {
				return x
			}
			return math.Copysign(math.Sqrt(n), x)
		}
		h.piece = func(x float64) (a, b float64, ok bool) { return math.Copysign(math.Sqrt(n), x), 0, true }
	}
	return h
}

// norms are the functions of RMSNorm, which Parse knows by that word alone.
var norms = Family{Name: "rms", Constants: 2, Make: func(c []float64) *Function { return RMS(int(c[0]), c[1]) }, Samples: []*Function{RMS(5, 1e-3), RMS(3, 0)}}

var rmsRatio = &RatioKernel{Name: "RMS", At: func(r, _ float64, c *[2]float64) (l, l1 float64) {
	l = 1 / math.Sqrt(c[0]*r*r+c[1])
	return l, -c[0] * l * l * l
}}
