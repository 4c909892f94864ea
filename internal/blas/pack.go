//go:build amd64 && !purego

package blas

import "unsafe"

// The blocks of a packed product: depth terms of the sums; copies of B that are breadth bytes
// wide (two vectors of AVX-512) and fit a first-level cache, abreast of them made at once, because memory likes
// to be read along a row; and stay bytes of A, half of a second-level cache.
const (
	depth   = 256
	breadth = 128
	abreast = 4
	stay    = 512 << 10
)

// panel is a block of B, copied to where it has no gaps.
type panel[T Float] [depth * breadth / 4]T

// store keeps blocks for the next product. Unlike a sync.Pool it never loses one to the garbage collector, so that
// steady state allocates nothing at all; it keeps no more than its capacity, 2 MB.
type store[T Float] chan *[abreast]panel[T]

var (
	store64 = make(store[float64], 16)
	store32 = make(store[float32], 16)
)

func (s store[T]) take() *[abreast]panel[T] {
	select {
	case p := <-s:
		return p
	default:
		return new([abreast]panel[T])
	}
}

func (s store[T]) give(p *[abreast]panel[T]) {
	select {
	case s <- p:
	default:
	}
}

// packed computes the product a block at a time. B is k×n with rows b[p*ldb:] or, transposed, stored n×k with
// rows b[j*ldb:]. The sum of an entry goes on where the block before left it, so that its order is that
// of one pass.
func packed[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, transposed, acc bool, bias *T, c []T, ldc int) {
	size := int(unsafe.Sizeof(a[0]))
	st, ok := any(store64).(store[T])
	if !ok {
		st = any(store32).(store[T])
	}
	ps := st.take()
	tall, wide := stay/depth/size, breadth/size
	for s := 0; s < k; s += depth {
		ks := min(depth, k-s)
		for i := 0; i < m; i += tall {
			ms := min(tall, m-i)
			from := bias
			if bias != nil {
				from = &unsafe.Slice(bias, m)[i]
			}
			for j := 0; j < n; j += abreast * wide {
				ns := min(abreast*wide, n-j)
				if transposed {
					fillT(ps, ks, ns, b[j*ldb+s:], ldb)
				} else {
					fill(ps, ks, ns, b[s*ldb+j:], ldb)
				}
				for q := 0; q*wide < ns; q++ {
					gemm(ms, min(wide, ns-q*wide), ks, a[i*ars+s*acs:], ars, acs, ps[q][:], wide, acc || s > 0, from, c[i*ldc+j+q*wide:], ldc)
				}
			}
		}
	}
	st.give(ps)
}

// fill copies a ks×ns block of B into panels, whose rows are breadth bytes apart.
func fill[T Float](ps *[abreast]panel[T], ks, ns int, b []T, ldb int) {
	wide := breadth / int(unsafe.Sizeof(b[0]))
	for i := range ks {
		row := b[i*ldb:][:ns]
		for q := 0; len(row) > 0; q++ {
			if len(row) < wide {
				copy(ps[q][i*wide:], row)
				break
			}
			*(*[breadth]byte)(unsafe.Pointer(&ps[q][i*wide])) = *(*[breadth]byte)(unsafe.Pointer(&row[0]))
			row = row[wide:]
		}
	}
}

// fillT does the same for a block that is stored transposed, ns×ks.
func fillT[T Float](ps *[abreast]panel[T], ks, ns int, b []T, ldb int) {
	wide := breadth / int(unsafe.Sizeof(b[0]))
	for q := 0; q*wide < ns; q++ {
		transpose(min(wide, ns-q*wide), ks, b[q*wide*ldb:], ldb, ps[q][:], wide)
	}
}
