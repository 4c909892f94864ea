package evaluate

import (
	"math"
	"sync"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/quiver"
)

// Outputs is w.Eval with fast products, for measurements on networks with large matrices:
// equal up to rounding. What Eval refuses it leaves to Eval.
func Outputs(w *quiver.Rep, xs []*mat.Dense) ([]*mat.Dense, error) {
	if n, ok := Rows(w.Quiver(), w.Quiver().Vertices(), xs); ok {
		r := Of(w, n, xs, false)
		ys := r.Outputs(w.Quiver())
		r.Release()
		return ys, nil
	}
	return w.Eval(xs...)
}

// spare keeps the memory of evaluations whose values nobody reads any more, since the vertices of
// wide networks fill megabytes each.
var spare sync.Pool // of *[]float64, each of at least spared numbers

const spared = 1 << 14

// borrow returns n numbers of any value.
func borrow(n int) []float64 {
	if n < spared {
		return make([]float64, n)
	}
	if p, ok := spare.Get().(*[]float64); ok && cap(*p) >= n {
		return (*p)[:n]
	}
	return make([]float64, n)
}

// giveBack lets a later evaluation write to x.
func giveBack(x []float64) {
	if cap(x) >= spared {
		spare.Put(&x)
	}
}

// Release gives back the memory of all values, which nobody may read afterwards.
func (r Values) Release() {
	for _, x := range r.X {
		giveBack(x)
	}
}

// Values holds what a network computes on n samples.
type Values struct {
	N int
	X [][]float64 // by vertex, dim × samples
	Z [][]float64 // by vertex: |z_v| of each sample, 0 at inputs and biases; nil where not asked for
}

// Of evaluates w on n rows of xs, whose shapes have been checked; with sized it keeps the lengths of
// the pre-activations.
func Of(w *quiver.Rep, n int, xs []*mat.Dense, sized bool) Values {
	q := w.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	x := make([][]float64, len(vs))
	r := Values{N: n, X: x}
	if sized {
		r.Z = make([][]float64, len(vs))
	}
	for i, name := range q.Inputs() {
		v, _ := q.VertexIndex(name)
		x[v] = borrow(vs[v].Dim * n)
		if len(x[v]) > 0 {
			raw := xs[i].RawMatrix()
			blas.Transpose(n, vs[v].Dim, raw.Data, raw.Stride, x[v], n)
		}
	}
	var rows []float64
	for v, vertex := range vs {
		if x[v] != nil {
			continue
		}
		d := vertex.Dim
		x[v] = borrow(d * n)
		if vertex.Kind == quiver.KindBias {
			for i := range x[v] {
				x[v][i] = 1
			}
			continue
		}
		if d*n == 0 {
			continue
		}
		written := false
		for _, i := range q.In(v) {
			a := as[i]
			if a.Rows*a.Cols == 0 {
				continue
			}
			if in, ok := w.Matrix(i).(quiver.Inclusion); ok {
				if !written {
					clear(x[v])
					written = true
				}
				floats.Add(x[v][in.Row*n:(in.Row+in.K)*n], x[a.Source][in.Col*n:(in.Col+in.K)*n])
				continue
			}
			blas.Gemm(d, n, a.Cols, linalg.Entries(w.Matrix(i)), a.Cols, 1, x[a.Source], n, written, x[v], n)
			written = true
		}
		if !written {
			clear(x[v])
		}
		if sized {
			r.Z[v] = r.Lengths(x[v])
		}
		if vertex.Act == quiver.Identity {
			continue
		}
		rows = apply(w, v, n, x[v], rows)
	}
	return r
}

// together is how many samples an activation is applied to between two transpositions: a cache line
// of each coordinate.
const together = 8

// apply applies the activation of a vertex to n samples, dim × samples. It writes to rows, which it
// returns, longer where it was too short.
func apply(w *quiver.Rep, v, n int, x, rows []float64) []float64 {
	vertex := w.Quiver().Vertices()[v]
	d := vertex.Dim
	if len(rows) < d*min(n, together) {
		rows = make([]float64, d*min(n, together))
	}
	p, parametric := vertex.Act.(quiver.Parametric)
	for s := 0; s < n; s += together {
		m := min(together, n-s)
		blas.Transpose(d, m, x[s:], n, rows, d)
		for i := range m {
			if z := rows[i*d : (i+1)*d]; parametric {
				p.ApplyP(z, z, w.ParamsAt(v))
			} else {
				vertex.Act.Apply(z, z)
			}
		}
		blas.Transpose(m, d, rows, d, x[s:], n)
	}
	return rows
}

// Outputs returns the values of the outputs, samples × dim.
func (r Values) Outputs(q *quiver.Quiver) []*mat.Dense {
	var ys []*mat.Dense
	for _, name := range q.Outputs() {
		v, _ := q.VertexIndex(name)
		y := &mat.Dense{}
		if d := q.Vertices()[v].Dim; d > 0 {
			y = mat.NewDense(r.N, d, nil)
			blas.Transpose(d, r.N, r.X[v], r.N, y.RawMatrix().Data, d)
		}
		ys = append(ys, y)
	}
	return ys
}

// Lengths returns the length of each sample of x, dim × samples.
func (r Values) Lengths(x []float64) []float64 {
	sum := make([]float64, r.N)
	for i := 0; i < len(x); i += r.N {
		for s, y := range x[i : i+r.N] {
			sum[s] += y * y
		}
	}
	for s, y := range sum {
		if sum[s] = math.Sqrt(y); y > 1e-280 && y < 1e300 || len(x) == 0 {
			continue
		}
		column := make([]float64, 0, len(x)/r.N) // squares leave the range of numbers
		for i := s; i < len(x); i += r.N {
			column = append(column, x[i])
		}
		sum[s] = floats.Norm(column, 2)
	}
	return sum
}

// Rows returns the number of samples, or false where the inputs are not all of one
// length and of the right width, or hold none.
func Rows(q *quiver.Quiver, vs []quiver.Vertex, xs []*mat.Dense) (n int, ok bool) {
	names := q.Inputs()
	if len(xs) != len(names) {
		return 0, false
	}
	for i, name := range names {
		v, _ := q.VertexIndex(name)
		if vs[v].Dim == 0 {
			if xs[i] == nil || !xs[i].IsEmpty() {
				return 0, false
			}
			continue
		}
		if xs[i] == nil || xs[i].IsEmpty() {
			return 0, false
		}
		r, c := xs[i].Dims()
		if c != vs[v].Dim || n > 0 && r != n {
			return 0, false
		}
		n = r
	}
	return n, n > 0
}
