package linalg

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	lapackgonum "gonum.org/v1/gonum/lapack/gonum"
)

var lapack lapackgonum.Implementation

// Reflectors is an orthogonal n×n matrix Q = H₁⋯H_k·diag(±1, 1, …, 1), a product of
// Householder reflections that is never multiplied out unless asked. It takes n·k
// numbers.
type Reflectors struct {
	n, k int
	a    []float64 // n×k, row-major; LAPACK's packing
	tau  []float64
	flip []bool // which of the first k columns change their sign
}

// Factorize computes a = Q·[R; 0] by Householder reflections, with R of size
// min(n,c)×c upper trapezoidal and diag R ≥ 0. The sign rule takes sign(0) = +1: a zero
// column, a zero matrix or a rank deficit leave Q orthogonal. a is not changed.
func Factorize(a Matrix) (*Reflectors, Matrix) {
	n, c := a.Rows, a.Cols
	k := min(n, c)
	f := &Reflectors{n: n, k: k}
	if k == 0 {
		return f, New(0, c)
	}
	p := a.Clone()
	f.tau, f.flip = make([]float64, k), make([]bool, k)
	work := make([]float64, 1)
	lapack.Dgeqrf(n, c, p.Data, c, f.tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack.Dgeqrf(n, c, p.Data, c, f.tau, work, len(work))
	r := New(k, c)
	for i := range k {
		copy(r.Row(i)[i:], p.Row(i)[i:])
		if r.Data[i*c+i] < 0 {
			f.flip[i] = true
			for j := i; j < c; j++ {
				r.Data[i*c+j] = -r.Data[i*c+j]
			}
		}
	}
	if k == c {
		f.a = p.Data
	} else {
		f.a = p.block(0, 0, n, k).Data
	}
	return f, r
}

// thin returns the first k columns of Q.
func (f *Reflectors) thin() Matrix {
	g := Matrix{f.n, f.k, append([]float64(nil), f.a...)}
	if f.k == 0 {
		return g
	}
	work := make([]float64, 1)
	lapack.Dorgqr(f.n, f.k, f.k, g.Data, f.k, f.tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack.Dorgqr(f.n, f.k, f.k, g.Data, f.k, f.tau, work, len(work))
	f.scaleColumns(g)
	return g
}

// Dim returns n.
func (f *Reflectors) Dim() int { return f.n }

// Left replaces m by Q·m, or Q⁻¹·m.
func (f *Reflectors) Left(m Matrix, inverse bool) {
	if inverse {
		f.apply(blas.Left, blas.Trans, m)
		f.scaleRows(m)
		return
	}
	f.scaleRows(m)
	f.apply(blas.Left, blas.NoTrans, m)
}

// Right replaces m by m·Q, or m·Q⁻¹.
func (f *Reflectors) Right(m Matrix, inverse bool) {
	if inverse {
		f.scaleColumns(m)
		f.apply(blas.Right, blas.Trans, m)
		return
	}
	f.apply(blas.Right, blas.NoTrans, m)
	f.scaleColumns(m)
}

func (f *Reflectors) apply(side blas.Side, t blas.Transpose, m Matrix) {
	if m.Rows == 0 || m.Cols == 0 || f.k == 0 {
		return
	}
	work := make([]float64, 1)
	lapack.Dormqr(side, t, m.Rows, m.Cols, f.k, f.a, f.k, f.tau, m.Data, m.Cols, work, -1)
	work = make([]float64, int(work[0]))
	lapack.Dormqr(side, t, m.Rows, m.Cols, f.k, f.a, f.k, f.tau, m.Data, m.Cols, work, len(work))
}

func (f *Reflectors) scaleRows(m Matrix) {
	for i, flip := range f.flip {
		if flip {
			for j, x := range m.Row(i) {
				m.Data[i*m.Cols+j] = -x
			}
		}
	}
}

func (f *Reflectors) scaleColumns(m Matrix) {
	for j, flip := range f.flip {
		if flip {
			for i := range m.Rows {
				m.Data[i*m.Cols+j] = -m.Data[i*m.Cols+j]
			}
		}
	}
}

// Haar returns a random orthogonal matrix: the QR decomposition of a normal one, with a
// positive diagonal.
func Haar(n int, rng *rand.Rand) *Reflectors {
	m := New(n, n)
	for i := range m.Data {
		m.Data[i] = rng.NormFloat64()
	}
	f, _ := Factorize(m)
	return f
}
