package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/graph"
)

// TestForeignText: the gradient of a loss of Gorgonia's operations, with its repetitions, sizes and
// reshapes, reads as formulas do.
func TestForeignText(t *testing.T) {
	must := gorgonia.Must
	loss := graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) { // |y|·|y−t|², with a product of matrices
		d := must(gorgonia.Square(must(gorgonia.Sub(y, t))))
		size := must(gorgonia.Sqrt(must(gorgonia.Sum(must(gorgonia.Square(y)), 1))))
		return gorgonia.HadamardProd(size, must(gorgonia.Sum(d, 1)))
	})
	w := net(t, tanh)
	p, err := graph.Compile(w.Quiver(), graph.Loss("y", loss, 1))
	require.NoError(t, err)
	x, err := p.Gradient("h2->y")
	require.NoError(t, err)
	text := x.String()
	for _, want := range []string{
		"∂L/∂W[h2→y] = δ[y]ᵀ·h2\n",
		"δ[y] = (2·y)∘",
		"·1ᵀ",
		"√(Σ[1](y²))",
	} {
		assert.Contains(t, text, want)
	}
	for _, not := range []string{"Repeat", "Reshape", "SizeOf"} {
		assert.NotContains(t, text, not)
		assert.NotContains(t, x.LaTeX(), not)
		assert.NotContains(t, x.DOT(), not)
	}
	assert.Equal(t, strings.Count(x.LaTeX(), "{"), strings.Count(x.LaTeX(), "}"))
	xs, ys := []*mat.Dense{normal(2, 2, 1)}, []*mat.Dense{normal(2, 3, 2)}
	g := w.Like()
	_, err = p.LossGrad(g, w, xs, ys)
	require.NoError(t, err)
	got, err := x.Eval(w, xs, ys)
	require.NoError(t, err)
	assert.LessOrEqual(t, gap(g.Arrow("h2->y"), got), 1e-13)
}
