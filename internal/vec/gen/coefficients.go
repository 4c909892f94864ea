package main

import (
	"math"
	"math/big"
)

const precision = 400 // bits

func number(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }
func ratio(a, b int64) *big.Float {
	return new(big.Float).SetPrec(precision).Quo(number(float64(a)), number(float64(b)))
}
func mul(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(precision).Mul(a, b) }
func add(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(precision).Add(a, b) }
func sub(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(precision).Sub(a, b) }
func quo(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(precision).Quo(a, b) }

// taylor is x ↦ Σ c_k x^k.
func taylor(c []*big.Float) func(x *big.Float) *big.Float {
	return func(x *big.Float) *big.Float {
		y := number(0)
		for k := len(c) - 1; k >= 0; k-- {
			y = add(mul(y, x), c[k])
		}
		return y
	}
}

// economize returns the polynomial of the degree that interpolates f at the Chebyshev nodes of [lo, hi]: its error is
// within a small factor of the least possible.
func economize(f func(x *big.Float) *big.Float, degree int, lo, hi float64) []float64 {
	n := degree + 1
	x, y := make([]*big.Float, n), make([]*big.Float, n)
	for i := range n {
		x[i] = number((lo+hi)/2 + (hi-lo)/2*math.Cos(math.Pi*(float64(i)+0.5)/float64(n)))
		y[i] = f(x[i])
	}
	for k := 1; k < n; k++ { // divided differences
		for i := n - 1; i >= k; i-- {
			y[i] = quo(sub(y[i], y[i-1]), sub(x[i], x[i-k]))
		}
	}
	p := make([]*big.Float, n) // Newton's form to powers of x
	for i := range p {
		p[i] = number(0)
	}
	for k := n - 1; k >= 0; k-- {
		for i := n - 1; i > 0; i-- {
			p[i] = sub(p[i-1], mul(p[i], x[k]))
		}
		p[0] = sub(y[k], mul(p[0], x[k]))
	}
	out := make([]float64, n)
	for i := range p {
		out[i], _ = p[i].Float64()
	}
	return out
}

// expSeries is (eˣ − 1 − x)/x².
func expSeries() []*big.Float {
	c := make([]*big.Float, 40)
	f := number(1)
	for k := range c {
		f = quo(f, number(float64(k+2)))
		c[k] = f
	}
	return c
}

// atanhSeries is (atanh(s)/s − 1)/s² in powers of s².
func atanhSeries() []*big.Float {
	c := make([]*big.Float, 120)
	for k := range c {
		c[k] = ratio(1, int64(2*k+3))
	}
	return c
}

// tanhSeries is (1 − tanh(r)/r)/r² in powers of r², from t′ = 1 − t².
func tanhSeries() []*big.Float {
	a := make([]*big.Float, 160)
	a[0] = number(1)
	for k := 1; k < len(a); k++ {
		s := number(0)
		for i := range k {
			s = sub(s, mul(a[i], a[k-1-i]))
		}
		a[k] = quo(s, number(float64(2*k+1)))
	}
	for k := range a {
		a[k] = new(big.Float).Neg(a[k])
	}
	return a[1:]
}

// middle is where the variable of erfcScaled is 0.
const middle = 3.75

// erfcScaled is (1+2x)·erfc(x)·exp(x²) at t = (x−middle)/(x+middle), a variable of M. M. Shepherd and
// J. G. Laframboise, Math. Comp. 36 (1981): between 1 and 1.13 for all x ≥ 0.
func erfcScaled(t *big.Float) *big.Float {
	x := mul(number(middle), quo(add(number(1), t), sub(number(1), t)))
	z := mul(x, x)
	root := new(big.Float).SetPrec(precision).Sqrt(mul(number(4), atanOf(number(1)))) // √π
	var f *big.Float                                                                  // erfc(x)·exp(x²)
	if at, _ := x.Float64(); at < 7 {
		// exp(x²)·erf x = 2/√π·Σ 2ⁿx^{2n+1}/(2n+1)!!
		sum, term, e, power := number(0), x, number(1), number(1)
		for n := 1; n < 900; n++ {
			sum = add(sum, term)
			term = quo(mul(term, mul(number(2), z)), number(float64(2*n+1)))
			power = quo(mul(power, z), number(float64(n)))
			e = add(e, power)
		}
		f = sub(e, quo(mul(number(2), sum), root))
	} else { // a continued fraction
		f = x
		for k := 800; k >= 1; k-- {
			f = add(x, quo(number(float64(k)/2), f))
		}
		f = quo(number(1), mul(root, f))
	}
	return mul(f, add(number(1), mul(number(2), x)))
}

// gaussSeries is (Φ(x) − ½)/x in powers of x²: Σ (−½)ᵏ/(k!(2k+1))/√(2π).
func gaussSeries() []*big.Float {
	root := new(big.Float).SetPrec(precision).Sqrt(mul(number(8), atanOf(number(1))))
	c, f := make([]*big.Float, 80), quo(number(1), root)
	for k := range c {
		c[k] = quo(f, number(float64(2*k+1)))
		f = quo(f, number(float64(-2*(k+1))))
	}
	return c
}

// atanRest is (1 − atan(r)/r)/r² at z = r² in (0, 1].
func atanRest(z *big.Float) *big.Float {
	r := new(big.Float).SetPrec(precision).Sqrt(z)
	return quo(sub(number(1), quo(atanOf(r), r)), z)
}

// atanOf is atan x: the angle is halved four times, and then its Taylor series taken.
func atanOf(x *big.Float) *big.Float {
	for range 4 {
		x = quo(x, add(number(1), new(big.Float).SetPrec(precision).Sqrt(add(number(1), mul(x, x)))))
	}
	c := make([]*big.Float, 120)
	for k := range c {
		c[k] = ratio(int64(1-k%2*2), int64(2*k+1))
	}
	return mul(mul(taylor(c)(mul(x, x)), x), number(16))
}

// series are the polynomials of one precision.
type series struct {
	exp   []float64 // eˣ on |x| ≤ ln2/2, the first two coefficients 1
	atanh []float64 // in s² ≤ 1/9
	tanh  []float64 // in r² ≤ small²
	atan  []float64 // in r² ≤ 1
	erfc  []float64 // in t, |t| ≤ 1: see erfcScaled
	gauss []float64 // (Φ(x) − ½)/x in x² ≤ 1
}

// small is the norm below which tanh is its series.
const small = 0.625

func newSeries(single bool) series {
	exp, atanh, tanh, atan, erfc, gauss := 11, 10, 11, 21, 23, 9
	if single {
		exp, atanh, tanh, atan, erfc, gauss = 6, 4, 5, 9, 14, 5
	}
	const r = math.Ln2 / 2 * 1.0001
	return series{
		exp:   append([]float64{1, 1}, economize(taylor(expSeries()), exp-2, -r, r)...),
		atanh: economize(taylor(atanhSeries()), atanh, 0, 1.0/9),
		tanh:  economize(taylor(tanhSeries()), tanh, 0, small*small),
		atan:  economize(atanRest, atan, 0, 1),
		erfc:  economize(erfcScaled, erfc, -1, 1),
		gauss: economize(taylor(gaussSeries()), gauss, 0, 1),
	}
}
