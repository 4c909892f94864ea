package symmetry

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/internal/blas"
	"github.com/quivernet/quivernet/quiver"
)

// evaluate is w.Eval with fast products, for measurements on networks with large matrices:
// equal up to rounding. What Eval refuses it leaves to Eval.
func evaluate(w *quiver.Rep, xs []*mat.Dense) ([]*mat.Dense, error) {
	q := w.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	n, ok := rowsOf(q, vs, xs)
	if !ok {
		return w.Eval(xs...)
	}
	x := make([][]float64, len(vs)) // dim × samples
	for i, name := range q.Inputs() {
		v, _ := q.VertexIndex(name)
		x[v] = make([]float64, vs[v].Dim*n)
		if vs[v].Dim > 0 {
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
		x[v] = make([]float64, d*n)
		if vertex.Kind == quiver.KindBias {
			floats.AddConst(1, x[v])
			continue
		}
		for _, i := range q.In(v) {
			a := as[i]
			if a.Rows*a.Cols == 0 {
				continue
			}
			if in, ok := w.Matrix(i).(quiver.Inclusion); ok {
				floats.Add(x[v][in.Row*n:(in.Row+in.K)*n], x[a.Source][in.Col*n:(in.Col+in.K)*n])
				continue
			}
			blas.Gemm(d, n, a.Cols, entries(w.Matrix(i)), a.Cols, 1, x[a.Source], n, true, x[v], n)
		}
		if d == 0 || vertex.Act == quiver.Identity {
			continue
		}
		if len(rows) < d*n {
			rows = make([]float64, d*n)
		}
		blas.Transpose(d, n, x[v], n, rows, d)
		for s := range n {
			z := rows[s*d : (s+1)*d]
			if p, ok := vertex.Act.(quiver.Parametric); ok {
				p.ApplyP(z, z, w.ParamsAt(v))
			} else {
				vertex.Act.Apply(z, z)
			}
		}
		blas.Transpose(n, d, rows, d, x[v], n)
	}
	var ys []*mat.Dense
	for _, name := range q.Outputs() {
		v, _ := q.VertexIndex(name)
		y := &mat.Dense{}
		if d := vs[v].Dim; d > 0 {
			y = mat.NewDense(n, d, nil)
			blas.Transpose(d, n, x[v], n, y.RawMatrix().Data, d)
		}
		ys = append(ys, y)
	}
	return ys, nil
}

// rowsOf returns the number of samples, or false where the inputs are not all of one
// length and of the right width, or hold none.
func rowsOf(q *quiver.Quiver, vs []quiver.Vertex, xs []*mat.Dense) (n int, ok bool) {
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

// entries returns a matrix, row-major without gaps.
func entries(m mat.Matrix) []float64 {
	if d, ok := m.(*mat.Dense); ok {
		if raw := d.RawMatrix(); raw.Stride == raw.Cols {
			return raw.Data
		}
	}
	return mat.DenseCopyOf(m).RawMatrix().Data
}
