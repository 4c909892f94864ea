package op

import (
	"math"

	"gorgonia.org/gorgonia"
)

// The scalar functions of Gorgonia's entrywise operations with all their derivatives.

// SineJets is sin⁽ᵏ⁺ˢ⁾, so that s = 1 is the cosine.
func SineJets(s int) Jets {
	return func(k int, x float64) float64 {
		switch (k + s) % 4 {
		case 0:
			return math.Sin(x)
		case 1:
			return math.Cos(x)
		case 2:
			return -math.Sin(x)
		}
		return -math.Cos(x)
	}
}

// ExpJets is eˣ.
func ExpJets(_ int, x float64) float64 { return math.Exp(x) }

// AbsJets is |x|. It has the slope 0 at 0.
func AbsJets(k int, x float64) float64 {
	switch {
	case k == 0:
		return math.Abs(x)
	case k == 1 && x > 0:
		return 1
	case k == 1 && x < 0:
		return -1
	}
	return 0
}

// Log1pJets is log(1+x).
func Log1pJets(k int, x float64) float64 {
	if k == 0 {
		return math.Log1p(x)
	}
	return minusOne(k-1) * math.Gamma(float64(k)) / math.Pow(1+x, float64(k))
}

func minusOne(k int) float64 { return float64(1 - 2*(k%2)) }

// TanhJets is tanh x. It has the derivatives s·P_k(t) with t = tanh x, s = 1−t², P₁ = 1 and P_{k+1} = −2t·P_k + (1−t²)·P_k′.
// s = 4e/(1+e)² with e = exp(−2|x|) is accurate where t rounds to 1.
func TanhJets(k int, x float64) float64 {
	t := math.Tanh(x)
	if k == 0 {
		return t
	}
	e := math.Exp(-2 * math.Abs(x))
	s := 4 * e / ((1 + e) * (1 + e))
	p := []float64{1}
	for range k - 1 {
		q := make([]float64, len(p)+1)
		for i, c := range p {
			q[i+1] -= float64(2+i) * c // −2t·c·tⁱ − i·c·tⁱ⁺¹
			if i > 0 {
				q[i-1] += float64(i) * c
			}
		}
		p = q
	}
	return s * horner(p, t)
}

// SigmoidJets is 1/(1+e⁻ˣ). It has the derivatives s·P_k(σ) with s = σ(1−σ), P₁ = 1 and P_{k+1} = (1−2σ)·P_k + σ(1−σ)·P_k′.
func SigmoidJets(k int, x float64) float64 {
	e := math.Exp(-math.Abs(x))
	v := 1 / (1 + e)
	if x < 0 {
		v = e / (1 + e)
	}
	if k == 0 {
		return v
	}
	p := []float64{1}
	for range k - 1 {
		q := make([]float64, len(p)+1)
		for i, c := range p {
			q[i] += float64(1+i) * c
			q[i+1] -= float64(2+i) * c
		}
		p = q
	}
	return e / ((1 + e) * (1 + e)) * horner(p, v)
}

// SoftplusJets is log(1+eˣ).
func SoftplusJets(k int, x float64) float64 {
	if k == 0 {
		return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
	}
	return SigmoidJets(k-1, x)
}

func horner(p []float64, x float64) float64 {
	var s float64
	for i := len(p) - 1; i >= 0; i-- {
		s = s*x + p[i]
	}
	return s
}

// Exponential returns ∂ᵐ⁺ⁿ(xʸ)/∂xᵐ∂yⁿ of each entry: the derivative in the base m times and in the exponent n times.
func Exponential(owner string, x, y *gorgonia.Node, m, n int) (*gorgonia.Node, error) {
	k := &both{is: KindExponential, order: m + n, size: same,
		f64: func(d Mat[float64], in []Mat[float64], _ []float64) { exponentials(d.Data, in, m, n) },
		f32: func(d Mat[float32], in []Mat[float32], _ []float64) { exponentials(d.Data, in, m, n) }}
	k.back = func(o *Op, in gorgonia.Nodes, _, g *gorgonia.Node, wanted []bool) (gorgonia.Nodes, error) {
		along := func(m, n int) func() (*gorgonia.Node, error) {
			return func() (*gorgonia.Node, error) {
				d, err := Exponential(o.owner, in[0], in[1], m, n)
				if err != nil {
					return nil, err
				}
				return Hadamard(o.owner, g.Name()+"∘"+d.Name(), g, d)
			}
		}
		return gradients(wanted, along(m+1, n), along(m, n+1))
	}
	label := "pow"
	if m+n > 0 {
		label = "∂pow"
	}
	return newOp(k, owner, label, 2).like(x, y)
}

func exponentials[T Float](d []T, in []Mat[T], m, n int) {
	for i, x := range in[0].Data {
		d[i] = T(exponentialJet(float64(x), float64(in[1].Data[i]), m, n))
	}
}

// exponentialJet is ∂ⁿ/∂yⁿ of y(y−1)…(y−m+1)·x^{y−m}, by the rule of Leibniz. A factor that is 0 makes its term 0, so that
// x = 0 is no trouble where the exponent is a whole number.
func exponentialJet(x, y float64, m, n int) float64 {
	falling := make([]float64, n+1) // Taylor coefficients at y of y(y−1)…(y−m+1)
	falling[0] = 1
	for j := range m {
		for k := n; k >= 0; k-- {
			falling[k] *= y - float64(j)
			if k > 0 {
				falling[k] += falling[k-1]
			}
		}
	}
	var s, binomial, factorial float64 = 0, 1, 1
	for j := 0; j <= n; j++ {
		if f := falling[j] * factorial; f != 0 {
			term := binomial * f * math.Pow(x, y-float64(m))
			if term != 0 && j < n {
				term *= math.Pow(math.Log(x), float64(n-j))
			}
			s += term
		}
		binomial = binomial * float64(n-j) / float64(j+1)
		factorial *= float64(j + 1)
	}
	return s
}
