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

// panels are blocks of B, copied to where they have no gaps.
type panels [abreast][depth * breadth / 8]float64

// panel is the memory of panel q, as numbers of either precision.
func panel[T Float](ps *panels, q int) []T {
	var x T
	return unsafe.Slice((*T)(unsafe.Pointer(&ps[q])), depth*breadth/unsafe.Sizeof(x))
}

// store keeps panels for the next product. Unlike a sync.Pool it never loses one to the garbage collector, so that
// steady state allocates nothing at all; it keeps no more than its capacity, 2 MB.
var store = make(chan *panels, 16)

func take() *panels {
	select {
	case ps := <-store:
		return ps
	default:
		return new(panels)
	}
}

func give(ps *panels) {
	select {
	case store <- ps:
	default:
	}
}

// packed computes the product a block at a time. B is k×n with rows b[p*ldb:] or, transposed, stored n×k with
// rows b[j*ldb:]. The sum of an entry goes on where the block before left it, so that its order is that
// of one pass.
func packed[T Float](m, n, k int, a []T, ars, acs int, b []T, ldb int, transposed, acc bool, bias *T, c []T, ldc int) {
	size := int(unsafe.Sizeof(a[0]))
	ps := take()
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
					gemm(ms, min(wide, ns-q*wide), ks, a[i*ars+s*acs:], ars, acs, panel[T](ps, q), wide, acc || s > 0, from, c[i*ldc+j+q*wide:], ldc)
				}
			}
		}
	}
	give(ps)
}

// fill copies a ks×ns block of B into panels, whose rows are breadth bytes apart.
func fill[T Float](ps *panels, ks, ns int, b []T, ldb int) {
	wide := breadth / int(unsafe.Sizeof(b[0]))
	for i := range ks {
		row := b[i*ldb:][:ns]
		for q := 0; len(row) > 0; q++ {
			if len(row) < wide {
				copy(panel[T](ps, q)[i*wide:], row)
				break
			}
			*(*[breadth]byte)(unsafe.Pointer(&panel[T](ps, q)[i*wide])) = *(*[breadth]byte)(unsafe.Pointer(&row[0]))
			row = row[wide:]
		}
	}
}

// fillT does the same for a block that is stored transposed, ns×ks.
func fillT[T Float](ps *panels, ks, ns int, b []T, ldb int) {
	wide := breadth / int(unsafe.Sizeof(b[0]))
	for q := 0; q*wide < ns; q++ {
		transpose(min(wide, ns-q*wide), ks, b[q*wide*ldb:], ldb, panel[T](ps, q), wide)
	}
}
