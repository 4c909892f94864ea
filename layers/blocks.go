package layers

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/scalar"
	"github.com/quivernet/quivernet/quiver"
)

// Blocks returns the activation that is radial on each block of coordinates:
// ℝⁿ = ⊕ ℝ^{n_b}, n = Σ sizes, each block rescaled by its own norm. Its symmetries are
// ∏ O(n_b). It keeps the sums of subspaces of the blocks; its Closure projects on each
// block. It panics with *ConstantError unless all sizes are positive.
func Blocks(h Func, sizes ...int) quiver.Activation {
	scalar.MustFunc("blocks", h)
	n := 0
	for _, s := range sizes {
		if s <= 0 {
			panic(refusal("blocks", fmt.Sprint(sizes), "want positive sizes"))
		}
		if n += s; n > math.MaxInt32 || n < s {
			panic(refusal("blocks", fmt.Sprint(sizes), "want at most 2147483647 in all"))
		}
	}
	if len(sizes) == 0 {
		panic(refusal("blocks", "no sizes", "give the size of each block"))
	}
	return &blocks{h: h, one: Radial(h).(*radial), sizes: append([]int(nil), sizes...), n: n}
}

type blocks struct {
	h     Func
	one   *radial
	sizes []int
	n     int
}

func (a *blocks) String() string {
	s := make([]string, len(a.sizes))
	for i, n := range a.sizes {
		s[i] = fmt.Sprint(n)
	}
	return fmt.Sprintf("blocks(%s,%s)", a.h, strings.Join(s, ","))
}

// Dim returns the dimension that the activation acts on.
func (a *blocks) Dim() int { return a.n }

func (a *blocks) each(do func(lo, hi int)) {
	lo := 0
	for _, s := range a.sizes {
		do(lo, lo+s)
		lo += s
	}
}

// rows is each, once the length of z has been looked at.
func (a *blocks) rows(z []float64, do func(lo, hi int)) {
	if mustHave(a, a.n, z); len(z) > 0 {
		a.each(do)
	}
}

func (a *blocks) Apply(dst, z []float64) {
	a.rows(z, func(lo, hi int) { a.one.Apply(dst[lo:hi], z[lo:hi]) })
}

func (a *blocks) VJP(dst, z, g []float64) {
	a.rows(z, func(lo, hi int) { a.one.VJP(dst[lo:hi], z[lo:hi], g[lo:hi]) })
}

// JVP is VJP: the Jacobian is symmetric.
func (a *blocks) JVP(dst, z, u []float64) { a.VJP(dst, z, u) }

func (a *blocks) VJP2(dst, z, g, u []float64) {
	a.rows(z, func(lo, hi int) { a.one.vjp2(dst[lo:hi], z[lo:hi], g[lo:hi], u[lo:hi]) })
}

// Lipschitz returns the supremum of the local constant, and for |ρ| the smaller of two
// bounds, √B·sup|h| for B blocks and hi·sup|h(r)/r|: a block may have any norm up
// to that of the whole, as soon as there are two.
func (a *blocks) Lipschitz(lo, hi float64) (lip, sup float64) {
	if len(a.sizes) == 1 {
		return scalar.RadialSuprema(a.h, lo, hi)
	}
	hi = max(hi, 0)
	lip, one := scalar.RadialSuprema(a.h, 0, hi)
	sup = math.Sqrt(float64(len(a.sizes))) * one
	if hi > 0 && a.h.Value(0) == 0 {
		sup = min(sup, hi*scalar.RatioSupremum(a.h, math.SmallestNonzeroFloat64, hi))
	}
	return lip, scalar.Known(sup)
}

// Restrict keeps span b where b is block-diagonal up to the order of its columns, in runs:
// each column lives in one block, the columns of a block stand together and the
// blocks in order. The restriction is block-radial with smaller blocks.
func (a *blocks) Restrict(b *mat.Dense) (quiver.Activation, bool) {
	if b.IsEmpty() {
		return quiver.Identity, true
	}
	n, k := b.Dims()
	if n != a.n {
		return nil, false
	}
	sizes := make([]int, len(a.sizes))
	last := 0
	for j := range k {
		in, i := -1, 0
		a.each(func(lo, hi int) {
			for r := lo; r < hi; r++ {
				if b.At(r, j) != 0 {
					if in >= 0 && in != i {
						in = len(a.sizes)
					} else if in < 0 {
						in = i
					}
				}
			}
			i++
		})
		if in < last || in == len(a.sizes) {
			return nil, false
		}
		last = in
		sizes[in]++
	}
	var left []int
	for _, s := range sizes {
		if s > 0 {
			left = append(left, s)
		}
	}
	return Blocks(a.h, left...), true
}

// Closure returns the sum of the projections of span b to the blocks.
func (a *blocks) Closure(b *mat.Dense) (*mat.Dense, bool) {
	if b.IsEmpty() {
		return &mat.Dense{}, true
	}
	n, k := b.Dims()
	if n != a.n {
		return nil, false
	}
	type column struct {
		from int
		v    []float64
	}
	var columns []column
	ok := true
	a.each(func(lo, hi int) {
		basis, found := span(b.Slice(lo, hi, 0, k))
		ok = ok && found
		for _, v := range basis {
			columns = append(columns, column{lo, v})
		}
	})
	if !ok {
		return nil, false
	}
	if len(columns) == 0 {
		return &mat.Dense{}, true
	}
	out := mat.NewDense(n, len(columns), nil)
	for j, c := range columns {
		for i, x := range c.v {
			out.Set(c.from+i, j, x)
		}
	}
	return out, true
}

// span returns an orthonormal basis of the columns of m, a part of a matrix with
// orthonormal columns: singular values of the size of rounding do not count. It returns
// false where the decomposition fails.
func span(m mat.Matrix) ([][]float64, bool) {
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDThin) {
		return nil, false
	}
	var u mat.Dense
	svd.UTo(&u)
	r, c := m.Dims()
	var basis [][]float64
	for j, s := range svd.Values(nil) {
		if s > 16*float64(max(r, c))*0x1p-52 {
			basis = append(basis, mat.Col(nil, j, &u))
		}
	}
	return basis, true
}
