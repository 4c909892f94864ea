package subspace

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/linalg"
)

// ByEchelon keeps the numerical rank, in the basis of the first independent columns.
type ByEchelon struct{}

func (ByEchelon) span(vertex string, a *mat.Dense) span {
	s := ByRank{}.span(vertex, a)
	k := linalg.Width(s.b)
	if k == 0 {
		return s
	}
	turn := echelon(s.r)
	if turn == nil {
		return s
	}
	var b, r mat.Dense
	b.Mul(s.b, turn)
	r.Mul(turn.T(), s.r)
	clean(&r)
	s.b, s.r = &b, &r
	return s
}

// echelonEdge is the length, relative to its column, below which what a column adds to those
// before it counts as nothing.
const echelonEdge = 1e-10

// echelon returns the orthogonal k×k matrix whose columns are the Gram–Schmidt vectors of
// the first independent columns of r, which is k×s of full row rank; nil where fewer than
// k are found.
func echelon(r *mat.Dense) *mat.Dense {
	k, s := r.Dims()
	q := mat.NewDense(k, k, nil)
	found := 0
	for j := 0; j < s && found < k; j++ {
		x := mat.VecDenseCopyOf(r.ColView(j))
		size := mat.Norm(x, 2)
		if size == 0 {
			continue
		}
		for range 2 {
			for i := range found {
				u := q.ColView(i)
				x.AddScaledVec(x, -mat.Dot(u, x), u)
			}
		}
		if l := mat.Norm(x, 2); l > echelonEdge*size {
			x.ScaleVec(1/l, x)
			q.SetCol(found, x.RawVector().Data)
			found++
		}
	}
	if found < k {
		return nil
	}
	return q
}

// clean sets what is zero in an echelon form to zero: below its first independent column a
// row has none before.
func clean(r *mat.Dense) {
	k, s := r.Dims()
	row := 0
	for j := range s {
		var size float64
		for i := range k {
			size = max(size, math.Abs(r.At(i, j)))
		}
		if row < k && r.At(row, j) > echelonEdge*size {
			row++
		}
		for i := row; i < k; i++ {
			r.Set(i, j, 0)
		}
	}
}
