package symmetry_test

import (
	"math"
	"math/big"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// digits is the precision of the reference arithmetic, in bits.
const digits = 200

// soft is a user's radial activation, v/(1+|v|), that knows its constants.
type soft struct{}

func (soft) String() string { return "soft" }
func (soft) Apply(dst, z []float64) {
	r := mat.Norm(mat.NewVecDense(len(z), append([]float64(nil), z...)), 2)
	for i, x := range z {
		dst[i] = x / (1 + r)
	}
}
func (soft) VJP(dst, z, g []float64) {
	r := mat.Norm(mat.NewVecDense(len(z), append([]float64(nil), z...)), 2)
	dot := 0.0
	for i := range z {
		dot += z[i] * g[i]
	}
	for i := range z {
		dst[i] = g[i] / (1 + r)
		if r > 0 {
			dst[i] -= dot * z[i] / (r * (1 + r) * (1 + r))
		}
	}
}
func (s soft) Restrict(*mat.Dense) (quiver.Activation, bool) { return s, true }
func (soft) Lipschitz(lo, hi float64) (lip, sup float64) {
	if math.IsInf(hi, 1) {
		return 1 / (1 + lo), 1
	}
	return 1 / (1 + lo), hi / (1 + hi)
}

// unsaid is soft without constants.
type unsaid struct{ soft }

func (unsaid) String() string                                  { return "unsaid" }
func (u unsaid) Restrict(*mat.Dense) (quiver.Activation, bool) { return u, true }
func (unsaid) Lipschitz()                                      {} // hides the method of soft

// reference evaluates networks with 200 bits, and bounds what rounding can do to an evaluation with
// 53 by an analysis of its own: a vertex sums terms with a relative error of u each, and
//
//	|λ(r)v − λ(r′)v′| ≤ sup λ·|v − v′| + sup|λ′|·|r − r′|·|v|
//
// with the constants of its five activations by hand.
type reference struct {
	w   *quiver.Rep
	vs  []quiver.Vertex
	as  []quiver.Arrow
	m   [][]*big.Float // by arrow
	abs [][]float64
}

func referenceOf(w *quiver.Rep) *reference {
	q := w.Quiver()
	r := &reference{w: w, vs: q.Vertices(), as: q.Arrows()}
	for i, a := range r.as {
		var m []*big.Float
		var abs []float64
		for k := range a.Rows {
			for j := range a.Cols {
				x := w.Matrix(i).At(k, j)
				m, abs = append(m, number(x)), append(abs, math.Abs(x))
			}
		}
		r.m, r.abs = append(r.m, m), append(r.abs, abs)
	}
	return r
}

func number(x float64) *big.Float { return new(big.Float).SetPrec(digits).SetFloat64(x) }

// at returns the outputs at one sample and, for each entry, the bound of rounding.
func (r *reference) at(t testing.TB, xs [][]float64) (ys [][]*big.Float, bounds [][]float64) {
	t.Helper()
	q := r.w.Quiver()
	x, e := make([][]*big.Float, len(r.vs)), make([][]float64, len(r.vs))
	for i, name := range q.Inputs() {
		v, _ := q.VertexIndex(name)
		e[v] = make([]float64, r.vs[v].Dim)
		for _, y := range xs[i] {
			x[v] = append(x[v], number(y))
		}
	}
	for v, vertex := range r.vs {
		switch vertex.Kind {
		case quiver.KindInput:
			continue
		case quiver.KindBias:
			x[v], e[v] = []*big.Float{number(1)}, []float64{0}
			continue
		}
		d := vertex.Dim
		z, err := make([]*big.Float, d), make([]float64, d)
		for k := range z {
			z[k] = number(0)
		}
		terms := 8.0 + float64(d)
		for _, i := range q.In(v) {
			terms += float64(r.as[i].Cols)
		}
		p := number(0)
		for _, i := range q.In(v) {
			a := r.as[i]
			for k := range a.Rows {
				for j := range a.Cols {
					if r.abs[i][k*a.Cols+j] == 0 {
						continue
					}
					z[k].Add(z[k], p.Mul(r.m[i][k*a.Cols+j], x[a.Source][j]))
					y, _ := x[a.Source][j].Float64()
					err[k] += r.abs[i][k*a.Cols+j] * (e[a.Source][j] + 4*terms*0x1p-52*(math.Abs(y)+e[a.Source][j]))
				}
			}
		}
		x[v], e[v] = activated(t, vertex.Act, z, err)
	}
	for _, name := range q.Outputs() {
		v, _ := q.VertexIndex(name)
		ys, bounds = append(ys, x[v]), append(bounds, e[v])
	}
	return ys, bounds
}

// activated applies one of the activations that the reference knows, and carries the bound.
func activated(t testing.TB, act quiver.Activation, z []*big.Float, e []float64) ([]*big.Float, []float64) {
	t.Helper()
	name := act.String()
	if name == quiver.Identity.String() {
		return z, e
	}
	if name == layers.Pointwise(layers.ReLU).String() {
		for i := range z {
			if z[i].Sign() < 0 {
				if y, _ := z[i].Float64(); -y > e[i] {
					e[i] = 0
				}
				z[i] = number(0)
			}
		}
		return z, e
	}
	sum, p := number(0), number(0)
	for _, v := range z {
		sum.Add(sum, p.Mul(v, v))
	}
	r := number(0).Sqrt(sum)
	radius, _ := r.Float64()
	norm := 0.0
	for _, y := range e {
		norm = math.Hypot(norm, y)
	}
	one := number(1)
	lambda := number(0)
	var size, slope float64 // sup λ and sup |λ′| over radius ± norm
	low := max(0, radius-norm)
	switch name {
	case squash.String(): // r/(1+r²)
		lambda.Quo(r, number(0).Add(one, sum))
		size, slope = min(0.5, radius+norm), 1/(1+low*low)
	case "soft", "unsaid":
		lambda.Quo(one, number(0).Add(one, r))
		size, slope = 1/(1+low), 1/((1+low)*(1+low))
	case layers.Radial(layers.Shift(layers.ReLU, 0.5)).String(): // max(0, 1 − ½/r)
		if r.Cmp(number(0.5)) > 0 {
			lambda.Sub(one, number(0).Quo(number(0.5), r))
		}
		size, slope = max(0, 1-0.5/(radius+norm)), 0.5/(max(low, 0.5)*max(low, 0.5))
		if radius+norm < 0.5 {
			slope = 0
		}
	default:
		t.Fatalf("the reference does not know %s", name)
	}
	for i := range z {
		y, _ := z[i].Float64()
		z[i] = number(0).Mul(lambda, z[i])
		x, _ := z[i].Float64()
		e[i] = size*e[i] + slope*norm*(math.Abs(y)+e[i]) + float64(32+len(z))*0x1p-52*math.Abs(x)
	}
	return z, e
}
