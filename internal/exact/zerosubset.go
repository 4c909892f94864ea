package exact

// ZeroSubset returns a non-empty set of rows with sum zero, or nil if there is none. Each
// subset's sum is followed, in Gray-code order, through one random functional modulo a
// prime; where that vanishes the sum itself is computed.
func ZeroSubset(rows [][]Rational) []int {
	p := Primes[0]
	hash := make([]uint64, len(rows))
	for i, r := range rows {
		key := uint64(0x9e3779b97f4a7c15)
		for _, x := range r {
			key ^= key << 13
			key ^= key >> 7
			key ^= key << 17
			v, ok := ResidueOf(x, 0)
			if !ok {
				return slowSubset(rows)
			}
			hash[i] = (hash[i] + mulMod(key%p, v.v, p)) % p
		}
	}
	in := make([]bool, len(rows))
	sum := uint64(0)
	for k := uint64(1); k < 1<<len(rows); k++ {
		bit := 0
		for k>>bit&1 == 0 {
			bit++
		}
		if in[bit] = !in[bit]; in[bit] {
			sum = (sum + hash[bit]) % p
		} else {
			sum = (sum + p - hash[bit]) % p
		}
		if sum == 0 && sumsToZero(rows, in) {
			return members(in)
		}
	}
	return nil
}

func slowSubset(rows [][]Rational) []int {
	in := make([]bool, len(rows))
	for k := uint64(1); k < 1<<len(rows); k++ {
		for i := range in {
			in[i] = k>>i&1 == 1
		}
		if sumsToZero(rows, in) {
			return members(in)
		}
	}
	return nil
}

func members(in []bool) []int {
	var set []int
	for i, b := range in {
		if b {
			set = append(set, i)
		}
	}
	return set
}

func sumsToZero(rows [][]Rational, in []bool) bool {
	any := false
	for j := range rows[0] {
		s := Int(0)
		for i, b := range in {
			if b {
				s, any = s.Add(rows[i][j]), true
			}
		}
		if !s.IsZero() {
			return false
		}
	}
	return any
}
