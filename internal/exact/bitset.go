package exact

import "math/bits"

// bitset is a set of small numbers, never changed.
type bitset []uint64

func (s bitset) with(k int) bitset {
	t := make(bitset, max(len(s), k/64+1))
	copy(t, s)
	t[k/64] |= 1 << (k % 64)
	return t
}

func (s bitset) and(o bitset) bitset {
	t := make(bitset, min(len(s), len(o)))
	for i := range t {
		t[i] = s[i] & o[i]
	}
	return t
}

func (s bitset) within(o bitset) bool {
	for i, x := range s {
		if i >= len(o) && x != 0 || i < len(o) && x&^o[i] != 0 {
			return false
		}
	}
	return true
}

func (s bitset) count() int {
	n := 0
	for _, x := range s {
		n += bits.OnesCount64(x)
	}
	return n
}
