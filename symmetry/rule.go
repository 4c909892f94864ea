package symmetry

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// rule decides which directions a vertex keeps of those that reach it.
type rule interface {
	// span looks at A_v = [W_a B_s(a)]_a of a vertex, n×s, not empty.
	span(vertex string, a *mat.Dense) span
}

// span is a choice of directions: b is n×r with orthonormal columns, r = bᵀA is upper
// trapezoidal with a diagonal that is not negative. Both are empty at width 0.
type span struct {
	b, r  *mat.Dense
	exact bool    // what is cut off is rounding
	lost  float64 // ‖(I − bbᵀ)A‖, Frobenius, up to rounding
	why   string  // "" where all columns count
}

// byColumns keeps a direction for each column: the widths follow from the
// architecture alone (arXiv 2107.02550, §5).
type byColumns struct{}

func (byColumns) span(_ string, a *mat.Dense) span {
	b, r := qr(a)
	return span{b: b, r: r, exact: true}
}

// byRank keeps the numerical rank of A_v. Its columns are scaled to length 1 first: a
// small column may be fed by large data.
type byRank struct{ tol float64 }

func (k byRank) span(_ string, a *mat.Dense) span {
	n, s := a.Dims()
	exact := 16 * 0x1p-52 * float64(max(n, s))
	tol := k.tol
	if tol == 0 {
		tol = exact
	}
	b, r := qr(a)
	p := pivoted(r)
	rank := len(p.tail) - 1
	for rank > 0 && p.tail[rank-1] <= tol*p.size {
		rank--
	}
	c := span{exact: p.tail[rank] <= exact*p.size, lost: p.lost(rank), why: fmt.Sprintf("rank %d of the %d directions that reach it", rank, s)}
	if rank == s {
		return span{b: b, r: r, exact: true}
	}
	c.b, c.r = p.leading(rank, b, r)
	return c
}

// pivots is the QR decomposition with column pivoting of a matrix whose columns were
// scaled to length 1.
type pivots struct {
	q    *reflectors
	t    grid
	at   []int     // the column that stands at each place
	norm []float64 // lengths of the columns before scaling
	tail []float64 // ‖T[k:, k:]‖ for k = 0, …, min(m, s)
	size float64   // a lower bound of σ₁ after scaling
}

func pivoted(r *mat.Dense) pivots {
	m, s := r.Dims()
	e := gridOf(r, m, s).clone()
	p := pivots{at: make([]int, s), norm: make([]float64, s)}
	for j := range s {
		col := mat.Col(nil, j, r)
		p.norm[j], p.at[j] = mat.Norm(mat.NewVecDense(m, col), 2), -1
		if p.norm[j] > 0 {
			for i := range m {
				e.a[i*s+j] /= p.norm[j]
			}
		}
	}
	k := min(m, s)
	p.q = &reflectors{n: m, k: k, tau: make([]float64, k)}
	work := make([]float64, 1)
	lapack.Dgeqp3(m, s, e.a, s, p.at, p.q.tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack.Dgeqp3(m, s, e.a, s, p.at, p.q.tau, work, len(work))
	p.q.a = e.block(0, 0, m, k).a
	p.t = newGrid(k, s)
	p.tail = make([]float64, k+1)
	for i := range k {
		copy(p.t.row(i)[i:], e.row(i)[i:])
	}
	var sum float64
	for i := k - 1; i >= 0; i-- {
		for _, x := range p.t.row(i)[i:] {
			sum += x * x
		}
		p.tail[i] = math.Sqrt(sum)
	}
	p.size = max(math.Abs(p.t.a[0]), p.tail[0]/math.Sqrt(float64(s)))
	return p
}

// lost returns what rank k leaves out, in the lengths that the columns had.
func (p pivots) lost(k int) float64 {
	var sum float64
	for i := k; i < p.t.r; i++ {
		for j := i; j < p.t.c; j++ {
			x := p.t.a[i*p.t.c+j] * p.norm[p.at[j]]
			sum += x * x
		}
	}
	return math.Sqrt(sum)
}

// leading returns the k leading directions of b·r, and their coordinates, upper
// trapezoidal.
func (p pivots) leading(k int, b, r *mat.Dense) (*mat.Dense, *mat.Dense) {
	if k == 0 {
		return &mat.Dense{}, &mat.Dense{}
	}
	m, _ := r.Dims()
	q := p.q.thin().block(0, 0, m, k).dense()
	return within(b, r, q)
}

// within returns the directions b·q and their coordinates (b·q)ᵀ(b·r), turned so that the
// coordinates are upper trapezoidal. q is m×k with orthonormal columns.
func within(b, r, q *mat.Dense) (*mat.Dense, *mat.Dense) {
	var c, d, e mat.Dense
	c.Mul(q.T(), r)
	turn, coords := qr(&c)
	d.Mul(q, turn)
	e.Mul(b, &d)
	return &e, coords
}
