package quiver

import (
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// constant is the matrix of a fixed arrow that is not an Inclusion: r×c numbers that nobody
// can change, so that quivers and representations share it. Whoever wants to write takes a copy
// with mat.DenseCopyOf.
type constant struct {
	r, c int
	data []float64 // row-major
}

// immutable returns m itself where nobody can change it, and else a copy.
func immutable(m mat.Matrix) mat.Matrix {
	switch m := m.(type) {
	case Inclusion, *constant:
		return m
	case mat.Transpose:
		if t, ok := m.Matrix.(Inclusion); ok {
			return t.T()
		}
	}
	r, c := m.Dims()
	if r == 0 || c == 0 {
		return &constant{r: r, c: c}
	}
	return &constant{r, c, mat.DenseCopyOf(m).RawMatrix().Data}
}

// Dims returns the size of the matrix.
func (m *constant) Dims() (r, c int) { return m.r, m.c }

// At returns the entry (i, j).
func (m *constant) At(i, j int) float64 {
	mustIndex("row", i, m.r)
	mustIndex("column", j, m.c)
	return m.data[i*m.c+j]
}

// T returns the transpose.
func (m *constant) T() mat.Matrix { return mat.Transpose{Matrix: m} }

// RawMatrix returns a copy of the entries, row-major, which products of gonum work on.
func (m *constant) RawMatrix() blas64.General {
	return blas64.General{Rows: m.r, Cols: m.c, Stride: m.c, Data: slices.Clone(m.data)}
}
