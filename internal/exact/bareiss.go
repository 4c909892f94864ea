package exact

import "math/big"

// RankInPlace returns the rank of an integer matrix by fraction-free elimination (Bareiss
// 1968), which it carries out in place. All intermediate numbers are minors of m, so
// they grow only as fast as determinants do.
func RankInPlace(m [][]*big.Int) int {
	if len(m) == 0 {
		return 0
	}
	cols := len(m[0])
	last := big.NewInt(1)
	var a, b big.Int
	rank := 0
	for j := 0; j < cols && rank < len(m); j++ {
		pivot := -1
		for i := rank; i < len(m); i++ {
			if m[i][j].Sign() != 0 && (pivot < 0 || m[i][j].BitLen() < m[pivot][j].BitLen()) {
				pivot = i
			}
		}
		if pivot < 0 {
			continue
		}
		m[rank], m[pivot] = m[pivot], m[rank]
		top := m[rank]
		for i := rank + 1; i < len(m); i++ {
			row := m[i]
			for t := j + 1; t < cols; t++ {
				a.Mul(top[j], row[t])
				b.Mul(row[j], top[t])
				row[t].Quo(a.Sub(&a, &b), last)
			}
			row[j].SetInt64(0)
		}
		last = top[j]
		rank++
	}
	return rank
}

// Integers returns a row of rationals times their least common denominator.
func Integers(row []Rational) []*big.Int {
	lcm := big.NewInt(1)
	var g big.Int
	for _, x := range row {
		d := x.Rat().Denom()
		g.GCD(nil, nil, lcm, d)
		lcm.Mul(lcm, new(big.Int).Quo(d, &g))
	}
	out := make([]*big.Int, len(row))
	for i, x := range row {
		r := x.Rat()
		v := new(big.Int).Mul(r.Num(), lcm)
		out[i] = v.Quo(v, r.Denom())
	}
	return out
}

// Rank returns the rank of a matrix of rationals. Rows that depend on earlier ones
// modulo a prime are checked all the same: the result is the rank, not a guess.
func Rank(rows [][]Rational) int {
	m := make([][]*big.Int, 0, len(rows))
	for _, r := range rows {
		m = append(m, Integers(r))
	}
	return RankInPlace(m)
}
