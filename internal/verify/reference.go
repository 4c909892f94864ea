package verify

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// reference holds what the definition gives at every vertex: x_v and z_v and, after back, the
// gradient g_v at x_v and δ_v at z_v, one slice per sample.
type reference struct {
	w           *quiver.Rep
	n           int
	vs          []quiver.Vertex
	as          []quiver.Arrow
	x, z, g, dz [][][]float64 // by vertex and sample
	flat        [][]float64   // matrices, row-major
}

func newReference(w *quiver.Rep, xs []*mat.Dense, n int) (*reference, error) {
	f, err := w.Features(xs...)
	if err != nil {
		return nil, err
	}
	q := w.Quiver()
	r := &reference{w: w, n: n, vs: q.Vertices(), as: q.Arrows()}
	for i, a := range r.as {
		m := w.Block(i)
		if a.Fixed && a.Rows*a.Cols > 0 {
			m = mat.DenseCopyOf(w.Fixed(i)).RawMatrix().Data
		}
		r.flat = append(r.flat, m)
	}
	for v, vertex := range r.vs {
		x := make([][]float64, n)
		for s := range n {
			if m := f[vertex.Name]; !m.IsEmpty() {
				x[s] = m.RawRowView(s)
			}
		}
		r.x = append(r.x, x)
		z := zeros(n, vertex.Dim)
		for _, i := range q.In(v) {
			for s := range n {
				r.push(z[s], i, r.x[r.as[i].Source][s])
			}
		}
		r.z = append(r.z, z)
	}
	return r, nil
}

func zeros(n, d int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, d)
	}
	return m
}

// push adds W_i x to z.
func (r *reference) push(z []float64, i int, x []float64) {
	for k := range z {
		if c := r.as[i].Cols; c > 0 {
			z[k] += floats.Dot(r.flat[i][k*c:(k+1)*c], x)
		}
	}
}

// act calls Apply or ApplyP with the weights' parameters.
func (r *reference) act(v int, dst, z []float64) {
	if par, ok := r.vs[v].Act.(quiver.Parametric); ok {
		par.ApplyP(dst, z, r.w.ParamsAt(v))
		return
	}
	r.vs[v].Act.Apply(dst, z)
}

// vjp calls VJP or VJPP, adding the gradient of the parameters to dp.
func (r *reference) vjp(v int, dst, dp, z, g []float64) {
	if par, ok := r.vs[v].Act.(quiver.Parametric); ok {
		par.VJPP(dst, dp, z, g, r.w.ParamsAt(v))
		return
	}
	r.vs[v].Act.VJP(dst, z, g)
}

// active says that the vertex applies an activation to something.
func (r *reference) active(v int) bool {
	return r.vs[v].Kind != quiver.KindInput && r.vs[v].Kind != quiver.KindBias && r.vs[v].Dim > 0
}

// back sweeps the gradients at the outputs, by vertex, back to every vertex.
func (r *reference) back(dy map[int]*mat.Dense) {
	q := r.w.Quiver()
	r.g, r.dz = make([][][]float64, len(r.vs)), make([][][]float64, len(r.vs))
	for v, vertex := range r.vs {
		r.g[v], r.dz[v] = zeros(r.n, vertex.Dim), zeros(r.n, vertex.Dim)
		if m := dy[v]; m != nil {
			for s := range r.n {
				copy(r.g[v][s], m.RawRowView(s))
			}
		}
	}
	for v := len(r.vs) - 1; v >= 0; v-- {
		if !r.active(v) {
			continue
		}
		dp := make([]float64, len(r.w.ParamsAt(v)))
		for s := range r.n {
			copy(r.dz[v][s], r.g[v][s])
			r.vjp(v, r.dz[v][s], dp, r.z[v][s], r.dz[v][s])
			for _, i := range q.In(v) {
				a := r.as[i]
				for k, d := range r.dz[v][s] {
					if a.Cols > 0 {
						floats.AddScaled(r.g[a.Source][s], d, r.flat[i][k*a.Cols:(k+1)*a.Cols])
					}
				}
			}
		}
	}
}

// arrow returns the gradient at the matrix of arrow i alone, fixed and tied arrows too, and
// the same sum of absolute values, the size against which it is exact.
func (r *reference) arrow(i int) (sum, size []float64) {
	a := r.as[i]
	sum, size = make([]float64, a.Rows*a.Cols), make([]float64, a.Rows*a.Cols)
	for s := range r.n {
		for k, d := range r.dz[a.Target][s] {
			for j, x := range r.x[a.Source][s] {
				sum[k*a.Cols+j] += d * x
				size[k*a.Cols+j] += math.Abs(d * x)
			}
		}
	}
	return sum, size
}
