package subspace

import (
	"fmt"
	"math"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/mat"
)

// What may be cut as rounding is decided by what becomes of it behind the vertex. With A_v the
// matrices that reach v, side by side, E = (I − BBᵀ)A_v what a cut leaves out, and M ≥ |A_v| the
// absolute values of the products of which A_v is made, a cut is rounding where
//
//	|W|·|E| ≤ t·level(|W|·M),  t = 16·ε·max(n, s),
//
// entry by entry, for each matrix W that leaves v and for a row of ones, which stands for |z_v|: the
// next pre-activations then change by no more than their own rounding. level(Y) = ρ·κᵀ ≥ Y has one
// factor for each row and one for each column of Y, as small as its largest entries allow; so a
// zero in Y does not forbid rounding beside it, and the units of the inputs, of the vertex and of
// what follows cancel from both sides. Derived.

// span chooses directions for what reaches an untied vertex by the rule.
func (c *Chooser) span(v int, a *mat.Dense) span {
	name := c.vs[v].Name
	var p span
	switch k := c.rule.(type) {
	case ByColumns:
		b, r := linalg.Spanning(a)
		return span{b: b, r: r, exact: true}
	case ByEchelon:
		p = k.span(name, a)
	case ByRank:
		p = c.ranked(v, a, k.Tol)
	default:
		if p = c.rule.span(name, a); p.exact && p.why != "" && !c.rounding(v, a, p.b) {
			if r := c.ranked(v, a, 0); r.exact && linalg.Width(r.b) <= linalg.Width(p.b) { // the same, found in the units of each column
				return r
			}
			p.exact = false
		}
		if p.why != "" {
			p.lost = max(p.lost, mat.Norm(linalg.Residual(a, p.b), 2))
		} else if p.lost == 0 { // all columns count
			p.b, p.r = linalg.Spanning(a)
		}
	}
	if c.inexact[name] && p.lost > 0 {
		p.exact = false
	}
	return p
}

// ranked keeps the numerical rank of A_v, with rows weighted by what multiplies them; where what
// it would leave out is not rounding behind v, it keeps more, if only rounding may go.
func (c *Chooser) ranked(v int, a *mat.Dense, tol float64) span {
	omega := c.weights(v, a)
	if omega == nil {
		p := ByRank{tol}.span(c.vs[v].Name, a)
		if p.why == "" { // all columns count
			if _, uneven := linalg.RowSizes(a); uneven {
				p.b, p.r = linalg.Spanning(a)
			}
			return p
		}
		if !p.exact || c.rounding(v, a, p.b) {
			return p
		}
		if tol > 0 {
			p.exact = false
			return p
		}
	}
	n, s := a.Dims()
	if tol == 0 {
		tol = linalg.Tolerance(n, s)
	}
	w := mat.DenseCopyOf(a)
	for i, x := range omega {
		row := w.RawRowView(i)
		for j := range row {
			row[j] *= x
		}
	}
	p := linalg.Pivoted(w)
	most := min(n, s)
	rank := len(p.Tail) - 1
	for rank > 0 && p.Tail[rank-1] <= tol*p.Size {
		rank--
	}
	exact := p.Tail[rank] <= linalg.Tolerance(n, s)*p.Size
	at := func(k int) span { return c.selected(a, p.At, k) }
	best := at(rank)
	best.exact = exact
	if exact && !c.rounding(v, a, best.b) {
		if tol > linalg.Tolerance(n, s) {
			best.exact = false
		} else {
			for hi := most; rank < hi; { // the least rank that leaves out rounding only
				if mid := (rank + hi) / 2; c.rounding(v, a, at(mid).b) {
					hi = mid
				} else {
					rank = mid + 1
				}
			}
			best = at(rank)
			best.exact = true
		}
	}
	if rank == s {
		best.why, best.lost = "", 0
		return best
	}
	best.why = fmt.Sprintf("rank %d of the %d directions that reach it", rank, s)
	return best
}

// selected returns the span of k columns of a, the first in the order given, with what it leaves
// out of the others; rows keep their relative accuracy, large or small.
func (c *Chooser) selected(a *mat.Dense, order []int, k int) span {
	n, s := a.Dims()
	if k == 0 {
		return span{b: &mat.Dense{}, r: &mat.Dense{}, lost: mat.Norm(a, 2)}
	}
	if k >= min(n, s) {
		b, r := linalg.Spanning(a)
		return span{b: b, r: r}
	}
	part := mat.NewDense(n, k, nil)
	for j, from := range order[:k] {
		part.SetCol(j, mat.Col(nil, from, a))
	}
	b, _ := linalg.Spanning(part)
	turn, r := linalg.QR(linalg.Product(b, true, a, nil))
	b = linalg.Product(b, false, turn, nil)
	rest := linalg.Residual(a, b)
	return span{b: b, r: r, lost: mat.Norm(rest, 2)}
}

// weights returns, for each row of A_v, the largest share that it can have in a next pre-activation
// or in |z_v|, relative to its own size; nil where the rows do not differ much in that.
func (c *Chooser) weights(v int, a *mat.Dense) []float64 {
	n, s := a.Dims()
	size, col := make([]float64, n), make([]float64, s)
	for i := range n {
		for j, x := range a.RawRowView(i) {
			col[j] = math.Hypot(col[j], x)
		}
	}
	total := 0.0
	for i := range n {
		for j, x := range a.RawRowView(i) {
			if x != 0 {
				size[i] = max(size[i], math.Abs(x)/col[j])
			}
		}
		total += size[i]
	}
	omega := make([]float64, n)
	least, most := math.Inf(1), 0.0
	if total > 0 {
		for i := range omega {
			omega[i] = 1 / total
		}
	}
	for _, i := range c.q.Out(v) {
		if c.as[i].Rows*c.as[i].Cols == 0 {
			continue
		}
		w := linalg.Of(c.w.Matrix(i), c.as[i].Rows, c.as[i].Cols)
		for k := range w.Rows {
			sum := 0.0
			for j, x := range w.Row(k) {
				sum += math.Abs(x) * size[j]
			}
			if !(sum > 0) || math.IsInf(sum, 1) {
				continue
			}
			for j, x := range w.Row(k) {
				if y := math.Abs(x) / sum; !math.IsInf(y, 1) {
					omega[j] = max(omega[j], y)
				}
			}
		}
	}
	for i, x := range omega {
		if size[i] > 0 {
			least, most = min(least, x), max(most, x)
		}
	}
	if !(most > linalg.Wide*least) {
		return nil
	}
	return omega
}

// masses returns M, n×s: |W_a|·|B_s(a)| side by side; with PathSum |A_v|.
func (c *Chooser) masses(v int, a *mat.Dense) *mat.Dense {
	if c.paths != nil {
		return linalg.Abs(a)
	}
	var parts []*mat.Dense
	for _, i := range Incoming(c.q, c.vs, c.as, v) {
		var b *mat.Dense
		if s := c.f.Basis[c.as[i].Source]; s != nil {
			b = linalg.Abs(s)
		}
		parts = append(parts, linalg.Product(nil, false, linalg.Abs(c.w.Matrix(i)), b))
	}
	return linalg.Beside(c.vs[v].Dim, parts...)
}

// rounding says whether what the basis b leaves out of a, what reaches v, is rounding behind v.
func (c *Chooser) rounding(v int, a, b *mat.Dense) bool {
	n, s := a.Dims()
	e, m := linalg.Abs(linalg.Residual(a, b)), c.masses(v, a)
	t := linalg.Tolerance(n, s)
	if !linalg.Explains(e, m, t, nil) {
		return false
	}
	for _, i := range c.q.Out(v) {
		if c.as[i].Rows*c.as[i].Cols > 0 && !linalg.Explains(e, m, t, linalg.Abs(c.w.Matrix(i))) {
			return false
		}
	}
	return true
}
