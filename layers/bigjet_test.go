package layers

import "math/big"

// An oracle of the jets in 600-bit arithmetic, where cancellation does not matter.

const bits = 600

type num = *big.Float

func bf(x float64) num        { return new(big.Float).SetPrec(bits).SetFloat64(x) }
func bnew() num               { return new(big.Float).SetPrec(bits) }
func badd(a, b num) num       { return bnew().Add(a, b) }
func bsub(a, b num) num       { return bnew().Sub(a, b) }
func bmul(a, b num) num       { return bnew().Mul(a, b) }
func bdiv(a, b num) num       { return bnew().Quo(a, b) }
func bscale(s int, a num) num { return bmul(bf(float64(s)), a) }

func bpow(a num, n int) num {
	p := bf(1)
	for range max(n, -n) {
		p = bmul(p, a)
	}
	if n < 0 {
		return bdiv(bf(1), p)
	}
	return p
}

// bseries sums terms until they no longer count.
func bseries(first num, next func(n int, t num) num) num {
	s, t := first, first
	for n := 1; n < 4000; n++ {
		t = next(n, t)
		s = badd(s, t)
		if t.Sign() == 0 || s.Sign() != 0 && t.MantExp(nil) < s.MantExp(nil)-bits-8 && n > 40 {
			break
		}
	}
	return s
}

func bexp(x num) num {
	y := bnew().SetMantExp(x, -24)
	s := bseries(bf(1), func(n int, t num) num { return bdiv(bmul(t, y), bf(float64(n))) })
	for range 24 {
		s = bmul(s, s)
	}
	return s
}

func blog(w num) num {
	f, _ := w.Float64()
	y := bf(f - 1)
	if f < 0.5 || f > 2 {
		y = bf(0)
		for v := f; v > 2; v /= 2 {
			y = badd(y, bf(0.6931471805599453))
		}
	}
	for range 14 {
		y = badd(y, bsub(bmul(w, bexp(bnew().Neg(y))), bf(1)))
	}
	return y
}

func batan(x num) num {
	k := 0
	for ; k < 12; k++ { // atan x = 2 atan(x/(1+√(1+x²)))
		x = bdiv(x, badd(bf(1), bnew().Sqrt(badd(bf(1), bmul(x, x)))))
	}
	p := x
	x2 := bnew().Neg(bmul(x, x))
	s := x
	for n := 1; n < 200; n++ {
		p = bmul(p, x2)
		s = badd(s, bdiv(p, bf(float64(2*n+1))))
	}
	return bnew().SetMantExp(s, k)
}

func bpi() num { return bscale(4, batan(bf(1))) }

// bcdf is the normal distribution function.
func bcdf(x num) num {
	x2 := bmul(x, x)
	p, s := x, x
	for n := 1; n < 900; n++ { // Σ (−1)ⁿ x^{2n+1}/(2ⁿ n! (2n+1))
		p = bdiv(bmul(p, bnew().Neg(x2)), bf(float64(2*n)))
		s = badd(s, bdiv(p, bf(float64(2*n+1))))
	}
	return badd(bf(0.5), bdiv(s, bnew().Sqrt(bscale(2, bpi()))))
}

// taylor returns the Taylor coefficients 0…k of h at x.
func taylor(name string, x num, k int) []num {
	c := make([]num, k+1)
	conv := func(a []num, n int) num {
		s := bf(0)
		for i := 0; i <= n; i++ {
			s = badd(s, bmul(a[i], a[n-i]))
		}
		return s
	}
	integral := func(d []num, value num) []num {
		out := []num{value}
		for j := range k {
			out = append(out, bdiv(d[j], bf(float64(j+1))))
		}
		return out
	}
	riccati := func() []num { // s′ = s − s²
		e := bexp(x)
		c[0] = bdiv(e, badd(bf(1), e))
		for j := range k {
			c[j+1] = bdiv(bsub(c[j], conv(c, j)), bf(float64(j+1)))
		}
		return c
	}
	lorentz := func() []num {
		d := badd(bf(1), bmul(x, x))
		for j := range c {
			s := bf(0)
			if j == 0 {
				s = bf(1)
			}
			if j > 0 {
				s = bsub(s, bmul(bscale(2, x), c[j-1]))
			}
			if j > 1 {
				s = bsub(s, c[j-2])
			}
			c[j] = bdiv(s, d)
		}
		return c
	}
	timesX := func(g []num) []num {
		out := make([]num, k+1)
		for j := range out {
			out[j] = bmul(x, g[j])
			if j > 0 {
				out[j] = badd(out[j], g[j-1])
			}
		}
		return out
	}
	switch name {
	case "tanh":
		e := bexp(bscale(2, x))
		c[0] = bdiv(bsub(e, bf(1)), badd(e, bf(1)))
		for j := range k {
			s := bnew().Neg(conv(c, j))
			if j == 0 {
				s = badd(s, bf(1))
			}
			c[j+1] = bdiv(s, bf(float64(j+1)))
		}
	case "sigmoid":
		riccati()
	case "softplus":
		return integral(riccati(), blog(badd(bf(1), bexp(x))))
	case "silu":
		return timesX(riccati())
	case "arctan":
		return integral(lorentz(), batan(x))
	case "squash":
		lorentz()
		for j := range c {
			c[j] = bnew().Neg(c[j])
		}
		c[0] = badd(c[0], bf(1))
	case "exp":
		c[0] = bexp(x)
		for j := range k {
			c[j+1] = bdiv(c[j], bf(float64(j+1)))
		}
	case "sin":
		x2 := bnew().Neg(bmul(x, x))
		s := bseries(x, func(n int, t num) num { return bdiv(bmul(t, x2), bf(float64(2*n*(2*n+1)))) })
		o := bseries(bf(1), func(n int, t num) num { return bdiv(bmul(t, x2), bf(float64(2*n*(2*n-1)))) })
		d, f := []num{s, o, bnew().Neg(s), bnew().Neg(o)}, bf(1)
		for j := range c {
			c[j] = bdiv(d[j%4], f)
			f = bscale(j+1, f)
		}
	case "gelu":
		p := make([]num, k+1) // φ′ = −xφ
		p[0] = bdiv(bexp(bnew().Neg(bdiv(bmul(x, x), bf(2)))), bnew().Sqrt(bscale(2, bpi())))
		for j := range k {
			s := bmul(x, p[j])
			if j > 0 {
				s = badd(s, p[j-1])
			}
			p[j+1] = bnew().Neg(bdiv(s, bf(float64(j+1))))
		}
		return timesX(integral(p, bcdf(x)))
	default:
		return nil
	}
	return c
}

// bigLambda returns λ_k(r) from the derivatives of h, by λ_{k+1} = λ_k′/r.
func bigLambda(name string, k int, r, shift float64) float64 {
	x := bf(r)
	h := taylor(name, bsub(x, bf(shift)), k)
	c := []num{bf(1)} // of h⁽ⁱ⁾r^{i−2j−1}
	for j := range k {
		d := make([]num, j+2)
		for i := range d {
			d[i] = bf(0)
			if i < len(c) {
				d[i] = bscale(i-2*j-1, c[i])
			}
			if i > 0 {
				d[i] = badd(d[i], c[i-1])
			}
		}
		c = d
	}
	s, f := bf(0), bf(1)
	for i := range c {
		s = badd(s, bmul(bmul(c[i], bmul(h[i], f)), bpow(x, i-2*k-1)))
		f = bscale(i+1, f)
	}
	v, _ := s.Float64()
	return v
}
