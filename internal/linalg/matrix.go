package linalg

import (
	"gonum.org/v1/gonum/blas"
	blasgonum "gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"

	fast "github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/quiver"
)

// impl is gonum's own BLAS, whose products have the same bits whatever GOMAXPROCS is:
// each block of the result is summed by one goroutine, in one order.
var impl blasgonum.Implementation

// Matrix is a dense row-major r×c matrix in contiguous memory. Unlike a mat.Dense it
// may have sides of length 0.
type Matrix struct {
	Rows, Cols int
	Data       []float64
}

// New returns a matrix of zeros.
func New(r, c int) Matrix { return Matrix{r, c, make([]float64, r*c)} }

// Eye returns the n×n identity.
func Eye(n int) Matrix {
	g := New(n, n)
	for i := range n {
		g.Data[i*n+i] = 1
	}
	return g
}

// Row returns row i, which shares the memory of g.
func (g Matrix) Row(i int) []float64 { return g.Data[i*g.Cols : (i+1)*g.Cols] }

// Clone returns a copy.
func (g Matrix) Clone() Matrix { return Matrix{g.Rows, g.Cols, append([]float64(nil), g.Data...)} }

// Dense returns g as a *mat.Dense of the same memory, &mat.Dense{} where a side is 0.
func (g Matrix) Dense() *mat.Dense {
	if g.Rows == 0 || g.Cols == 0 {
		return &mat.Dense{}
	}
	return mat.NewDense(g.Rows, g.Cols, g.Data)
}

// Of returns the r×c matrix m, without a copy where m's memory allows it.
func Of(m mat.Matrix, r, c int) Matrix {
	if r == 0 || c == 0 {
		return Matrix{Rows: r, Cols: c}
	}
	if d, ok := m.(*mat.Dense); ok {
		if raw := d.RawMatrix(); raw.Stride == c {
			return Matrix{r, c, raw.Data[:r*c]}
		}
	}
	g := New(r, c)
	if in, ok := m.(quiver.Inclusion); ok {
		for t := range in.K {
			g.Data[(in.Row+t)*c+in.Col+t] = 1
		}
		return g
	}
	g.Dense().Copy(m)
	return g
}

// Transpose returns gᵀ, a copy.
func (g Matrix) Transpose() Matrix {
	t := New(g.Cols, g.Rows)
	for i := range g.Rows {
		for j, x := range g.Row(i) {
			t.Data[j*g.Rows+i] = x
		}
	}
	return t
}

// Add adds f·h to g.
func (g Matrix) Add(f float64, h Matrix) {
	for i, x := range h.Data {
		g.Data[i] += f * x
	}
}

// ScaleAdd replaces g by f·g + h.
func (g Matrix) ScaleAdd(f float64, h Matrix) {
	for i, x := range h.Data {
		g.Data[i] = f*g.Data[i] + x
	}
}

// block returns a copy of the r×c block at (i, j).
func (g Matrix) block(i, j, r, c int) Matrix {
	b := New(r, c)
	for k := range r {
		copy(b.Row(k), g.Row(i + k)[j:j+c])
	}
	return b
}

// FastMul is mulGrid on the fastest kernels, for searches whose results are checked: its bits
// depend on the processor.
func FastMul(a, b Matrix) Matrix {
	p := New(a.Rows, b.Cols)
	if a.Rows > 0 && b.Cols > 0 && a.Cols > 0 {
		fast.Gemm(a.Rows, b.Cols, a.Cols, a.Data, a.Cols, 1, b.Data, b.Cols, false, p.Data, b.Cols)
	}
	return p
}

// Mul returns a·b.
func Mul(a, b Matrix) Matrix {
	p := New(a.Rows, b.Cols)
	if a.Rows > 0 && b.Cols > 0 && a.Cols > 0 {
		impl.Dgemm(blas.NoTrans, blas.NoTrans, a.Rows, b.Cols, a.Cols, 1, a.Data, a.Cols, b.Data, b.Cols, 0, p.Data, b.Cols)
	}
	return p
}
