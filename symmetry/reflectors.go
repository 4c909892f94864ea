package symmetry

import (
	"gonum.org/v1/gonum/blas"
	lapackgonum "gonum.org/v1/gonum/lapack/gonum"
)

var lapack lapackgonum.Implementation

// reflectors is an orthogonal n×n matrix Q = H₁⋯H_k·diag(±1, 1, …, 1), a product of
// Householder reflections that is never multiplied out unless asked. It takes n·k
// numbers.
type reflectors struct {
	n, k int
	a    []float64 // n×k, row-major; LAPACK's packing
	tau  []float64
	flip []bool // which of the first k columns change their sign
}

// factorize computes a = Q·[R; 0] by Householder reflections, with R of size
// min(n,c)×c upper trapezoidal and diag R ≥ 0. The sign rule takes sign(0) = +1: a zero
// column, a zero matrix or a rank deficit leave Q orthogonal. a is not changed.
func factorize(a grid) (*reflectors, grid) {
	n, c := a.r, a.c
	k := min(n, c)
	f := &reflectors{n: n, k: k}
	if k == 0 {
		return f, newGrid(0, c)
	}
	p := a.clone()
	f.tau, f.flip = make([]float64, k), make([]bool, k)
	work := make([]float64, 1)
	lapack.Dgeqrf(n, c, p.a, c, f.tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack.Dgeqrf(n, c, p.a, c, f.tau, work, len(work))
	r := newGrid(k, c)
	for i := range k {
		copy(r.row(i)[i:], p.row(i)[i:])
		if r.a[i*c+i] < 0 {
			f.flip[i] = true
			for j := i; j < c; j++ {
				r.a[i*c+j] = -r.a[i*c+j]
			}
		}
	}
	if k == c {
		f.a = p.a
	} else {
		f.a = p.block(0, 0, n, k).a
	}
	return f, r
}

// thin returns the first k columns of Q.
func (f *reflectors) thin() grid {
	g := grid{f.n, f.k, append([]float64(nil), f.a...)}
	if f.k == 0 {
		return g
	}
	work := make([]float64, 1)
	lapack.Dorgqr(f.n, f.k, f.k, g.a, f.k, f.tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack.Dorgqr(f.n, f.k, f.k, g.a, f.k, f.tau, work, len(work))
	f.scaleColumns(g)
	return g
}

func (f *reflectors) dim() int { return f.n }

// left replaces m by Q·m, or Q⁻¹·m.
func (f *reflectors) left(m grid, inverse bool) {
	if inverse {
		f.apply(blas.Left, blas.Trans, m)
		f.scaleRows(m)
		return
	}
	f.scaleRows(m)
	f.apply(blas.Left, blas.NoTrans, m)
}

// right replaces m by m·Q, or m·Q⁻¹.
func (f *reflectors) right(m grid, inverse bool) {
	if inverse {
		f.scaleColumns(m)
		f.apply(blas.Right, blas.Trans, m)
		return
	}
	f.apply(blas.Right, blas.NoTrans, m)
	f.scaleColumns(m)
}

func (f *reflectors) apply(side blas.Side, t blas.Transpose, m grid) {
	if m.r == 0 || m.c == 0 || f.k == 0 {
		return
	}
	work := make([]float64, 1)
	lapack.Dormqr(side, t, m.r, m.c, f.k, f.a, f.k, f.tau, m.a, m.c, work, -1)
	work = make([]float64, int(work[0]))
	lapack.Dormqr(side, t, m.r, m.c, f.k, f.a, f.k, f.tau, m.a, m.c, work, len(work))
}

func (f *reflectors) scaleRows(m grid) {
	for i, flip := range f.flip {
		if flip {
			for j, x := range m.row(i) {
				m.a[i*m.c+j] = -x
			}
		}
	}
}

func (f *reflectors) scaleColumns(m grid) {
	for j, flip := range f.flip {
		if flip {
			for i := range m.r {
				m.a[i*m.c+j] = -m.a[i*m.c+j]
			}
		}
	}
}
