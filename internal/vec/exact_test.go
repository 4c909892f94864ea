package vec

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/quivernet/quivernet/internal/cpu"
)

const digits = 260 // bits

func bf(x float64) *big.Float { return new(big.Float).SetPrec(digits).SetFloat64(x) }
func op2(f func(z, a, b *big.Float) *big.Float, a, b *big.Float) *big.Float {
	return f(new(big.Float).SetPrec(digits), a, b)
}
func plus(a, b *big.Float) *big.Float  { return op2((*big.Float).Add, a, b) }
func minus(a, b *big.Float) *big.Float { return op2((*big.Float).Sub, a, b) }
func prod(a, b *big.Float) *big.Float  { return op2((*big.Float).Mul, a, b) }
func quo(a, b *big.Float) *big.Float   { return op2((*big.Float).Quo, a, b) }

// bigExp is eˣ: the Taylor series at x/2ᵏ, squared k times.
func bigExp(x *big.Float) *big.Float {
	k := max(x.MantExp(nil), 0) + 12
	r := new(big.Float).SetPrec(digits).SetMantExp(x, -k)
	s, term := bf(1), bf(1)
	for i := 1; i < 30; i++ {
		term = quo(prod(term, r), bf(float64(i)))
		s = plus(s, term)
	}
	for range k {
		s = prod(s, s)
	}
	return s
}

// bigLog1p is log(1+u) for u > 0 by Newton's method.
func bigLog1p(u *big.Float) *big.Float {
	f, _ := u.Float64()
	y := bf(math.Log1p(f))
	if f < 1e-30 {
		return minus(u, quo(prod(u, u), bf(2)))
	}
	z := plus(bf(1), u)
	for range 3 { // three digits become nine, each time
		e := bigExp(y)
		y = plus(y, prod(bf(2), quo(minus(z, e), plus(z, e))))
	}
	return y
}

// bigAtan is atan x: the Taylor series after the angle is halved six times.
func bigAtan(x *big.Float) *big.Float {
	for range 6 {
		x = quo(x, plus(bf(1), new(big.Float).SetPrec(digits).Sqrt(plus(bf(1), prod(x, x)))))
	}
	z, s := prod(x, x), bf(0)
	for k := 40; k >= 0; k-- {
		s = minus(quo(bf(1), bf(float64(2*k+1))), prod(z, s))
	}
	return prod(prod(s, x), bf(64))
}

// bigNormal is Φ(x): ½ + φ(x)·Σ x^{2n+1}/(2n+1)!!, and where that would cancel φ(x) times a continued fraction.
func bigNormal(x *big.Float) *big.Float {
	if at, _ := x.Float64(); at > 6 {
		return minus(bf(1), bigNormal(new(big.Float).Neg(x)))
	}
	z := prod(x, x)
	density := quo(bigExp(quo(z, bf(-2))), new(big.Float).SetPrec(digits).Sqrt(prod(bf(8), bigAtan(bf(1)))))
	if at, _ := x.Float64(); at < -6 {
		a := new(big.Float).Neg(x)
		f := a
		for k := 600; k >= 1; k-- {
			f = plus(a, quo(bf(float64(k)), f))
		}
		return quo(density, f)
	}
	s, term := bf(0), x
	for n := 1; n < 4000 && term.Sign() != 0 && term.MantExp(nil) > -digits; n++ {
		s = plus(s, term)
		term = quo(prod(term, z), bf(float64(2*n+1)))
	}
	return plus(bf(0.5), prod(density, s))
}

func bigOf(name string, x *big.Float) *big.Float {
	one := bf(1)
	switch name {
	case "exp":
		return bigExp(x)
	case "tanh":
		e := bigExp(prod(bf(2), x))
		return quo(minus(e, one), plus(e, one))
	case "sigmoid":
		return quo(one, plus(one, bigExp(new(big.Float).Neg(x))))
	case "softplus":
		return bigLog1p(bigExp(x))
	case "silu":
		return prod(x, bigOf("sigmoid", x))
	case "arctan":
		return bigAtan(x)
	case "gelu":
		return prod(x, bigNormal(x))
	case "elu":
		if x.Sign() > 0 {
			return x
		}
		return minus(bigExp(x), one)
	}
	return nil
}

// TestExact holds the functions in double precision to the errors that they promise, against big.Float. It found
// that math.Exp(709.7) is +Inf on amd64.
func TestExact(t *testing.T) {
	const n = 256
	everyLevel(t, func(t testing.TB) {
		rng := rand.New(rand.NewPCG(19, 20))
		if level == cpu.Go {
			return // math is not ours to test
		}
		for _, f := range elementwises[float64]()[:8] {
			var worst, at float64
			for _, width := range []float64{0.5, 3, 40, 700} {
				x, y := make([]float64, n), make([]float64, n)
				for j := range x {
					x[j] = width * (2*rng.Float64() - 1)
				}
				x[0] = 709.7
				f.run(y, x)
				for j, v := range x {
					want := bigOf(f.name, bf(v))
					w, _ := want.Float64()
					if math.Abs(w) < 1e-300 {
						continue
					}
					_, e := math.Frexp(w)
					d, _ := minus(bf(y[j]), want).Float64()
					if u := math.Abs(d) / math.Ldexp(1, e-53); u > worst {
						worst, at = u, v
					}
				}
			}
			assert.LessOrEqual(t, worst, f.ulp, "%s at %v", f.name, at)
			t.Logf("%s: largest error %.3f ulp, at %v", f.name, worst, at)
		}
	})
	got, _ := bigExp(bf(1)).Float64()
	require.Equal(t, math.E, got)
	got, _ = bigLog1p(bf(1)).Float64()
	require.Equal(t, math.Ln2, got)
}
