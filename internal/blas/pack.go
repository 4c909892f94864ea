//go:build amd64 && !purego

package blas

import "sync"

// The block of B that packed copies: depth rows of breadth numbers, 64 kB in float64.
const (
	depth   = 256
	breadth = 32
)

// panel is a block of B copied to where it has no gaps.
type panel[T Float] [depth * breadth]T

var (
	panels64 = sync.Pool{New: func() any { return new(panel[float64]) }}
	panels32 = sync.Pool{New: func() any { return new(panel[float32]) }}
)

// packed computes the product a block of B at a time, from a copy that fits the cache. B is k×n with
// rows b[p*ldb:] or, transposed, stored n×k with rows b[j*ldb:].
// The sum of an entry goes on where the block before left it, so that its order is that of one pass.
func packed[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, transposed, acc bool, c []T, ldc int) {
	pool := &panels32
	if _, ok := any(a).([]float64); ok {
		pool = &panels64
	}
	p := pool.Get().(*panel[T])
	for s := 0; s < k; s += depth {
		ks := min(depth, k-s)
		for j := 0; j < n; j += breadth {
			ns := min(breadth, n-j)
			if transposed {
				transpose(ns, ks, b[j*ldb+s:], ldb, p[:], breadth)
			} else {
				for i := range ks {
					copy(p[i*breadth:][:ns], b[(s+i)*ldb+j:])
				}
			}
			kernel(m, ns, ks, &a[s*acs], ars, acs, &p[0], breadth, acc || s > 0, &c[j], ldc)
		}
	}
	pool.Put(p)
}
