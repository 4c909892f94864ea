package exact

import (
	"math/big"
	"math/bits"
	"slices"
)

// RankIntegers returns the rank of an integer matrix, with a proof: it is the rank modulo
// sufficiently many primes. Modulo a prime it is at most the rank; where all minors of
// size r + 1 are 0 modulo primes whose product exceeds Hadamard's bound of them,
//
//	|minor| ≤ product of the norms of its rows,
//
// they are 0. This needs only small numbers, unlike elimination without fractions.
func RankIntegers(m [][]*big.Int) int {
	rank, known := -1, 0 // known: bits of the product of the primes, rounded down
	need := 0
	for p := uint64(largestPrime); ; p = PrimeBelow(p) {
		if r := RankModulo(m, p); r > rank {
			rank, need = r, HadamardBits(m, r+1)
		}
		if known += bits.Len64(p) - 1; known > need {
			return rank
		}
	}
}

// HadamardBits returns k with |minor| < 2ᵏ for all minors of the given size; 0 where there are
// none that are not 0.
func HadamardBits(m [][]*big.Int, size int) int {
	if len(m) == 0 || size > len(m[0]) {
		return 0
	}
	var norms []int // bits of the norm of each row that is not 0, rounded up
	var sum, square big.Int
	for _, row := range m {
		sum.SetInt64(0)
		for _, x := range row {
			sum.Add(&sum, square.Mul(x, x))
		}
		if n := sum.BitLen(); n > 0 {
			norms = append(norms, (n+1)/2)
		}
	}
	if size > len(norms) {
		return 0
	}
	slices.Sort(norms)
	k := 0
	for _, n := range norms[len(norms)-size:] {
		k += n
	}
	return k
}

const largestPrime = 1<<61 - 1

// PrimeBelow returns the largest prime below p.
func PrimeBelow(p uint64) uint64 {
	for {
		p--
		if new(big.Int).SetUint64(p).ProbablyPrime(0) { // no error below 2⁶⁴
			return p
		}
	}
}

// RankModulo returns the rank of an integer matrix modulo a prime below 2⁶³.
func RankModulo(m [][]*big.Int, p uint64) int {
	e := NewElimination(p)
	modulus := new(big.Int).SetUint64(p)
	var x big.Int
	for _, row := range m {
		r := make([]uint64, len(row))
		for j, v := range row {
			r[j] = x.Mod(v, modulus).Uint64()
		}
		e.Add(r)
	}
	return e.Rank()
}
