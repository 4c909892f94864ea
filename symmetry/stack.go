package symmetry

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// incoming returns the arrows into a vertex in the order of their columns in A_v:
// biases first, as in arXiv 2107.02550.
func incoming(q *quiver.Quiver, vs []quiver.Vertex, as []quiver.Arrow, v int) []int {
	var biases, rest []int
	for _, i := range q.In(v) {
		if vs[as[i].Source].Kind == quiver.KindBias {
			biases = append(biases, i)
		} else {
			rest = append(rest, i)
		}
	}
	return append(biases, rest...)
}

// stack returns A_v = [W_a B_s(a)]_a, d_v × Σ widths.
func (c *chooser) stack(v int) *mat.Dense {
	if c.paths != nil {
		return c.paths.stack(c, v)
	}
	var parts []*mat.Dense
	for _, i := range incoming(c.q, c.vs, c.as, v) {
		parts = append(parts, product(nil, false, c.w.Matrix(i), c.f.basis[c.as[i].Source]))
	}
	return beside(c.vs[v].Dim, parts...)
}

// beside puts matrices of n rows side by side, empty ones left out.
func beside(n int, parts ...*mat.Dense) *mat.Dense {
	cols := 0
	for _, p := range parts {
		cols += width(p)
	}
	if n == 0 || cols == 0 {
		return &mat.Dense{}
	}
	out := mat.NewDense(n, cols, nil)
	at := 0
	for _, p := range parts {
		if k := width(p); k > 0 {
			out.Slice(0, n, at, at+k).(*mat.Dense).Copy(p)
			at += k
		}
	}
	return out
}

// arrivals tells what reaches a vertex: "3 directions reach it (one 1, x 2)".
func (c *chooser) arrivals(v int) string {
	const most = 4
	var from []string
	total := 0
	for k, i := range incoming(c.q, c.vs, c.as, v) {
		r := c.f.width(c.as[i].Source, c.as[i].Cols)
		total += r
		switch {
		case k < most:
			from = append(from, fmt.Sprintf("%s %d", c.as[i].From, r))
		case k == most:
			from = append(from, "…")
		}
	}
	if total == 1 {
		return fmt.Sprintf("1 direction reaches it (%s)", strings.Join(from, ", "))
	}
	return fmt.Sprintf("%d directions reach it (%s)", total, strings.Join(from, ", "))
}

// liveBasis returns an orthonormal basis that spans at least the columns of a and is zero
// on the rows where a is.
func liveBasis(a *mat.Dense) *mat.Dense {
	n, s := a.Dims()
	var live []int
	for i := range n {
		for _, x := range a.RawRowView(i) {
			if x != 0 {
				live = append(live, i)
				break
			}
		}
	}
	if len(live) == 0 {
		return &mat.Dense{}
	}
	part := mat.NewDense(len(live), s, nil)
	for k, i := range live {
		part.SetRow(k, a.RawRowView(i))
	}
	b, _ := qr(part)
	_, r := b.Dims()
	out := mat.NewDense(n, r, nil)
	for k, i := range live {
		out.SetRow(i, b.RawRowView(k))
	}
	return out
}

// spanOf returns an orthonormal basis of the columns of a, up to rounding: columns are
// scaled to length 1 first, so that a small one counts as much as a large one, and
// singular values below 16·ε·max(n, s)·σ₁ count as zero, as far as fits, given a basis, agrees that
// what it leaves out is rounding; nil always agrees.
func spanOf(a *mat.Dense, fits func(b *mat.Dense) bool) *mat.Dense {
	if a.IsEmpty() {
		return &mat.Dense{}
	}
	n, s := a.Dims()
	e := mat.DenseCopyOf(a)
	for j := range s {
		col := e.ColView(j).(*mat.VecDense)
		if l := mat.Norm(col, 2); l > 0 {
			col.ScaleVec(1/l, col)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(e, mat.SVDThin) {
		b, _ := qr(a)
		return b
	}
	sigma := svd.Values(nil)
	r := 0
	for _, x := range sigma {
		if x > slightest(n, s)*sigma[0] {
			r++
		}
	}
	best := &mat.Dense{}
	if r > 0 {
		var u mat.Dense
		svd.UTo(&u)
		best = mat.DenseCopyOf(u.Slice(0, n, 0, r))
	}
	if fits == nil || r == min(n, s) || fits(best) {
		return best
	}
	return spanOfRows(e, a, fits)
}

// spanOfRows is spanOf for a matrix whose rows have units of their own: columns of a are chosen with
// the rows of e, which is a with columns of length 1, scaled to 1 as well, and no fewer than fits
// asks for.
func spanOfRows(e, a *mat.Dense, fits func(b *mat.Dense) bool) *mat.Dense {
	n, s := a.Dims()
	for i := range n {
		row := e.RawRowView(i)
		most := 0.0
		for _, x := range row {
			most = max(most, math.Abs(x))
		}
		for j := range row {
			if most > 0 {
				row[j] /= most
			}
		}
	}
	p := pivoted(e)
	at := func(k int) *mat.Dense {
		if k == 0 {
			return &mat.Dense{}
		}
		part := mat.NewDense(n, k, nil)
		for j, from := range p.at[:k] {
			part.SetCol(j, mat.Col(nil, from, a))
		}
		b, _ := spanning(part)
		return b
	}
	r := len(p.tail) - 1
	for r > 0 && p.tail[r-1] <= slightest(n, s)*p.size {
		r--
	}
	if best := at(r); fits(best) {
		return best
	}
	for hi := min(n, s); r < hi; {
		if mid := (r + hi) / 2; fits(at(mid)) {
			hi = mid
		} else {
			r = mid + 1
		}
	}
	if r == n {
		return eyeGrid(n).dense() // the whole space, without rounding
	}
	return at(r)
}

func width(b *mat.Dense) int {
	if b.IsEmpty() {
		return 0
	}
	_, c := b.Dims()
	return c
}
