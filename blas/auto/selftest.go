//go:build (amd64 || arm64) && ((linux && !android) || (darwin && !ios) || windows || (freebsd && cgo))

package auto

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/blas"
)

// product is a Dgemm or an Sgemm.
type product[T blas.Float] func(transA, transB bool, m, n, k int, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)

// shapes are m, n and k of the products tried: one number, odd sizes below and above the register
// tiles, and long sums and many rows and columns, which pass through the blocked kernels.
var shapes = [][3]int{{1, 1, 1}, {3, 5, 7}, {17, 33, 9}, {51, 53, 401}, {521, 19, 103}, {23, 530, 90}}

// verify compares the library with plain Go in both precisions, all transpositions, beta 0 and 1, on rows
// further apart than they are wide. The numbers are integers of which every sum is exact in any order,
// while single precision in place of double, or less than single, would round them: so equality
// is exact.
func verify(l blas.Library) error {
	if err := compare("dgemm", l.Dgemm, 1<<26, 1<<18); err != nil {
		return err
	}
	return compare("sgemm", l.Sgemm, 1<<11, 1<<4)
}

// compare draws A from |a| < wide and B from |b| < narrow, where wide·narrow·401 is below 2⁵³ or 2²⁴.
func compare[T blas.Float](name string, gemm product[T], wide, narrow int64) error {
	const gap = 3 // between rows
	seed := uint64(1)
	for _, s := range shapes {
		m, n, k := s[0], s[1], s[2]
		a, b, c := integers[T](&seed, m*k, wide), integers[T](&seed, k*n, narrow), integers[T](&seed, m*n, 1000)
		sum := make([]T, m*n)
		plain(false, false, m, n, k, a, k, b, n, 0, sum, n)
		var as, bs [2][]T
		as[0], as[1] = spread(false, m, k, a, gap), spread(true, m, k, a, gap)
		bs[0], bs[1] = spread(false, k, n, b, gap), spread(true, k, n, b, gap)
		got := make([]T, m*(n+gap))
		for mode := range 8 {
			ta, tb, beta := mode&1, mode>>1&1, T(mode>>2)
			lda, ldb := k+gap, n+gap
			if ta == 1 {
				lda = m + gap
			}
			if tb == 1 {
				ldb = k + gap
			}
			for i := range got {
				got[i] = T(math.NaN())
			}
			if beta == 1 {
				for i := range m {
					copy(got[i*(n+gap):], c[i*n:(i+1)*n])
				}
			}
			gemm(ta == 1, tb == 1, m, n, k, as[ta], lda, bs[tb], ldb, beta, got, n+gap)
			for i := range got {
				i, j := i/(n+gap), i%(n+gap)
				g := got[i*(n+gap)+j]
				if j >= n {
					if g == g {
						return fmt.Errorf("its %s is wrong: it writes between the rows of C (%d×%d, transposed %t %t, beta %g)", name, m, n, ta == 1, tb == 1, float64(beta))
					}
					continue
				}
				want := sum[i*n+j]
				if beta == 1 {
					want += c[i*n+j]
				}
				if g != want {
					return fmt.Errorf("its %s is wrong: entry %d,%d of a %d×%d·%d×%d product (transposed %t %t, beta %g) is %g and must be %g",
						name, i, j, m, k, k, n, ta == 1, tb == 1, float64(beta), float64(g), float64(want))
				}
			}
		}
	}
	return nil
}

// integers draws n whole numbers of absolute value below bound.
func integers[T blas.Float](seed *uint64, n int, bound int64) []T {
	x := make([]T, n)
	for i := range x {
		*seed = *seed*6364136223846793005 + 1442695040888963407 // Knuth's MMIX generator
		x[i] = T(int64(*seed>>32)%(2*bound-1) - bound + 1)
	}
	return x
}

// spread is x, rows×cols, or its transpose, with NaN in a gap after each row.
func spread[T blas.Float](trans bool, rows, cols int, x []T, gap int) []T {
	r, c := rows, cols
	if trans {
		r, c = cols, rows
	}
	y := make([]T, r*(c+gap))
	for i := range y {
		i, j := i/(c+gap), i%(c+gap)
		switch at := i*(c+gap) + j; {
		case j >= c:
			y[at] = T(math.NaN())
		case trans:
			y[at] = x[j*cols+i]
		default:
			y[at] = x[i*cols+j]
		}
	}
	return y
}
