package quiver

import (
	"fmt"
	"math"
	"reflect"

	"gonum.org/v1/gonum/mat"
)

// Inclusion is the matrix, Rows×Cols, that copies a run of coordinates:
// M[Row+t, Col+t] = 1 for 0 ≤ t < K, and 0 elsewhere. Identity skips, the blocks
// of a concatenation and the projections of a split are inclusions; a product
// with one is a copy.
type Inclusion struct {
	Rows, Cols int
	Row, Col   int
	K          int
}

// Eye returns the n×n identity.
func Eye(n int) Inclusion { return Inclusion{Rows: n, Cols: n, K: n} }

// Dims returns the size of the matrix.
func (m Inclusion) Dims() (r, c int) { return m.Rows, m.Cols }

// At returns the entry (i, j), 1 or 0. It panics with *IndexError.
func (m Inclusion) At(i, j int) float64 {
	mustIndex("row", i, m.Rows)
	mustIndex("column", j, m.Cols)
	if t := i - m.Row; t >= 0 && t < m.K && j-m.Col == t {
		return 1
	}
	return 0
}

// T returns the transpose, an Inclusion too.
func (m Inclusion) T() mat.Matrix {
	return Inclusion{Rows: m.Cols, Cols: m.Rows, Row: m.Col, Col: m.Row, K: m.K}
}

// String returns "inclusion(rows×cols, k at row,col)".
func (m Inclusion) String() string {
	return fmt.Sprintf("inclusion(%d×%d, %d at %d,%d)", m.Rows, m.Cols, m.K, m.Row, m.Col)
}

func (m Inclusion) valid() bool {
	return m.K >= 0 && m.Row >= 0 && m.Col >= 0 && m.Row <= m.Rows-m.K && m.Col <= m.Cols-m.K
}

// checkFixed returns what is wrong with the fixed matrix of arrow a: a nil or
// ill-formed matrix, a shape other than a's, an entry that is not finite.
func checkFixed(a Arrow, m mat.Matrix) error {
	where := fmt.Sprintf("arrow %q", a.Name)
	why := fmt.Sprintf("dim %s × dim %s", a.To, a.From)
	if isNil(m) {
		return &ShapeError{Where: where, WantRows: a.Rows, WantCols: a.Cols, Why: why + "; the fixed matrix is nil"}
	}
	r, c := m.Dims()
	if (r != a.Rows || c != a.Cols) && !(a.Rows*a.Cols == 0 && r*c == 0) {
		return &ShapeError{where, r, c, a.Rows, a.Cols, why}
	}
	if in, ok := m.(Inclusion); ok {
		if !in.valid() {
			return &ShapeError{Where: where, Rows: r, Cols: c, WantRows: a.Rows, WantCols: a.Cols, Why: fmt.Sprintf("%s; the block of %d ones at (%d,%d) does not fit", why, in.K, in.Row, in.Col)}
		}
		return nil
	}
	for i := range r {
		for j := range c {
			if v := m.At(i, j); math.IsNaN(v) || math.IsInf(v, 0) {
				return &NonFiniteError{where, i, j, v}
			}
		}
	}
	return nil
}

// dense returns m as a *mat.Dense of its own memory; &mat.Dense{} when a side is 0.
func dense(m mat.Matrix) *mat.Dense {
	if r, c := m.Dims(); r == 0 || c == 0 {
		return &mat.Dense{}
	}
	return mat.DenseCopyOf(m)
}

// isNil reports whether an interface value is nil or holds a nil pointer.
func isNil(x any) bool {
	if x == nil {
		return true
	}
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan, reflect.Interface:
		return v.IsNil()
	}
	return false
}
