package symmetry

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// qr returns the thin decomposition A = B·R by Householder reflections: A is n×s, B is
// n×r with orthonormal columns, R is r×s upper trapezoidal with exact zeros below the
// diagonal and a diagonal that is not negative, r = min(n, s). The sign of a
// zero on the diagonal counts as +1, so that B is orthonormal whatever the rank of
// A. A is not empty.
func qr(a *mat.Dense) (b, r *mat.Dense) {
	n, s := a.Dims()
	k := min(n, s)
	f := mat.DenseCopyOf(a).RawMatrix()
	tau := make([]float64, k)
	work := make([]float64, 1)
	lapack64.Geqrf(f, tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Geqrf(f, tau, work, len(work))

	r = mat.NewDense(k, s, nil)
	sign := make([]float64, k)
	for i := range k {
		sign[i] = 1
		if f.Data[i*f.Stride+i] < 0 {
			sign[i] = -1
		}
		for j := i; j < s; j++ {
			r.Set(i, j, sign[i]*f.Data[i*f.Stride+j])
		}
	}
	q := blas64.General{Rows: n, Cols: k, Stride: f.Stride, Data: f.Data}
	lapack64.Orgqr(q, tau, work[:1], -1)
	work = make([]float64, max(int(work[0]), k))
	lapack64.Orgqr(q, tau, work, len(work))
	b = mat.NewDense(n, k, nil)
	for i := range n {
		for j := range k {
			b.Set(i, j, sign[j]*q.Data[i*q.Stride+j])
		}
	}
	return b, r
}

// complete returns an orthogonal n×n matrix whose first columns are b, which is n×k with
// orthonormal columns. Unit vectors are completed by unit vectors.
func complete(b *mat.Dense, n int) *mat.Dense {
	q := mat.NewDense(n, n, nil)
	if b.IsEmpty() {
		for i := range n {
			q.Set(i, i, 1)
		}
		return q
	}
	_, k := b.Dims()
	if rows, ok := unitRows(b); ok {
		taken := make([]bool, n)
		for j, i := range rows {
			q.Set(i, j, 1)
			taken[i] = true
		}
		for i, j := 0, k; i < n; i++ {
			if !taken[i] {
				q.Set(i, j, 1)
				j++
			}
		}
		return q
	}
	f := mat.DenseCopyOf(b).RawMatrix()
	tau := make([]float64, k)
	work := make([]float64, 1)
	lapack64.Geqrf(f, tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Geqrf(f, tau, work, len(work))
	for i := range n {
		q.Set(i, i, 1)
	}
	lapack64.Ormqr(blas.Left, blas.NoTrans, f, tau, q.RawMatrix(), work[:1], -1)
	work = make([]float64, max(int(work[0]), n))
	lapack64.Ormqr(blas.Left, blas.NoTrans, f, tau, q.RawMatrix(), work, len(work))
	q.Slice(0, n, 0, k).(*mat.Dense).Copy(b) // the reflections give ±b up to rounding
	return q
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
	var out mat.Dense
	x := m
	if left != nil {
		if tr {
			out.Mul(left.T(), x)
		} else {
			out.Mul(left, x)
		}
		x = &out
	}
	if right != nil {
		var p mat.Dense
		p.Mul(x, right)
		return &p
	}
	if left == nil {
		return mat.DenseCopyOf(m)
	}
	return &out
}
