package rounding

import (
	"math"
	"math/rand/v2"

	"github.com/quivernet/quivernet/internal/enclose"

	"github.com/quivernet/quivernet/internal/inputs"

	"github.com/quivernet/quivernet/internal/linalg"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/quiver"
)

// Running is an evaluation that carries, beside each value, a bound of the rounding error in it
// (a running error analysis, coordinate by coordinate). Per sample and vertex
//
//	d_v = Σ_a |W_a| e_s(a) + γ_v Σ_a |W_a| (|x_s(a)| + e_s(a)),  γ_v = 4·ε·(8 + n_v + Σ columns),
//
// before the activation and e_v behind it. It depends neither on the units of a coordinate nor on
// what multiplies it: a row of tiny entries has a tiny bound.
type Running struct {
	X, E [][]float64 // by vertex, samples × dim
	N    int
}

// Tiny bounds what underflow takes from one product.
const Tiny = math.SmallestNonzeroFloat64

// Of evaluates w on xs, whose shapes have been checked.
func Of(w *quiver.Rep, xs []*mat.Dense) Running {
	q := w.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	r := Running{X: make([][]float64, len(vs)), E: make([][]float64, len(vs)), N: 1}
	for _, x := range xs {
		if !x.IsEmpty() {
			r.N, _ = x.Dims()
		}
	}
	for v, vertex := range vs {
		r.X[v], r.E[v] = make([]float64, r.N*vertex.Dim), make([]float64, r.N*vertex.Dim)
		if vertex.Kind == quiver.KindBias {
			floats.AddConst(1, r.X[v])
		}
	}
	for i, name := range q.Inputs() {
		v, _ := q.VertexIndex(name)
		for s := range r.N {
			if d := vs[v].Dim; d > 0 {
				copy(r.X[v][s*d:(s+1)*d], xs[i].RawRowView(s))
			}
		}
	}
	for v, vertex := range vs {
		d := vertex.Dim
		if vertex.Kind == quiver.KindInput || vertex.Kind == quiver.KindBias || d == 0 {
			continue
		}
		cols := Terms(q, v)
		z, err := make([]float64, r.N*d), r.E[v]
		gamma := 4 * cols * 0x1p-52
		for _, i := range q.In(v) {
			if a := as[i]; a.Rows*a.Cols > 0 {
				r.arrow(z, err, w.Matrix(i), a, gamma)
			}
		}
		floats.AddConst(cols*Tiny, err)
		for s := range r.N {
			z, x, e := z[s*d:(s+1)*d], r.X[v][s*d:(s+1)*d], err[s*d:(s+1)*d]
			if p, ok := vertex.Act.(quiver.Parametric); ok {
				p.ApplyP(x, z, w.ParamsAt(v))
			} else {
				vertex.Act.Apply(x, z)
			}
			carried(vertex.Act, w.ParamsAt(v), z, x, e)
		}
	}
	return r
}

// Terms returns 8 + n_v + Σ columns, of which γ_v is a multiple.
func Terms(q *quiver.Quiver, v int) float64 {
	as := q.Arrows()
	cols := 8 + float64(q.Vertices()[v].Dim)
	for _, i := range q.In(v) {
		cols += float64(as[i].Cols)
	}
	return cols
}

// arrow adds W·x to z and the arrow's share of d_v to err.
func (r *Running) arrow(z, err []float64, m mat.Matrix, a quiver.Arrow, gamma float64) {
	if in, ok := m.(quiver.Inclusion); ok {
		for s := range r.N {
			for k := range in.K {
				i, j := s*a.Rows+in.Row+k, s*a.Cols+in.Col+k
				z[i] += r.X[a.Source][j]
				err[i] += r.E[a.Source][j]*(1+gamma) + gamma*math.Abs(r.X[a.Source][j])
			}
		}
		return
	}
	w := linalg.Entries(m)
	for s := range r.N {
		x, e := r.X[a.Source][s*a.Cols:(s+1)*a.Cols], r.E[a.Source][s*a.Cols:(s+1)*a.Cols]
		mass := make([]float64, a.Cols)
		for j, y := range x {
			mass[j] = e[j]*(1+gamma) + gamma*math.Abs(y)
		}
		for i := range a.Rows {
			row := w[i*a.Cols : (i+1)*a.Cols]
			var sum, off float64
			for j, y := range row {
				if y != 0 {
					sum += y * x[j]
					off += math.Abs(y) * mass[j]
				}
			}
			z[s*a.Rows+i] += sum
			err[s*a.Rows+i] += off
		}
	}
}

// carried turns bounds e of the errors of z into bounds of the errors of x = ρ(z). With L the
// supremum of the local Lipschitz constant on the shell |z| ± |e|,
//
//	|ρ(z+δ) − ρ(z)| ≤ min(L·|δ|, sup|ρ| + |x|),
//
// coordinate by coordinate for a pointwise activation; for a rescaling one, λ(z)·z, also
//
//	|ρ(z+δ) − ρ(z)|_i ≤ λ′·|δ_i| + (L + λ′)·|δ|/|z|·|z_i|,  λ′ = (|x| + L·|δ|)/(|z| − |δ|),
//
// since |λ(z+δ) − λ(z)|·|z| ≤ L·|δ| + λ(z+δ)·|δ| and λ(z+δ) ≤ λ′. Where the activation does not know its constants the derivative at z stands in
// for L, doubled: an estimate of first order.
func carried(act quiver.Activation, p, z, x, e []float64) {
	own := float64(32+len(z)) * 0x1p-52 // of the activation itself
	defer func() {
		for i := range e {
			if e[i] += own*(math.Abs(x[i])+e[i]) + 64*Tiny; math.IsNaN(e[i]) {
				e[i] = math.Inf(1)
			}
		}
	}()
	if act == quiver.Identity {
		return
	}
	l, ok := act.(quiver.Lipschitz)
	ok = ok && !enclose.Trained(act, p)
	_, parametric := act.(quiver.Parametric)
	point, pointwise := act.(quiver.PointJet)
	radial, isRadial := act.(quiver.RadialJet)
	if pointwise && !parametric {
		for i, d := range e {
			if ok {
				e[i] = passed(l, math.Abs(z[i]), math.Abs(x[i]), d)
			} else {
				e[i] = 2 * math.Abs(point.PointJet(1, z[i])) * d
			}
		}
		return
	}
	r, d, size := floats.Norm(z, 2), floats.Norm(e, 2), floats.Norm(x, 2)
	var whole, lip float64
	switch {
	case ok:
		whole = passed(l, r, size, d)
		lip, _ = l.Lipschitz(max(0, r-d), r+d)
	case isRadial && !parametric:
		lip = 2 * (math.Abs(radial.RadialJet(0, r)) + math.Abs(radial.RadialJet(1, r))*r*r)
		whole = lip * d
	default:
		lip = steepness(act, p, z)
		whole = lip * d
	}
	if math.IsNaN(whole) {
		whole = math.Inf(1)
	}
	along := r > d && (isRadial || parallel(x, z, size, r))
	lambda := (size + lip*d) / (r - d)
	for i, y := range e {
		part := math.Inf(1)
		if along {
			part = lambda*y + (lip+lambda)*(d/r)*math.Abs(z[i])
		}
		if e[i] = whole; part < whole {
			e[i] = part
		}
	}
}

// parallel says whether x is a multiple of z, as a rescaling activation has it.
func parallel(x, z []float64, size, r float64) bool {
	for i, v := range z {
		if y := v * (size / r); math.Abs(math.Abs(x[i])-math.Abs(y)) > 1e-9*math.Abs(y) {
			return false
		}
	}
	return true
}

// passed carries an error d through an activation at |z| = r, |ρ(z)| = x.
func passed(l quiver.Lipschitz, r, x, d float64) float64 {
	if math.IsNaN(d) || math.IsInf(d, 1) || math.IsNaN(r) {
		return math.Inf(1)
	}
	lip, sup := l.Lipschitz(max(0, r-d), r+d)
	e := math.Inf(1)
	if y := lip * d; !math.IsNaN(y) {
		e = min(e, y)
	}
	if y := sup + x; !math.IsNaN(y) {
		e = min(e, y)
	}
	return e
}

// steepness estimates twice the Frobenius norm of Dρ(z) from products with random vectors.
func steepness(act quiver.Activation, p, z []float64) float64 {
	const draws = 4
	rng := rand.New(rand.NewPCG(inputs.Seed, 2))
	g, out, dp := make([]float64, len(z)), make([]float64, len(z)), make([]float64, len(p))
	var sum float64
	for range draws {
		for i := range g {
			g[i] = rng.NormFloat64()
		}
		if a, ok := act.(quiver.Parametric); ok {
			a.VJPP(out, dp, z, g, p)
		} else {
			act.VJP(out, z, g)
		}
		sum += floats.Dot(out, out)
	}
	return 2 * math.Sqrt(sum/draws)
}
