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

// TestForeignFormulas: each operation of Gorgonia's in a loss, and in its gradient at the output, reads as the formula that it is.
func TestForeignFormulas(t *testing.T) {
	must := gorgonia.Must
	number := func(x float64) *gorgonia.Node { return gorgonia.NewConstant(x) }
	const ones = "(c1[y]·1·1ᵀ)"
	for name, c := range map[string]struct {
		loss       lossOf
		text, grad string
	}{
		"+":       {func(y, t *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Add(y, t) }, "y + t1[y]", "c1[y]·1·1ᵀ"},
		"-":       {func(y, t *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sub(y, t) }, "y − t1[y]", "c1[y]·1·1ᵀ"},
		"⊙":       {func(y, t *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.HadamardProd(y, t) }, "y∘t1[y]", ones + "∘t1[y]"},
		"1 left":  {func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.HadamardProd(number(1), y) }, "y", ones + "∘(1·1)"},
		"1 right": {func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.HadamardProd(y, number(1)) }, "y", ones + "∘(1·1)"},
		"2 left":  {func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.HadamardProd(number(2.5), y) }, "2.5·y", ones + "∘(2.5·1)"},
		"2 right": {func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.HadamardProd(y, number(2.5)) }, "2.5·y", ones + "∘(2.5·1)"},
		"÷":       {func(y, t *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.HadamardDiv(y, t) }, "y/t1[y]", ones + "∘t1[y]⁻¹"},
		"powers": {func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardDiv(must(gorgonia.Square(y)), must(gorgonia.Square(t)))
		}, "y²/t1[y]²", "(2·y)∘(" + ones + "∘u1⁻¹)"},
		"neg":  {func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Neg(y) }, "−y", "−c1[y]·1·1ᵀ"},
		"sqrt": {func(y, _ *gorgonia.Node) (*gorgonia.Node, error) { return gorgonia.Sqrt(must(gorgonia.Square(y))) }, "√(y²)", "(2·y)∘((0.5·u1⁻¹)∘" + ones + ")"},
		"matrices": {func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.Mul(must(gorgonia.Mul(y, must(gorgonia.Transpose(y)))), t)
		}, "y·yᵀ·t1[y]", ""},
		"a sum": {func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(y, must(gorgonia.Sum(t)))
		}, "Σ[01](t1[y])·y", ones + "∘(u1·1)"},
		"a mean": {func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			return gorgonia.HadamardProd(y, must(gorgonia.Mean(t)))
		}, "(Σ[01](t1[y])/(2·3))·y", ones + "∘(u1·1)"},
	} {
		q, _ := outputs(t, 3)
		loss := graph.Coupled(graph.Custom(func(y, t *gorgonia.Node) (*gorgonia.Node, error) {
			n, err := c.loss(y, t)
			if err != nil {
				return nil, err
			}
			return gorgonia.Sum(n, 1)
		}))
		p, err := graph.Compile(q, graph.Loss("y", loss, 1))
		require.NoError(t, err, name)
		x, err := p.LossValue()
		require.NoError(t, err, name)
		assert.Contains(t, x.String(), "L = c1[y]·Σ(Σ[1]("+c.text+"))\n", name)
		if c.grad == "" {
			continue
		}
		x, err = p.Gradient("one->y")
		require.NoError(t, err, name)
		assert.Contains(t, x.String(), "δ[y] = "+c.grad+"\n", name)
	}
}
