package linalg

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Pivots is the QR decomposition with column pivoting of a matrix whose columns were
// scaled to length 1.
type Pivots struct {
	q    *Reflectors
	t    Matrix
	At   []int     // the column that stands at each place
	norm []float64 // lengths of the columns before scaling
	Tail []float64 // ‖T[k:, k:]‖ for k = 0, …, min(m, s)
	Size float64   // a lower bound of σ₁ after scaling
}

// Pivoted decomposes r, m×s, after scaling its columns to length 1; columns of zeros stay.
func Pivoted(r *mat.Dense) Pivots {
	m, s := r.Dims()
	e := Of(r, m, s).Clone()
	p := Pivots{At: make([]int, s), norm: make([]float64, s)}
	for j := range s {
		col := mat.Col(nil, j, r)
		p.norm[j], p.At[j] = mat.Norm(mat.NewVecDense(m, col), 2), -1
		if p.norm[j] > 0 {
			for i := range m {
				e.Data[i*s+j] /= p.norm[j]
			}
		}
	}
	k := min(m, s)
	p.q = &Reflectors{n: m, k: k, tau: make([]float64, k)}
	work := make([]float64, 1)
	lapack.Dgeqp3(m, s, e.Data, s, p.At, p.q.tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack.Dgeqp3(m, s, e.Data, s, p.At, p.q.tau, work, len(work))
	p.q.a = e.block(0, 0, m, k).Data
	p.t = New(k, s)
	p.Tail = make([]float64, k+1)
	for i := range k {
		copy(p.t.Row(i)[i:], e.Row(i)[i:])
	}
	var sum float64
	for i := k - 1; i >= 0; i-- {
		for _, x := range p.t.Row(i)[i:] {
			sum += x * x
		}
		p.Tail[i] = math.Sqrt(sum)
	}
	p.Size = max(math.Abs(p.t.Data[0]), p.Tail[0]/math.Sqrt(float64(s)))
	return p
}

// Lost returns what rank k leaves out, in the lengths that the columns had.
func (p Pivots) Lost(k int) float64 {
	var sum float64
	for i := k; i < p.t.Rows; i++ {
		for j := i; j < p.t.Cols; j++ {
			x := p.t.Data[i*p.t.Cols+j] * p.norm[p.At[j]]
			sum += x * x
		}
	}
	return math.Sqrt(sum)
}

// Leading returns the k leading directions of b·r, and their coordinates, upper
// trapezoidal.
func (p Pivots) Leading(k int, b, r *mat.Dense) (*mat.Dense, *mat.Dense) {
	if k == 0 {
		return &mat.Dense{}, &mat.Dense{}
	}
	m, _ := r.Dims()
	q := p.q.thin().block(0, 0, m, k).Dense()
	return Within(b, r, q)
}

// Within returns the directions b·q and their coordinates (b·q)ᵀ(b·r), turned so that the
// coordinates are upper trapezoidal. q is m×k with orthonormal columns.
func Within(b, r, q *mat.Dense) (*mat.Dense, *mat.Dense) {
	var c, d, e mat.Dense
	c.Mul(q.T(), r)
	turn, coords := QR(&c)
	d.Mul(q, turn)
	e.Mul(b, &d)
	return &e, coords
}
