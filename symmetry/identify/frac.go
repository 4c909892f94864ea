package identify

import (
	"math"
	"math/big"
	"math/bits"
)

// frac is a rational number: num/den in lowest terms with den > 0 while both fit an
// int64, else big. The zero value is not a number; use fracInt(0).
type frac struct {
	num, den int64
	big      *big.Rat
}

func fracInt(n int64) frac { return frac{num: n, den: 1} }

// fracFloat returns the rational number that a finite float64 is.
func fracFloat(x float64) frac {
	if x == math.Trunc(x) && math.Abs(x) < 1<<62 {
		return frac{num: int64(x), den: 1}
	}
	r := new(big.Rat)
	r.SetFloat64(x)
	return fracRat(r)
}

// fracRat returns r, which it may keep.
func fracRat(r *big.Rat) frac {
	if n, d := r.Num(), r.Denom(); n.IsInt64() && d.IsInt64() && n.Int64() != math.MinInt64 {
		return frac{num: n.Int64(), den: d.Int64()}
	}
	return frac{big: r}
}

// rat returns a as a *big.Rat, not to be changed.
func (a frac) rat() *big.Rat {
	if a.big != nil {
		return a.big
	}
	return big.NewRat(a.num, a.den)
}

func (a frac) float() float64 {
	if a.big != nil {
		f, _ := a.big.Float64()
		return f
	}
	if a.den == 1 {
		return float64(a.num)
	}
	f, _ := big.NewRat(a.num, a.den).Float64()
	return f
}

func (a frac) String() string { return a.rat().RatString() }

func (a frac) sign() int {
	switch {
	case a.big != nil:
		return a.big.Sign()
	case a.num > 0:
		return 1
	case a.num < 0:
		return -1
	}
	return 0
}

func (a frac) isZero() bool { return a.sign() == 0 }

func (a frac) neg() frac {
	if a.big != nil {
		return fracRat(new(big.Rat).Neg(a.big))
	}
	return frac{num: -a.num, den: a.den}
}

func (a frac) add(b frac) frac {
	if a.big == nil && b.big == nil {
		if a.den == 1 && b.den == 1 {
			if s := a.num + b.num; (s > a.num) == (b.num > 0) && s != math.MinInt64 {
				return frac{num: s, den: 1}
			}
		}
		x, ok1 := mul64(a.num, b.den)
		y, ok2 := mul64(b.num, a.den)
		d, ok3 := mul64(a.den, b.den)
		if s := x + y; ok1 && ok2 && ok3 && (s > x) == (y > 0) && s != math.MinInt64 {
			return lowest(s, d)
		}
	}
	return fracRat(new(big.Rat).Add(a.rat(), b.rat()))
}

func (a frac) sub(b frac) frac { return a.add(b.neg()) }

func (a frac) mul(b frac) frac {
	if a.big == nil && b.big == nil {
		n, ok1 := mul64(a.num, b.num)
		d, ok2 := mul64(a.den, b.den)
		if ok1 && ok2 {
			if d == 1 {
				return frac{num: n, den: 1}
			}
			return lowest(n, d)
		}
	}
	return fracRat(new(big.Rat).Mul(a.rat(), b.rat()))
}

// shift returns a·2ᵏ, k ≥ 0.
func (a frac) shift(k int) frac {
	if a.big == nil && a.den == 1 && k < 62 && bits.Len64(uint64(max(a.num, -a.num)))+k < 63 {
		return frac{num: a.num << k, den: 1}
	}
	return a.mul(fracRat(new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(k)))))
}

// quo returns a/b; b is not zero.
func (a frac) quo(b frac) frac {
	if b.big != nil {
		return a.mul(fracRat(new(big.Rat).Inv(b.big)))
	}
	if b.num < 0 {
		return a.mul(frac{num: -b.den, den: -b.num})
	}
	return a.mul(frac{num: b.den, den: b.num})
}

func (a frac) cmp(b frac) int { return a.sub(b).sign() }

// lowest reduces n/d, d > 0.
func lowest(n, d int64) frac {
	if n == 0 {
		return frac{num: 0, den: 1}
	}
	g := gcd(uint64(max(n, -n)), uint64(d))
	return frac{num: n / int64(g), den: d / int64(g)}
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// mul64 returns a·b, or false where it overflows.
func mul64(a, b int64) (int64, bool) {
	neg := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(uint64(max(a, -a)), uint64(max(b, -b)))
	if hi != 0 || lo >= 1<<63 {
		return 0, false
	}
	if neg {
		return -int64(lo), true
	}
	return int64(lo), true
}

func fracs(xs []float64) []frac {
	f := make([]frac, len(xs))
	for i, x := range xs {
		f[i] = fracFloat(x)
	}
	return f
}
