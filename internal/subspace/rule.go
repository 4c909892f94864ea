package subspace

import (
	"fmt"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"
)

// Rule decides which directions a vertex keeps of those that reach it.
type Rule interface {
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

// ByColumns keeps a direction for each column: the widths follow from the
// architecture alone (arXiv 2107.02550, §5).
type ByColumns struct{}

func (ByColumns) span(_ string, a *mat.Dense) span {
	b, r := linalg.QR(a)
	return span{b: b, r: r, exact: true}
}

// ByRank keeps the numerical rank of A_v. Its columns are scaled to length 1 first: a
// small column may be fed by large data.
type ByRank struct{ Tol float64 }

func (k ByRank) span(_ string, a *mat.Dense) span {
	n, s := a.Dims()
	exact := 16 * 0x1p-52 * float64(max(n, s))
	tol := k.Tol
	if tol == 0 {
		tol = exact
	}
	b, r := linalg.QR(a)
	p := linalg.Pivoted(r)
	rank := len(p.Tail) - 1
	for rank > 0 && p.Tail[rank-1] <= tol*p.Size {
		rank--
	}
	c := span{exact: p.Tail[rank] <= exact*p.Size, lost: p.Lost(rank), why: fmt.Sprintf("rank %d of the %d directions that reach it", rank, s)}
	if rank == s {
		return span{b: b, r: r, exact: true}
	}
	c.b, c.r = p.Leading(rank, b, r)
	return c
}
