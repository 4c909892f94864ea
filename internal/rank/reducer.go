package rank

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"
)

// Reducer finds the rank and the kernel of a matrix that is given row by row and
// never held: rows are collected, and each time the buffer is full it is replaced by
// the triangular factor R of its QR decomposition,
//
//	R ← R of QR([R; rows]).
//
// It holds at most 4·cols² + O(cols) numbers, whatever the number of rows. Householder QR is
// backward stable, so R has the singular values of the whole matrix to rounding.
type Reducer struct {
	cols, rows int       // rows given so far
	buf        []float64 // rows of length cols; the first held ones are in use
	held       int
	triangular bool // the buffer is just a factor R
	tau, work  []float64
}

// MisuseError is what a Reducer panics with where it is given rows of another length than it was
// made for.
type MisuseError struct{ Reason string }

func (e *MisuseError) Error() string { return "rank: " + e.Reason }

// NewReducer returns a Reducer for rows of length cols. It panics with *MisuseError for a negative
// length or one whose buffer no memory can hold.
func NewReducer(cols int) *Reducer {
	if cols < 0 || cols > 1<<30 {
		panic(&MisuseError{fmt.Sprintf("rows of length %d; want 0 or more, and 4·cols² numbers that fit into memory", cols)})
	}
	n := cols + max(3*cols, 64)
	return &Reducer{cols: cols, buf: make([]float64, n*cols)}
}

func (q *Reducer) must() {
	if q == nil {
		panic(&MisuseError{"a nil Reducer; make one with NewReducer"})
	}
}

// Add gives one row, which is copied. It panics with *MisuseError where its length is not cols.
func (q *Reducer) Add(row []float64) {
	q.must()
	if len(row) != q.cols {
		panic(&MisuseError{fmt.Sprintf("a row of length %d; want %d, as NewReducer was told", len(row), q.cols)})
	}
	q.rows++
	if q.cols == 0 {
		return
	}
	if (q.held+1)*q.cols > len(q.buf) {
		q.reduce()
	}
	copy(q.buf[q.held*q.cols:(q.held+1)*q.cols], row)
	q.held++
	q.triangular = false
}

// reduce replaces the buffer by its factor R.
func (q *Reducer) reduce() {
	if q.triangular || q.held == 0 {
		return
	}
	a := blas64.General{Rows: q.held, Cols: q.cols, Stride: q.cols, Data: q.buf[:q.held*q.cols]}
	k := min(q.held, q.cols)
	if q.tau == nil {
		q.tau = make([]float64, q.cols)
		var size [1]float64
		lapack64.Geqrf(blas64.General{Rows: len(q.buf) / q.cols, Cols: q.cols, Stride: q.cols, Data: q.buf}, q.tau, size[:], -1)
		q.work = make([]float64, int(size[0]))
	}
	lapack64.Geqrf(a, q.tau[:k], q.work, len(q.work))
	for i := range k {
		clear(q.buf[i*q.cols : i*q.cols+i])
	}
	q.held, q.triangular = k, true
}

// R returns a copy of the triangular factor, min(rows, cols) × cols;
// &mat.Dense{} when it is empty.
func (q *Reducer) R() *mat.Dense {
	q.must()
	q.reduce()
	if q.held == 0 {
		return &mat.Dense{}
	}
	return mat.NewDense(q.held, q.cols, append([]float64(nil), q.buf[:q.held*q.cols]...))
}

// Rank returns the rank of all rows given so far.
func (q *Reducer) Rank() Report {
	return q.ScaledRank(nil, 0)
}

// ScaledRank returns the rank after multiplying column j by scale[j] (nil: 1). Singular values up to
// tol·s_1 count as 0; tol 0 means max(rows, cols)·2⁻⁵².
func (q *Reducer) ScaledRank(scale []float64, tol float64) Report {
	r := q.scaled(scale)
	if r.IsEmpty() {
		return OfSingular(nil, q.rows, q.cols, tol)
	}
	return rankDense(r, q.rows, q.cols, tol)
}

// Kernel returns the rank and an orthonormal basis of the kernel of the rows,
// cols × (cols − rank), columns scaled as in ScaledRank.
func (q *Reducer) Kernel(scale []float64, tol float64) (Report, *mat.Dense) {
	q.must()
	if q.cols == 0 {
		return OfSingular(nil, q.rows, 0, tol), &mat.Dense{}
	}
	full := mat.NewDense(q.cols, q.cols, nil) // square, so that V is complete
	if r := q.scaled(scale); !r.IsEmpty() {
		full.Slice(0, q.held, 0, q.cols).(*mat.Dense).Copy(r)
	}
	var svd mat.SVD
	if !finite(full) || !svd.Factorize(full, mat.SVDThinV) {
		return Failed(q.rows, q.cols), &mat.Dense{}
	}
	s := svd.Values(nil)
	rep := OfSingular(s[:min(len(s), q.held)], q.rows, q.cols, tol)
	if rep.Rank == q.cols {
		return rep, &mat.Dense{}
	}
	var v mat.Dense
	svd.VTo(&v)
	return rep, mat.DenseCopyOf(v.Slice(0, q.cols, rep.Rank, q.cols))
}

func (q *Reducer) scaled(scale []float64) *mat.Dense {
	r := q.R()
	if scale == nil || r.IsEmpty() {
		return r
	}
	if len(scale) != q.cols {
		panic(&MisuseError{fmt.Sprintf("%d factors for %d columns", len(scale), q.cols)})
	}
	r.Apply(func(_, j int, x float64) float64 {
		if x == 0 || math.IsInf(scale[j], 0) {
			return x
		}
		return x * scale[j]
	}, r)
	return r
}
