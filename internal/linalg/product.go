package linalg

import (
	"math"
	"reflect"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/quiver"
)

// Product returns the product of matrices of which nil stands for an identity; tr
// transposes the first. Empty matrices give an empty one.
func Product(left *mat.Dense, tr bool, m mat.Matrix, right *mat.Dense) *mat.Dense {
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
	x, y := Entries(a), Entries(b)
	if tr {
		out := mat.NewDense(c, n, nil)
		blas.Gemm(c, n, k, x, 1, c, y, n, false, out.RawMatrix().Data, n)
		return out
	}
	out := mat.NewDense(r, n, nil)
	blas.Gemm(r, n, k, x, c, 1, y, n, false, out.RawMatrix().Data, n)
	return out
}

// Entries returns a matrix, row-major without gaps.
func Entries(m mat.Matrix) []float64 {
	if d, ok := m.(*mat.Dense); ok {
		if raw := d.RawMatrix(); raw.Stride == raw.Cols {
			return raw.Data
		}
	}
	return mat.DenseCopyOf(m).RawMatrix().Data
}

// Abs returns the matrix of absolute values.
func Abs(m mat.Matrix) *mat.Dense {
	out := mat.DenseCopyOf(m)
	raw := out.RawMatrix().Data
	for i, x := range raw {
		raw[i] = math.Abs(x)
	}
	return out
}

// MulVec returns b·z.
func MulVec(b *mat.Dense, z []float64) []float64 {
	n, k := b.Dims()
	out := make([]float64, n)
	raw := b.RawMatrix()
	for i := range out {
		out[i] = floats.Dot(raw.Data[i*raw.Stride:i*raw.Stride+k], z)
	}
	return out
}

// IsNil says whether an interface, a matrix or another, is nil or holds a nil pointer.
func IsNil(x any) bool {
	v := reflect.ValueOf(x)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}
