package identify

import (
	"math"
	"math/big"
	"math/bits"
)

// primes are the moduli of the modular ranks: 2⁶¹ − 1 and the largest prime below it.
// Both leave room for the sum of two residues in a uint64.
var primes = [2]uint64{1<<61 - 1, 1<<61 - 31}

// residue is a number modulo primes[which].
type residue struct {
	v     uint64
	which uint8
}

func (a residue) add(b residue) residue {
	p := primes[a.which]
	if a.v += b.v; a.v >= p {
		a.v -= p
	}
	return a
}

func (a residue) mul(b residue) residue {
	a.v = mulMod(a.v, b.v, primes[a.which])
	return a
}

func (a residue) isZero() bool { return a.v == 0 }

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

// residueFloat returns a finite float64, which is a dyadic rational, modulo a prime.
func residueFloat(x float64, which uint8) residue {
	p := primes[which]
	if x == 0 {
		return residue{0, which}
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
	return residue{m, which}
}

// residueFrac returns a rational modulo a prime, or false where the prime divides
// the denominator.
func residueFrac(a frac, which uint8) (residue, bool) {
	p := primes[which]
	big61 := new(big.Int).SetUint64(p)
	num := new(big.Int).Mod(a.rat().Num(), big61).Uint64()
	den := new(big.Int).Mod(a.rat().Denom(), big61).Uint64()
	if den == 0 {
		return residue{}, false
	}
	return residue{mulMod(num, powMod(den, p-2, p), p), which}, true
}

// rankMod eliminates rows one by one modulo a prime and counts those that do not
// vanish. The rank modulo a prime is at most the rank over the rationals, since a minor
// that is not 0 modulo p is not 0.
type rankMod struct {
	p    uint64
	rows [][]uint64 // reduced rows with a leading 1
	lead []int
}

// add gives one row, which it overwrites, and reports whether the rank grew.
func (m *rankMod) add(row []uint64) bool {
	p := m.p
	for k, r := range m.rows {
		j := m.lead[k]
		f := row[j]
		if f == 0 {
			continue
		}
		f = p - f
		for t := j; t < len(row); t++ {
			if r[t] != 0 {
				if row[t] += mulMod(f, r[t], p); row[t] >= p {
					row[t] -= p
				}
			}
		}
	}
	for j, v := range row {
		if v == 0 {
			continue
		}
		inv := powMod(v, p-2, p)
		for t := j; t < len(row); t++ {
			row[t] = mulMod(row[t], inv, p)
		}
		// keep the rows in order of their leading columns, so that one pass suffices
		k := len(m.lead)
		for k > 0 && m.lead[k-1] > j {
			k--
		}
		m.lead = append(m.lead, 0)
		copy(m.lead[k+1:], m.lead[k:])
		m.lead[k] = j
		m.rows = append(m.rows, nil)
		copy(m.rows[k+1:], m.rows[k:])
		m.rows[k] = append([]uint64(nil), row...)
		return true
	}
	return false
}
