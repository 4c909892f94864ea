//go:build amd64 && !purego

package blas

import (
	"sync"
	"unsafe"
)

// The blocks of a packed product: depth terms of the sums, breadth bytes of a row of B (two
// vectors of AVX-512), and so many bytes of A.
const (
	depth   = 256
	breadth = 128
	stay    = 512 << 10 // of A: half of a second-level cache
)

// panel is a block of B, copied to where it has no gaps: 32 kB, which fit a first-level cache.
type panel[T Float] [depth * breadth / 4]T

var (
	panels64 = sync.Pool{New: func() any { return new(panel[float64]) }}
	panels32 = sync.Pool{New: func() any { return new(panel[float32]) }}
)

// packed computes the product a block of B at a time, from a copy that fits the cache. B is k×n with
// rows b[p*ldb:] or, transposed, stored n×k with rows b[j*ldb:]. The sum of an entry goes on where the block
// before left it, so that its order is that of one pass.
func packed[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, transposed, acc bool, c []T, ldc int) {
	pool := &panels32
	if unsafe.Sizeof(a[0]) == 8 {
		pool = &panels64
	}
	tall, cols := stay/depth/int(unsafe.Sizeof(a[0])), breadth/int(unsafe.Sizeof(a[0]))
	p := pool.Get().(*panel[T])
	for s := 0; s < k; s += depth {
		ks := min(depth, k-s)
		for i := 0; i < m; i += tall {
			ms := min(tall, m-i)
			for j := 0; j < n; j += cols {
				ns := min(cols, n-j)
				p.fill(ks, ns, b, s, j, ldb, transposed)
				kernel(ms, ns, ks, &a[i*ars+s*acs], ars, acs, &p[0], cols, acc || s > 0, &c[i*ldc+j], ldc)
			}
		}
	}
	pool.Put(p)
}

// fill copies the ks×ns block of B at row s and column j, and leaves its rows breadth bytes apart.
func (p *panel[T]) fill(ks, ns int, b []T, s, j, ldb int, transposed bool) {
	cols := breadth / int(unsafe.Sizeof(b[0]))
	switch {
	case transposed:
		transpose(ns, ks, b[j*ldb+s:], ldb, p[:], cols)
	case ns == cols:
		for i := range ks {
			*(*[breadth]byte)(unsafe.Pointer(&p[i*cols])) = *(*[breadth]byte)(unsafe.Pointer(&b[(s+i)*ldb+j:][:cols][0]))
		}
	default:
		for i := range ks {
			copy(p[i*cols:][:ns], b[(s+i)*ldb+j:])
		}
	}
}
