package exact

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
)

// Rational is a rational number: num/den in lowest terms with den > 0 while both fit an
// int64, else big. It is a value: no method changes it. The zero value is not a number; use Int(0).
type Rational struct {
	num, den int64
	big      *big.Rat
}

// Int returns the whole number n, which is not the least int64.
func Int(n int64) Rational { return Rational{num: n, den: 1} }

// Float returns the rational number that a finite float64 is.
func Float(x float64) Rational {
	if x == math.Trunc(x) && math.Abs(x) < 1<<62 {
		return Rational{num: int64(x), den: 1}
	}
	r := new(big.Rat)
	r.SetFloat64(x)
	return FromRat(r)
}

// FromRat returns the number r, which it may keep.
func FromRat(r *big.Rat) Rational {
	if n, d := r.Num(), r.Denom(); n.IsInt64() && d.IsInt64() && n.Int64() != math.MinInt64 {
		return Rational{num: n.Int64(), den: d.Int64()}
	}
	return Rational{big: r}
}

// Rat returns a as a *big.Rat, not to be changed.
func (a Rational) Rat() *big.Rat {
	if a.big != nil {
		return a.big
	}
	return big.NewRat(a.num, a.den)
}

// Float64 returns the float64 nearest to a.
func (a Rational) Float64() float64 {
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

// String returns a as "3" or "-2/7".
func (a Rational) String() string { return a.Rat().RatString() }

// Sign returns -1, 0 or 1.
func (a Rational) Sign() int {
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

// IsZero reports whether a is 0.
func (a Rational) IsZero() bool { return a.Sign() == 0 }

// Neg returns −a.
func (a Rational) Neg() Rational {
	if a.big != nil {
		return FromRat(new(big.Rat).Neg(a.big))
	}
	return Rational{num: -a.num, den: a.den}
}

// Add returns a + b.
func (a Rational) Add(b Rational) Rational {
	if a.big == nil && b.big == nil {
		if a.den == 1 && b.den == 1 {
			if s := a.num + b.num; (s > a.num) == (b.num > 0) && s != math.MinInt64 {
				return Rational{num: s, den: 1}
			}
		}
		x, ok1 := mul64(a.num, b.den)
		y, ok2 := mul64(b.num, a.den)
		d, ok3 := mul64(a.den, b.den)
		if s := x + y; ok1 && ok2 && ok3 && (s > x) == (y > 0) && s != math.MinInt64 {
			return lowest(s, d)
		}
	}
	return FromRat(new(big.Rat).Add(a.Rat(), b.Rat()))
}

// Sub returns a − b.
func (a Rational) Sub(b Rational) Rational { return a.Add(b.Neg()) }

// Mul returns a·b.
func (a Rational) Mul(b Rational) Rational {
	if a.big == nil && b.big == nil {
		n, ok1 := mul64(a.num, b.num)
		d, ok2 := mul64(a.den, b.den)
		if ok1 && ok2 {
			if d == 1 {
				return Rational{num: n, den: 1}
			}
			return lowest(n, d)
		}
	}
	return FromRat(new(big.Rat).Mul(a.Rat(), b.Rat()))
}

// Shift returns a·2ᵏ, k ≥ 0.
func (a Rational) Shift(k int) Rational {
	if a.big == nil && a.den == 1 && k < 62 && bits.Len64(uint64(max(a.num, -a.num)))+k < 63 {
		return Rational{num: a.num << k, den: 1}
	}
	return a.Mul(FromRat(new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(k)))))
}

// Quo returns a/b; b is not zero.
func (a Rational) Quo(b Rational) Rational {
	if b.big != nil {
		return a.Mul(FromRat(new(big.Rat).Inv(b.big)))
	}
	if b.num < 0 {
		return a.Mul(Rational{num: -b.den, den: -b.num})
	}
	return a.Mul(Rational{num: b.den, den: b.num})
}

// Cmp returns the sign of a − b.
func (a Rational) Cmp(b Rational) int { return a.Sub(b).Sign() }

// lowest reduces n/d, d > 0.
func lowest(n, d int64) Rational {
	if n == 0 {
		return Rational{num: 0, den: 1}
	}
	g := gcd(uint64(max(n, -n)), uint64(d))
	return Rational{num: n / int64(g), den: d / int64(g)}
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

// Floats returns the rational numbers that finite float64s are.
func Floats(xs []float64) []Rational {
	f := make([]Rational, len(xs))
	for i, x := range xs {
		f[i] = Float(x)
	}
	return f
}

// AllZero reports whether all numbers of x are 0.
func AllZero(x []Rational) bool {
	for _, v := range x {
		if !v.IsZero() {
			return false
		}
	}
	return true
}

// Text returns a point with four digits a coordinate: "0.3333", "(1, -0.25)".
func Text(x []Rational) string {
	if len(x) == 1 {
		return fmt.Sprintf("%.4g", x[0].Float64())
	}
	s := "("
	for j, y := range x {
		if j > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%.4g", y.Float64())
	}
	return s + ")"
}
