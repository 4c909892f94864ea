package linalg

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Span returns an orthonormal basis of the columns of a, up to rounding: columns are
// scaled to length 1 first, so that a small one counts as much as a large one, and
// singular values below 16·ε·max(n, s)·σ₁ count as zero, as far as fits, given a basis, agrees that
// what it leaves out is rounding; nil always agrees.
func Span(a *mat.Dense, fits func(b *mat.Dense) bool) *mat.Dense {
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
		b, _ := QR(a)
		return b
	}
	sigma := svd.Values(nil)
	r := 0
	for _, x := range sigma {
		if x > Tolerance(n, s)*sigma[0] {
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

// spanOfRows is Span for a matrix whose rows have units of their own: columns of a are chosen with
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
	p := Pivoted(e)
	at := func(k int) *mat.Dense {
		if k == 0 {
			return &mat.Dense{}
		}
		part := mat.NewDense(n, k, nil)
		for j, from := range p.At[:k] {
			part.SetCol(j, mat.Col(nil, from, a))
		}
		b, _ := Spanning(part)
		return b
	}
	r := len(p.Tail) - 1
	for r > 0 && p.Tail[r-1] <= Tolerance(n, s)*p.Size {
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
		return Eye(n).Dense() // the whole space, without rounding
	}
	return at(r)
}

// Spanning is qr with rows in the order of their size where sizes differ much: then each row of the
// factors is accurate relative to its own size.
func Spanning(a *mat.Dense) (b, r *mat.Dense) {
	n, s := a.Dims()
	norm, uneven := RowSizes(a)
	if !uneven {
		return QR(a)
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case norm[i] > norm[j]:
			return -1
		case norm[i] < norm[j]:
			return 1
		}
		return i - j
	})
	sorted := mat.NewDense(n, s, nil)
	for k, i := range order {
		sorted.SetRow(k, a.RawRowView(i))
	}
	q, r := QR(sorted)
	b = mat.NewDense(n, Width(q), nil)
	for k, i := range order {
		b.SetRow(i, q.RawRowView(k))
	}
	return b, r
}

// RowSizes returns the largest entry of each row, and whether they differ much.
func RowSizes(a *mat.Dense) (size []float64, uneven bool) {
	n, _ := a.Dims()
	size = make([]float64, n)
	most, least := 0.0, math.Inf(1)
	for i := range n {
		m := 0.0
		for _, x := range a.RawRowView(i) {
			if x = math.Abs(x); x > m {
				m = x
			}
		}
		size[i] = m
		if most = max(most, m); m > 0 {
			least = min(least, size[i])
		}
	}
	return size, most > Wide*least
}

// Wide is the range of row norms from which on rows are told apart by their units.
const Wide = 1 << 10

// Left returns E = (I − bbᵀ)a.
func Residual(a, b *mat.Dense) *mat.Dense {
	if b.IsEmpty() {
		return a
	}
	var e mat.Dense
	e.Sub(a, Product(b, false, Product(b, true, a, nil), nil))
	return &e
}

// Tolerance is 16·ε·max(n, s): what counts as rounding in a matrix of size n×s, relative to what it is compared with.
func Tolerance(n, s int) float64 { return 16 * 0x1p-52 * float64(max(n, s)) }

// Width returns the number of columns, 0 for an empty matrix.
func Width(b *mat.Dense) int {
	if b.IsEmpty() {
		return 0
	}
	_, c := b.Dims()
	return c
}

// Beside puts matrices of n rows side by side, empty ones left out.
func Beside(n int, parts ...*mat.Dense) *mat.Dense {
	cols := 0
	for _, p := range parts {
		cols += Width(p)
	}
	if n == 0 || cols == 0 {
		return &mat.Dense{}
	}
	out := mat.NewDense(n, cols, nil)
	at := 0
	for _, p := range parts {
		if k := Width(p); k > 0 {
			out.Slice(0, n, at, at+k).(*mat.Dense).Copy(p)
			at += k
		}
	}
	return out
}

// LiveBasis returns an orthonormal basis that spans at least the columns of a and is zero
// on the rows where a is.
func LiveBasis(a *mat.Dense) *mat.Dense {
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
	b, _ := QR(part)
	_, r := b.Dims()
	out := mat.NewDense(n, r, nil)
	for k, i := range live {
		out.SetRow(i, b.RawRowView(k))
	}
	return out
}
