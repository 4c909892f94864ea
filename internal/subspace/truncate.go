package subspace

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// ByError keeps leading singular directions: as many as it takes to leave out no more
// than tol·‖A_v‖, or the number asked for.
type ByError struct {
	Tol   float64
	Width map[string]int                 // overrides tol
	Z     func(vertex string) *mat.Dense // pre-activations on data, samples × dim; nil without data
}

func (k ByError) span(vertex string, a *mat.Dense) span {
	n, s := a.Dims()
	exact := 16 * 0x1p-52 * float64(max(n, s))
	if k.Z != nil {
		return k.weighted(vertex, a, exact)
	}
	b, r := linalg.QR(a)
	var svd mat.SVD
	if !svd.Factorize(r, mat.SVDThin) {
		return span{b: b, r: r, exact: true, why: "its singular values do not converge"}
	}
	sigma := svd.Values(nil)
	rank, tail := k.rank(vertex, sigma)
	if rank == min(n, s) {
		return span{b: b, r: r, exact: true}
	}
	c := span{lost: tail[rank], exact: tail[rank] <= exact*sigma[0]}
	c.why = fmt.Sprintf("%d of %d directions, %.2g of their norm left out", rank, s, linalg.Ratio(tail[rank], tail[0]))
	if rank == 0 {
		c.b, c.r = &mat.Dense{}, &mat.Dense{}
		return c
	}
	var u mat.Dense
	svd.UTo(&u)
	m, _ := r.Dims()
	c.b, c.r = linalg.Within(b, r, mat.DenseCopyOf(u.Slice(0, m, 0, rank)))
	return c
}

// rank returns how many of the singular values to keep, and the norms of their tails.
func (k ByError) rank(vertex string, sigma []float64) (int, []float64) {
	tail := make([]float64, len(sigma)+1)
	var sum float64
	for i := len(sigma) - 1; i >= 0; i-- {
		sum += sigma[i] * sigma[i]
		tail[i] = math.Sqrt(sum)
	}
	rank := len(sigma)
	if w, asked := k.Width[vertex]; asked {
		rank = min(rank, w)
	} else if k.Tol > 0 {
		for rank > 0 && tail[rank-1] <= k.Tol*tail[0] {
			rank--
		}
	}
	return rank, tail
}

// weighted keeps the leading directions of the pre-activations on data: they minimise the
// mean square of (I − BBᵀ)z over those data.
func (k ByError) weighted(vertex string, a *mat.Dense, exact float64) span {
	n, s := a.Dims()
	z := k.Z(vertex)
	var svd mat.SVD
	if z.IsEmpty() || !svd.Factorize(z, mat.SVDThin) {
		b, r := linalg.QR(a)
		return span{b: b, r: r, exact: true}
	}
	sigma := svd.Values(nil)
	rank, tail := k.rank(vertex, sigma)
	for rank > 0 && sigma[rank-1] <= exact*sigma[0] {
		rank--
	}
	if rank >= min(n, s) {
		b, r := linalg.QR(a)
		return span{b: b, r: r, exact: true}
	}
	c := span{why: fmt.Sprintf("%d of %d directions, %.2g of the data's norm left out", rank, s, linalg.Ratio(tail[rank], tail[0]))}
	if rank == 0 {
		c.b, c.r, c.lost = &mat.Dense{}, &mat.Dense{}, mat.Norm(a, 2)
	} else {
		var v, coords mat.Dense
		svd.VTo(&v)
		b := mat.DenseCopyOf(v.Slice(0, n, 0, rank))
		coords.Mul(b.T(), a)
		turn, r := linalg.QR(&coords)
		c.b, c.r = linalg.Product(b, false, turn, nil), r
		var rest mat.Dense
		rest.Sub(a, linalg.Product(c.b, false, r, nil))
		c.lost = mat.Norm(&rest, 2)
	}
	c.exact = c.lost <= exact*mat.Norm(a, 2)
	return c
}

// Preactivations returns a function that gives z_v = Σ x_s W_aᵀ of a network on data.
func Preactivations(w *quiver.Rep, xs []*mat.Dense) (func(string) *mat.Dense, error) {
	f, err := w.Features(xs...)
	if err != nil {
		return nil, err
	}
	q := w.Quiver()
	as := q.Arrows()
	return func(vertex string) *mat.Dense {
		v, _ := q.VertexIndex(vertex)
		var z *mat.Dense
		for _, i := range q.In(v) {
			x, m := f[as[i].From], w.Matrix(i)
			if r, _ := m.Dims(); r == 0 || x.IsEmpty() {
				continue
			}
			p := linalg.Product(nil, false, x, mat.DenseCopyOf(m.T()))
			if z == nil {
				z = p
			} else {
				z.Add(z, p)
			}
		}
		if z == nil {
			return &mat.Dense{}
		}
		return z
	}, nil
}
