package exact

import (
	"math"
	"math/big"
	"math/bits"
)

// Primes are the moduli of the modular ranks: 2⁶¹ − 1 and the largest prime below it.
// Both leave room for the sum of two residues in a uint64.
var Primes = [2]uint64{1<<61 - 1, 1<<61 - 31}

// Residue is a number modulo one of Primes.
type Residue struct {
	v     uint64
	which uint8
}

// NewResidue returns v modulo Primes[which]; v is below that prime.
func NewResidue(v uint64, which uint8) Residue { return Residue{v, which} }

// Value returns the representative between 0 and the prime.
func (a Residue) Value() uint64 { return a.v }

// Add returns a + b, two residues modulo the same prime.
func (a Residue) Add(b Residue) Residue {
	p := Primes[a.which]
	if a.v += b.v; a.v >= p {
		a.v -= p
	}
	return a
}

// Mul returns a·b, two residues modulo the same prime.
func (a Residue) Mul(b Residue) Residue {
	a.v = mulMod(a.v, b.v, Primes[a.which])
	return a
}

// IsZero reports whether a is 0.
func (a Residue) IsZero() bool { return a.v == 0 }

// mulMod returns a·b modulo p, for a, b < p.
func mulMod(a, b, p uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	_, r := bits.Div64(hi, lo, p)
	return r
}

func powMod(a, e, p uint64) uint64 {
	r := uint64(1)
	for ; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = mulMod(r, a, p)
		}
		a = mulMod(a, a, p)
	}
	return r
}

// ResidueOfFloat returns a finite float64, which is a dyadic rational, modulo a prime.
func ResidueOfFloat(x float64, which uint8) Residue {
	p := Primes[which]
	if x == 0 {
		return Residue{0, which}
	}
	frac, exp := math.Frexp(math.Abs(x))
	m := uint64(math.Ldexp(frac, 53)) % p
	exp -= 53
	two := uint64(2)
	if exp < 0 {
		two, exp = (p+1)/2, -exp
	}
	m = mulMod(m, powMod(two, uint64(exp), p), p)
	if x < 0 && m != 0 {
		m = p - m
	}
	return Residue{m, which}
}

// ResidueOf returns a rational modulo a prime, or false where the prime divides
// the denominator.
func ResidueOf(a Rational, which uint8) (Residue, bool) {
	p := Primes[which]
	big61 := new(big.Int).SetUint64(p)
	num := new(big.Int).Mod(a.Rat().Num(), big61).Uint64()
	den := new(big.Int).Mod(a.Rat().Denom(), big61).Uint64()
	if den == 0 {
		return Residue{}, false
	}
	return Residue{mulMod(num, powMod(den, p-2, p), p), which}, true
}
