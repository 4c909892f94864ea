package joining

import (
	"cmp"
	"math"
	"slices"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// cloud is the rows of an input in units of their own: each column divided by a power of two that
// bounds it, and, where a bias goes with it, the first row taken off all others, without rounding
// where they are near each other.
type cloud struct {
	y     *mat.Dense // samples × d
	unit  []float64  // powers of two
	first []float64  // the row taken off; nil without a bias
}

func cloudOf(x *mat.Dense, centred bool) cloud {
	r, d := x.Dims()
	c := cloud{y: mat.DenseCopyOf(x), unit: make([]float64, d)}
	for j := range d {
		most := 0.0
		for i := range r {
			most = max(most, math.Abs(x.At(i, j)))
		}
		c.unit[j] = 1
		if most > 0 {
			_, e := math.Frexp(most)
			c.unit[j] = math.Ldexp(1, min(e, 1023))
		}
	}
	if centred {
		c.first = append([]float64(nil), x.RawRowView(0)...)
	}
	for i := range r {
		for j, v := range x.RawRowView(i) {
			if v /= c.unit[j]; centred {
				v -= c.first[j] / c.unit[j]
			}
			c.y.Set(i, j, v)
		}
	}
	return c
}

// basis returns an orthonormal basis of the span of the rows (1, x), or x without a bias, of data
// of input v, and how far the data go in each coordinate: the range, or what is known of it.
func (b *dataBuilder) basis(v int, x *mat.Dense, bias string) (j *mat.Dense, size []float64) {
	_, d := x.Dims()
	c := cloudOf(x, bias != "")
	k := c.directions(func(rest *mat.Dense) bool { return b.negligible(v, x, c, rest) })
	at := 0
	if bias != "" {
		at = 1
		size = []float64{1}
	}
	for f := range d {
		far := 0.0
		for i := range c.y.RawMatrix().Rows {
			far = max(far, math.Abs(c.y.At(i, f)))
		}
		if far == 0 {
			far = 1
		}
		size = append(size, max(far, 0x1p-20)*c.unit[f])
	}
	if linalg.Width(k)+at == 0 {
		return &mat.Dense{}, size
	}
	return c.orthonormal(k), size
}

// orthonormal returns an orthonormal basis, in the units of the data, of the span of (1, first) and of
// (0, k), or of k without a bias. Directions are written with as many zeros as the span allows, and
// those of large units come first: so a coordinate of small units takes no rounding from others.
func (c *cloud) orthonormal(k *mat.Dense) *mat.Dense {
	d := len(c.unit)
	t := clearance(d)
	var columns [][]float64
	at := 0
	if c.first != nil {
		at = 1
	}
	e, pivot := pivoting(k, c.unit, t)
	for m := range linalg.Width(e) {
		col := make([]float64, d+at)
		for f := range d {
			col[f+at] = e.At(f, m) * c.unit[f]
		}
		columns = append(columns, col)
	}
	if at == 1 { // the point of the affine space at which the pivots are 0
		col := make([]float64, d+1)
		col[0] = 1
		for f := range d {
			x := c.first[f] / c.unit[f]
			for m, p := range pivot {
				x -= e.At(f, m) * (c.first[p] / c.unit[p])
			}
			if math.Abs(x) > t*float64(1+len(pivot)) {
				col[f+1] = x * c.unit[f]
			}
		}
		for _, p := range pivot {
			col[p+1] = 0
		}
		columns = append(columns, col)
	}
	slices.SortStableFunc(columns, func(a, b []float64) int {
		return cmp.Compare(floats.Norm(b, math.Inf(1)), floats.Norm(a, math.Inf(1)))
	})
	span := mat.NewDense(d+at, len(columns), nil)
	for m, col := range columns {
		span.SetCol(m, col)
	}
	j, _ := linalg.Spanning(span)
	return j
}

// clearance is what a sample may lose of each coordinate, relative to the largest entry there.
func clearance(d int) float64 { return 4 * 0x1p-52 * math.Sqrt(float64(d+1)) }

// pivoting returns a basis of the columns of k, d×r, in which r rows, the pivots, are those of the
// identity, and entries below t are 0. Of the rows that will do, those of large units are taken.
func pivoting(k *mat.Dense, unit []float64, t float64) (e *mat.Dense, pivot []int) {
	if k.IsEmpty() {
		return k, nil
	}
	d, r := k.Dims()
	e = mat.DenseCopyOf(k)
	taken := make([]bool, d)
	for m := range r {
		rest := func(see func(f, j int, x float64)) {
			for f := range d {
				for j := m; j < r && !taken[f]; j++ {
					see(f, j, math.Abs(e.At(f, j)))
				}
			}
		}
		most := 0.0
		rest(func(f, j int, x float64) { most = max(most, x) })
		best, col, size := -1, m, -1.0
		rest(func(f, j int, x float64) {
			if x >= 1e-3*most && x*unit[f] > size {
				best, col, size = f, j, x*unit[f]
			}
		})
		if best < 0 {
			return k, nil
		}
		taken[best] = true
		pivot = append(pivot, best)
		for f := range d { // the column of the pivot to its place, with a 1 in it
			row := e.RawRowView(f)
			row[m], row[col] = row[col], row[m]
		}
		scale := e.At(best, m)
		head := append([]float64(nil), e.RawRowView(best)...)
		for f := range d {
			row := e.RawRowView(f)
			row[m] /= scale
			for j := range row {
				if j != m {
					row[j] -= row[m] * head[j]
				}
			}
		}
		row := e.RawRowView(best)
		clear(row)
		row[m] = 1
	}
	for i, x := range e.RawMatrix().Data {
		if math.Abs(x) <= t {
			e.RawMatrix().Data[i] = 0
		}
	}
	return e, pivot
}

// directions returns an orthonormal basis, in the cloud's units, of the fewest leading directions
// that leave of each row no more than rounding: 4·ε·√(d+1) in each coordinate, and what small
// says.
func (c *cloud) directions(small func(rest *mat.Dense) bool) *mat.Dense {
	r, d := c.y.Dims()
	t := clearance(d)
	var svd mat.SVD
	if !svd.Factorize(c.y, mat.SVDThin) {
		return linalg.Eye(d).Dense()
	}
	var w mat.Dense
	svd.VTo(&w)
	sigma := svd.Values(nil)
	at := func(k int) *mat.Dense {
		if k == 0 {
			return &mat.Dense{}
		}
		return mat.DenseCopyOf(w.Slice(0, d, 0, k))
	}
	fits := func(k int) bool {
		rest := mat.DenseCopyOf(c.y)
		if k > 0 {
			b := at(k)
			rest.Sub(c.y, linalg.Product(linalg.Product(nil, false, c.y, b), false, mat.DenseCopyOf(b.T()), nil))
		}
		for _, v := range rest.RawMatrix().Data {
			if !(math.Abs(v) <= t) {
				return false
			}
		}
		return small(rest)
	}
	lo, hi := 0, min(d, len(sigma))
	for lo < hi && sigma[lo] > t*math.Sqrt(float64(r*d)) {
		lo++
	}
	for lo < hi { // the residuals fall with k
		if mid := (lo + hi) / 2; fits(mid) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return at(lo)
}

// negligible says whether a rest of the rows of input v is rounding behind the arrows that leave
// it: beside |W|·|x|, sample by sample.
func (b *dataBuilder) negligible(v int, x *mat.Dense, c cloud, rest *mat.Dense) bool {
	e := mat.DenseCopyOf(rest)
	e.Apply(func(_, j int, y float64) float64 { return math.Abs(y) * c.unit[j] }, e)
	m := linalg.Abs(x)
	for _, k := range b.q.Out(v) {
		a := b.as[k]
		if a.Rows*a.Cols == 0 {
			continue
		}
		w := mat.DenseCopyOf(linalg.Abs(b.w.Matrix(k)).T())
		if !linalg.Below(linalg.Product(nil, false, e, w), linalg.Product(nil, false, m, w), 16*0x1p-52*float64(a.Cols+1)) {
			return false
		}
	}
	return true
}
