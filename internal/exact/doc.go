// Package exact computes with numbers that are never rounded: rationals, residues modulo
// primes, ranks of whole matrices, and polyhedra with rational corners.
//
// A float64 is a rational number, so what starts from weights loses nothing. The laws:
//
//   - values are values: no function changes its arguments, except RankInPlace and
//     Elimination.Add, which say so;
//   - every result is the true one. A rank modulo a prime is named as such, and is at most the
//     rank: a minor that is not 0 modulo p is not 0;
//   - nothing is random, so that the same input gives the same result.
//
// In reading order:
//
//	rational.go     Rational: fractions of int64 that fall back to big.Rat
//	residue.go      Residue: numbers modulo 2⁶¹ − 1 and 2⁶¹ − 31
//	elimination.go  Elimination: the rank modulo a prime, row by row
//	bareiss.go      Rank: the rank by elimination without fractions
//	hadamard.go     RankIntegers: the rank by residues and Hadamard's bound
//	zerosubset.go   ZeroSubset: rows whose sum is 0
//	cone.go         Cone: polyhedra by double description
//	bitset.go       which inequalities are equations at a ray
package exact
