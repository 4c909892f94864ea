package rewrite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/quiver"
)

// TestLiftedFunction: the quiver of gains, factors, scaled weights and biases of each sample has the graph's values.
func TestLiftedFunction(t *testing.T) {
	l := newLab(t, 3)
	x := l.input("x", 4, 3)
	ab := G.Must(G.Mul(l.weight("A", 3, 2), l.weight("B", 2, 7)))
	z := G.Must(G.Sub(G.Must(G.Mul(x, ab)), l.weight("rows", 4, 7)))
	h := l.gained(l.layerNorm(z), "")
	y := G.Must(G.Mul(h, G.Must(G.Neg(G.Must(G.HadamardProd(l.weight("o", 7, 2), l.scalar(3)))))))
	G.WithName("y")(y)
	f, err := Rewriter{Weights: l.weights, Data: l.data}.Lift(y)
	require.NoError(t, err)
	w := f.Rep()
	var in []*mat.Dense
	for _, v := range w.Quiver().Vertices() {
		switch {
		case v.Kind != quiver.KindInput || v.Name == "one":
		case v.Name == "x":
			in = append(in, mat.NewDense(4, 3, inspect.MustNumbers(inspect.Random(x))))
		default:
			require.Equal(t, "sample", v.Name)
			one := mat.NewDense(4, 4, nil)
			for i := range 4 {
				one.Set(i, i, 1)
			}
			in = append(in, one)
		}
	}
	ys, err := w.Eval(in...)
	require.NoError(t, err)
	want := inspect.MustNumbers(valuesOf(G.Nodes{y})[0])
	assert.InDeltaSlice(t, want, ys[0].RawMatrix().Data, 1e-12)
	in[0].Set(0, 0, in[0].At(0, 0)+1e-3)
	ys, err = w.Eval(in...)
	require.NoError(t, err)
	assert.Greater(t, abs(want[0]-ys[0].At(0, 0)), 1e-6, "negative control")
}
