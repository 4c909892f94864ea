package exact

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFractions compares the arithmetic of int64 fractions with big.Rat, at sizes
// where it overflows.
func TestFractions(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	draw := func() (Rational, *big.Rat) {
		n, d := rng.Int64()>>rng.IntN(63), 1+rng.Int64()>>rng.IntN(63)
		if rng.IntN(2) == 0 {
			n = -n
		}
		r := big.NewRat(n, max(d, 1))
		return FromRat(r), r
	}
	for range 5000 {
		a, x := draw()
		b, y := draw()
		check := func(f Rational, r *big.Rat) {
			t.Helper()
			require.Zero(t, f.Rat().Cmp(r))
			require.Equal(t, r.Sign(), f.Sign())
		}
		check(a.Add(b), new(big.Rat).Add(x, y))
		check(a.Sub(b), new(big.Rat).Sub(x, y))
		check(a.Mul(b), new(big.Rat).Mul(x, y))
		k := rng.IntN(80)
		check(a.Shift(k), new(big.Rat).Mul(x, new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(k)))))
		if !b.IsZero() {
			check(a.Quo(b), new(big.Rat).Quo(x, y))
		}
		require.Equal(t, x.Cmp(y), a.Cmp(b))
		for which := range uint8(2) {
			ra, ok1 := ResidueOf(a, which)
			rb, ok2 := ResidueOf(b, which)
			rp, ok3 := ResidueOf(a.Mul(b), which)
			rs, ok4 := ResidueOf(a.Add(b), which)
			if ok1 && ok2 && ok3 && ok4 {
				require.Equal(t, rp, ra.Mul(rb))
				require.Equal(t, rs, ra.Add(rb))
			}
		}
		f := rng.NormFloat64() * float64(int64(1)<<rng.IntN(40))
		r, ok := ResidueOf(Float(f), 0)
		require.True(t, ok)
		require.Equal(t, r, ResidueOfFloat(f, 0))
	}
}

// TestBareiss compares the exact rank with planted ranks.
func TestBareiss(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for range 60 {
		n, m, r := 1+rng.IntN(8), 1+rng.IntN(8), rng.IntN(5)
		r = min(r, n, m)
		a, b := make([][]Rational, n), make([][]Rational, r)
		coef := func() Rational {
			return Int(int64(rng.IntN(201) - 100)).Quo(Int(int64(1 + rng.IntN(9))))
		}
		for k := range b {
			for range m {
				b[k] = append(b[k], coef())
			}
		}
		for i := range a {
			a[i] = make([]Rational, m)
			for j := range a[i] {
				a[i][j] = Int(0)
			}
			for k := range b {
				c := coef()
				for j := range a[i] {
					a[i][j] = a[i][j].Add(c.Mul(b[k][j]))
				}
			}
		}
		got := Rank(a)
		var whole [][]*big.Int
		for _, row := range a {
			whole = append(whole, Integers(row))
		}
		require.Equal(t, got, RankIntegers(whole))
		require.LessOrEqual(t, got, r)
		require.GreaterOrEqual(t, got, r-1) // a random combination may vanish
		e := NewElimination(Primes[0])
		for _, row := range a {
			x := make([]uint64, m)
			for j := range row {
				v, _ := ResidueOf(row[j], 0)
				x[j] = v.Value()
			}
			e.Add(x)
		}
		require.Equal(t, got, e.Rank())
	}
}

// TestManyPrimes: a determinant that is not 0 but a multiple of the first primes is not
// taken for 0, and Hadamard's bound asks for more primes than these.
func TestManyPrimes(t *testing.T) {
	p := new(big.Int).SetUint64(Primes[0])
	q := new(big.Int).SetUint64(PrimeBelow(Primes[0]))
	require.Equal(t, Primes[1], q.Uint64())
	big1 := func(x int64) *big.Int { return big.NewInt(x) }
	m := [][]*big.Int{{p, big1(0)}, {big1(5), q}}
	require.Equal(t, 1, RankModulo(m, Primes[0]))
	require.Equal(t, 1, RankModulo(m, Primes[1]))
	require.Equal(t, 2, RankIntegers(m))
	require.Greater(t, HadamardBits(m, 2), 120)
	require.Equal(t, 0, HadamardBits(m, 3))
	twice := [][]*big.Int{{p, q}, {new(big.Int).Mul(p, q), new(big.Int).Mul(q, q)}}
	require.Equal(t, 1, RankIntegers(twice))
	require.Equal(t, 0, RankIntegers(nil))
	require.Equal(t, 0, RankIntegers([][]*big.Int{{big1(0), big1(0)}}))
}
