package symmetry_test

import (
	"math"
	"math/big"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// exactValues evaluates a network of lines with 2,000 bits, one row.
func exactValues(w *quiver.Rep, h layers.Func, x []float64) []*big.Float {
	wide := func() *big.Float { return new(big.Float).SetPrec(2000) }
	q := w.Quiver()
	vs, as := q.Vertices(), q.Arrows()
	f := make([][]*big.Float, len(vs))
	var out []*big.Float
	for v, vertex := range vs {
		switch vertex.Kind {
		case quiver.KindInput:
			for _, y := range x {
				f[v] = append(f[v], wide().SetFloat64(y))
			}
			continue
		case quiver.KindBias:
			f[v] = []*big.Float{wide().SetInt64(1)}
			continue
		}
		for i := range vertex.Dim {
			z := wide()
			for _, k := range q.In(v) {
				for j := range as[k].Cols {
					z.Add(z, wide().Mul(wide().SetFloat64(w.Matrix(k).At(i, j)), f[as[k].Source][j]))
				}
			}
			if vertex.Act != quiver.Identity && z.Sign() < 0 {
				z.Mul(z, wide().SetFloat64(h.Slope(-1)))
			}
			f[v] = append(f[v], z)
		}
		if vertex.Kind == quiver.KindOutput {
			out = append(out, f[v]...)
		}
	}
	return out
}

// distances returns |F(x) − F_red(x)| (Euclidean) and the largest entry of the difference and of F;
// exactly, where the network is made of lines.
func distances(t testing.TB, a, b *quiver.Rep, h layers.Func, x []float64) (norm, diff, size float64) {
	count := func(d, y float64) {
		norm = math.Hypot(norm, d)
		diff, size = max(diff, math.Abs(d)), max(size, math.Abs(y))
	}
	if _, _, lines := layers.Line(h, -2, -1); lines {
		ya, yb := exactValues(a, h, x), exactValues(b, h, x)
		for i := range ya {
			y, _ := ya[i].Float64()
			d, _ := ya[i].Sub(ya[i], yb[i]).Float64()
			count(d, y)
		}
		return norm, diff, size
	}
	row := mat.NewDense(1, len(x), x)
	ya, yb := must(a.Eval(row))(t)[0], must(b.Eval(row))(t)[0]
	for j, y := range ya.RawRowView(0) {
		count(y-yb.At(0, j), y)
	}
	return norm, diff, size
}
