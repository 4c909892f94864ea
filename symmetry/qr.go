package symmetry

import (
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/quiver"
)

// qr returns the thin decomposition A = B·R by Householder reflections: A is n×s, B is
// n×r with orthonormal columns, R is r×s upper trapezoidal with exact zeros below the
// diagonal and a diagonal that is not negative, r = min(n, s). The sign of a
// zero on the diagonal counts as +1, so that B is orthonormal whatever the rank of
// A. A is not empty.
func qr(a *mat.Dense) (b, r *mat.Dense) {
	n, s := a.Dims()
	f, g := factorize(gridOf(a, n, s))
	return f.thin().dense(), g.dense()
}

// complete returns an orthogonal factor whose first columns are b, which is n×k with
// orthonormal columns, up to rounding: reflections, never multiplied out. Unit vectors
// are completed by unit vectors.
func complete(b *mat.Dense) factor {
	if rows, ok := unitRows(b); ok {
		n, _ := b.Dims()
		taken := make([]bool, n)
		for _, i := range rows {
			taken[i] = true
		}
		for i := range n {
			if !taken[i] {
				rows = append(rows, i)
			}
		}
		return &permutation{rows}
	}
	n, k := b.Dims()
	f, _ := factorize(gridOf(b, n, k))
	return f
}

// unitRows returns, for a matrix whose columns are unit vectors e_i, the i of each.
func unitRows(b *mat.Dense) ([]int, bool) {
	n, k := b.Dims()
	rows := make([]int, k)
	for j := range k {
		rows[j] = -1
		for i := range n {
			switch b.At(i, j) {
			case 0:
			case 1:
				if rows[j] >= 0 {
					return nil, false
				}
				rows[j] = i
			default:
				return nil, false
			}
		}
		if rows[j] < 0 {
			return nil, false
		}
	}
	return rows, true
}

// product returns the product of matrices of which nil stands for an identity; tr
// transposes the first. Empty matrices give an empty one.
func product(left *mat.Dense, tr bool, m mat.Matrix, right *mat.Dense) *mat.Dense {
	if r, c := m.Dims(); r == 0 || c == 0 || left != nil && left.IsEmpty() || right != nil && right.IsEmpty() {
		return &mat.Dense{}
	}
	out := m
	if left != nil {
		out = multiply(left, tr, out)
	}
	if right != nil {
		out = multiply(out, false, right)
	}
	if d, ok := out.(*mat.Dense); ok && out != m {
		return d
	}
	return mat.DenseCopyOf(m)
}

// multiply returns a·b, or aᵀ·b.
func multiply(a mat.Matrix, tr bool, b mat.Matrix) *mat.Dense {
	_, structured := a.(quiver.Inclusion)
	if _, ok := b.(quiver.Inclusion); ok || structured {
		var out mat.Dense
		if tr {
			a = a.T()
		}
		out.Mul(a, b)
		return &out
	}
	r, c := a.Dims()
	k, n := b.Dims()
	x, y := entries(a), entries(b)
	if tr {
		out := mat.NewDense(c, n, nil)
		blas.Gemm(c, n, k, x, 1, c, y, n, false, out.RawMatrix().Data, n)
		return out
	}
	out := mat.NewDense(r, n, nil)
	blas.Gemm(r, n, k, x, c, 1, y, n, false, out.RawMatrix().Data, n)
	return out
}
