package rewrite

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/symmetry"
)

// TestData compresses for data in a plane, in every layout: the new graph starts with the
// coordinates in the plane, and is equal there and nowhere else.
func TestData(t *testing.T) {
	const n, d = 5, 7
	l := newLab(t, 9)
	base, dirs := l.normal(d).Data().([]float64), l.normal(2, d).Data().([]float64)
	plane := mat.NewDense(n, d, nil)
	for i := range n {
		a, b := l.rng.NormFloat64(), l.rng.NormFloat64()
		for j := range d {
			plane.Set(i, j, base[j]+a*dirs[j]+b*dirs[d+j])
		}
	}
	for _, lay := range []string{"rows", "columns", "vector", "concat"} {
		for _, fused := range []bool{false, true} {
			l := newLab(t, 11)
			var x, y *G.Node
			option := symmetry.Data(plane)
			switch lay {
			case "rows":
				x = l.input("x", n, d)
				y = l.linear("1", radialOf(G.Tanh)(l.linear("0", x, 12)), 2)
			case "columns":
				x = l.input("x", d, n)
				h := G.Must(G.BroadcastAdd(G.Must(G.Mul(l.weight("w0", 12, d), x)), l.weight("b0", 12, 1), nil, []byte{1}))
				y = G.Must(G.Mul(l.weight("w1", 2, 12), h))
			case "vector":
				x = l.input("x", d)
				h := G.Must(G.Add(G.Must(G.Mul(l.weight("w0", 12, d), x)), l.weight("b0", 12)))
				y = G.Must(G.Mul(l.weight("w1", 2, 12), h))
			case "concat":
				x = l.input("x", n, d)
				side := G.Must(G.Tanh(l.linear("s", l.input("z", n, 3), 2)))
				y = l.linear("1", radialOf(G.Tanh)(l.linear("0", G.Must(G.Concat(1, x, side)), 12)), 2)
				f, err := Rewriter{Weights: l.weights, Data: l.data}.Lift(y)
				require.NoError(t, err)
				var xs []*mat.Dense
				for _, name := range f.Rep().Quiver().Inputs() { // as Lift tells
					if xs = append(xs, nil); name == "x" {
						xs[len(xs)-1] = plane
					}
				}
				require.Len(t, xs, 2)
				option = symmetry.Data(xs...)
			}
			r := Rewriter{Weights: l.weights, Data: l.data, Options: []symmetry.Option{option}, Fused: fused}
			res, err := r.Rewrite(y)
			what := fmt.Sprint(lay, fused)
			require.NoError(t, err, what)
			require.Len(t, res.Report.Changes, 1, what)
			assert.Equal(t, map[string]int{"rows": 3, "columns": 3, "vector": 3, "concat": 5}[lay], res.Report.Changes[0].To, what)
			assert.LessOrEqual(t, res.Certificate.Gap, 1e-12, "%s: drawn from the plane\n%s", what, res)
			assert.Contains(t, res.Certificate.String(), "on the span of the data")

			var v G.Value
			switch lay {
			case "columns":
				v = inspect.NewValue(l.dt, tensor.Shape{d, n}, mat.DenseCopyOf(plane.T()).RawMatrix().Data)
			case "vector":
				v = inspect.NewValue(l.dt, tensor.Shape{d}, plane.RawRowView(0))
			default:
				v = inspect.NewValue(l.dt, tensor.Shape{n, d}, plane.RawMatrix().Data)
			}
			set := func(v G.Value) {
				require.NoError(t, G.Let(x, v))
				require.NoError(t, G.Let(res.Map[x], v))
			}
			set(v)
			assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), valuesOf(res.Roots)), 1e-12, what)
			if !fused {
				assert.LessOrEqual(t, gapOf(t, valuesOf(G.Nodes{y}), tape(t, res.Roots)), 1e-12, what)
			}
			set(l.normal(x.Shape()...))
			assert.Greater(t, gapOf(t, valuesOf(G.Nodes{y}), valuesOf(res.Roots)), 1e-3, "off the plane: %s", what)
		}
	}
}
