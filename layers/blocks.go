package layers

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Blocks returns the activation that is radial on each block of coordinates:
// ℝⁿ = ⊕ ℝ^{n_b}, n = Σ sizes, each block rescaled by its own norm. Its symmetries are
// ∏ O(n_b). It keeps the sums of subspaces of the blocks; its Closure projects on each
// block. It panics with *ConstantError unless all sizes are positive.
func Blocks(h Func, sizes ...int) quiver.Activation {
	n := 0
	for _, s := range sizes {
		if s <= 0 {
			panic(&ConstantError{"blocks", fmt.Sprint(sizes), "want positive sizes"})
		}
		n += s
	}
	if len(sizes) == 0 {
		panic(&ConstantError{"blocks", "no sizes", "give the size of each block"})
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

func (a *blocks) each(do func(lo, hi int)) {
	lo := 0
	for _, s := range a.sizes {
		do(lo, lo+s)
		lo += s
	}
}

func (a *blocks) Apply(dst, z []float64) {
	a.each(func(lo, hi int) { a.one.Apply(dst[lo:hi], z[lo:hi]) })
}

func (a *blocks) VJP(dst, z, g []float64) {
	a.each(func(lo, hi int) { a.one.VJP(dst[lo:hi], z[lo:hi], g[lo:hi]) })
}

// JVP is VJP: the Jacobian is symmetric.
func (a *blocks) JVP(dst, z, u []float64) { a.VJP(dst, z, u) }

func (a *blocks) VJP2(dst, z, g, u []float64) {
	a.each(func(lo, hi int) { radialVJP2(dst[lo:hi], z[lo:hi], g[lo:hi], u[lo:hi], a.h) })
}

// Lipschitz: a block may have any norm up to that of the whole.
func (a *blocks) Lipschitz(_, hi float64) (lip, sup float64) {
	lip, one := radialSuprema(a.h, 0, hi)
	return lip, one * math.Sqrt(float64(len(a.sizes)))
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
	out := mat.NewDense(n, n, nil)
	cols := 0
	a.each(func(lo, hi int) {
		for _, v := range span(b.Slice(lo, hi, 0, k)) {
			for i, x := range v {
				out.Set(lo+i, cols, x)
			}
			cols++
		}
	})
	if cols == 0 {
		return &mat.Dense{}, true
	}
	return mat.DenseCopyOf(out.Slice(0, n, 0, cols)), true
}

// span returns an orthonormal basis of the columns of m, by singular values above
// rounding.
func span(m mat.Matrix) [][]float64 {
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDThin) {
		return nil
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
	return basis
}

// radialVJP2 stores ∇_z⟨u, Dρ(z)ᵀg⟩ in dst for the radial activation of h; 0 at the
// origin.
func radialVJP2(dst, z, g, u []float64, h Func) {
	r := norm(z)
	if r == 0 {
		clear(dst)
		return
	}
	var E, U, G float64
	for i, x := range z {
		E += x / r * g[i]
		U += x / r * u[i]
		G += u[i] * g[i]
	}
	var c [3]float64
	jet(h, c[:], r)
	l := c[0] / r
	l1 := (c[1] - l) / r
	sr := l1*G + (2*c[2]-l1)*E*U
	t := (c[1] - l) / r
	for i, x := range z {
		e := x / r
		dst[i] = sr*e + t*(U*(g[i]-E*e)+E*(u[i]-U*e))
	}
}
