package op

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/layers"
	"github.com/quivernet/quivernet/quiver"
)

// TestSizes: operands whose sizes do not fit are refused by an error that tells the sizes, each at its place; those that
// fit are not.
func TestSizes(t *testing.T) {
	b := newBench(t)
	in := make(map[[2]int]*gorgonia.Node)
	x := func(r, c int) *gorgonia.Node {
		if in[[2]int{r, c}] == nil {
			in[[2]int{r, c}] = b.input(string(rune('a'+len(in))), r, c)
		}
		return in[[2]int{r, c}]
	}
	basis := mat.NewDense(3, 5, nil)
	cut := quiver.Inclusion{Rows: 6, Cols: 5, Row: 1, Col: 2, K: 3}
	act := layers.Radial(layers.Tanh)
	vertex := func(p, q, r, s *gorgonia.Node) (*gorgonia.Node, error) {
		return Vertex("v", "v", act, []Term{{X: p, W: q, Arrow: "one"}, {X: r, W: s, Arrow: "two"}}, nil)
	}
	cases := []struct {
		name       string
		want       string
		bad, right func() (*gorgonia.Node, error)
	}{
		{"Add", "sizes 2×3 and 2×4, want equal ones",
			func() (*gorgonia.Node, error) { return Add("v", "s", x(2, 3), x(2, 4)) },
			func() (*gorgonia.Node, error) { return Add("v", "s", x(2, 3), x(2, 3)) }},
		{"Hadamard", "sizes 2×3 and 4×3, want equal ones",
			func() (*gorgonia.Node, error) { return Hadamard("v", "h", x(2, 3), x(4, 3)) },
			func() (*gorgonia.Node, error) { return Hadamard("v", "h", x(2, 3), x(2, 3)) }},
		{"RowScale, too many rows", "rows scaled by 5×1, want 2×1",
			func() (*gorgonia.Node, error) { return RowScale("v", "s", x(2, 3), x(5, 1)) },
			func() (*gorgonia.Node, error) { return RowScale("v", "s", x(2, 3), x(2, 1)) }},
		{"RowScale, too many columns", "rows scaled by 2×4, want 2×1",
			func() (*gorgonia.Node, error) { return RowScale("v", "s", x(2, 3), x(2, 4)) },
			func() (*gorgonia.Node, error) { return RowScale("v", "s", x(2, 3), x(2, 1)) }},
		{"Scale", "scaled by 2×1, want 1×1",
			func() (*gorgonia.Node, error) { return Scale("v", "s", x(2, 3), x(2, 1)) },
			func() (*gorgonia.Node, error) { return Scale("v", "s", x(2, 3), x(1, 1)) }},
		{"RatioOr", "a limit of 1×3, want 1×1",
			func() (*gorgonia.Node, error) { return RatioOr("v", x(2, 3), x(2, 3), x(1, 3)) },
			func() (*gorgonia.Node, error) { return RatioOr("v", x(2, 3), x(2, 3), x(1, 1)) }},
		{"RatioOr of two sizes", "sizes 2×3 and 2×4, want equal ones",
			func() (*gorgonia.Node, error) { return RatioOr("v", x(2, 3), x(2, 4), x(1, 1)) },
			func() (*gorgonia.Node, error) { return RatioOr("v", x(2, 4), x(2, 4), x(1, 1)) }},
		{"Total", "a value of 2×3, want one number per sample, n×1",
			func() (*gorgonia.Node, error) { return Total("v", x(2, 3)) },
			func() (*gorgonia.Node, error) { return Total("v", x(5, 1)) }},
		{"MatMul", "product of 2×3 and 4×5",
			func() (*gorgonia.Node, error) { return MatMul("v", x(2, 3), x(4, 5)) },
			func() (*gorgonia.Node, error) { return MatMul("v", x(2, 3), x(3, 5)) }},
		{"Columns, too far", "columns 1 to 4 of 3",
			func() (*gorgonia.Node, error) { return Columns("v", x(2, 3), 1, 4) },
			func() (*gorgonia.Node, error) { return Columns("v", x(2, 3), 1, 3) }},
		{"Columns, before the first", "columns -1 to 2 of 3",
			func() (*gorgonia.Node, error) { return Columns("v", x(2, 3), -1, 2) },
			func() (*gorgonia.Node, error) { return Columns("v", x(2, 3), 0, 2) }},
		{"Columns, none", "columns 2 to 2 of 3",
			func() (*gorgonia.Node, error) { return Columns("v", x(2, 3), 2, 2) },
			func() (*gorgonia.Node, error) { return Columns("v", x(2, 3), 2, 3) }},
		{"Join", "2 and 4 rows side by side",
			func() (*gorgonia.Node, error) { return Join("v", x(2, 3), x(4, 3)) },
			func() (*gorgonia.Node, error) { return Join("v", x(2, 3), x(2, 5)) }},
		{"ColScale", "a row of 1×4 for 3 columns",
			func() (*gorgonia.Node, error) { return ColScale("v", x(2, 3), x(1, 4)) },
			func() (*gorgonia.Node, error) { return ColScale("v", x(2, 3), x(1, 3)) }},
		{"AddRow", "a row of 2×3 for 3 columns",
			func() (*gorgonia.Node, error) { return AddRow("v", x(2, 3), x(2, 3)) },
			func() (*gorgonia.Node, error) { return AddRow("v", x(2, 3), x(1, 3)) }},
		{"Basis", "5 columns times a basis of 3×5",
			func() (*gorgonia.Node, error) { return Basis("v", x(2, 5), basis, false) },
			func() (*gorgonia.Node, error) { return Basis("v", x(2, 3), basis, false) }},
		{"Basis, transposed", "3 columns times a basis of 3×5",
			func() (*gorgonia.Node, error) { return Basis("v", x(2, 3), basis, true) },
			func() (*gorgonia.Node, error) { return Basis("v", x(2, 5), basis, true) }},
		{"ArrowDW", "2 and 4 samples",
			func() (*gorgonia.Node, error) { return ArrowDW("v", "dW", x(2, 3), x(4, 5)) },
			func() (*gorgonia.Node, error) { return ArrowDW("v", "dW", x(2, 3), x(2, 5)) }},
		{"ArrowDX", "product of 2×3 and 4×5",
			func() (*gorgonia.Node, error) { return ArrowDX("v", "dx", x(2, 3), Term{W: x(4, 5)}) },
			func() (*gorgonia.Node, error) { return ArrowDX("v", "dx", x(2, 3), Term{W: x(3, 5)}) }},
		{"ArrowDX of a structured matrix", "product of 2×3 and ",
			func() (*gorgonia.Node, error) { return ArrowDX("v", "dx", x(2, 3), Term{Fixed: cut}) },
			func() (*gorgonia.Node, error) { return ArrowDX("v", "dx", x(2, 6), Term{Fixed: cut}) }},
		{"Unit, no such row", "entry (2,1) of 2×3",
			func() (*gorgonia.Node, error) { return Unit("v", x(2, 3), 2, 1) },
			func() (*gorgonia.Node, error) { return Unit("v", x(2, 3), 1, 1) }},
		{"Unit, no such column", "entry (1,3) of 2×3",
			func() (*gorgonia.Node, error) { return Unit("v", x(2, 3), 1, 3) },
			func() (*gorgonia.Node, error) { return Unit("v", x(2, 3), 1, 2) }},
		{"Unit, a negative row", "entry (-1,0) of 2×3",
			func() (*gorgonia.Node, error) { return Unit("v", x(2, 3), -1, 0) },
			func() (*gorgonia.Node, error) { return Unit("v", x(2, 3), 0, 0) }},
		{"Unit, a negative column", "entry (0,-1) of 2×3",
			func() (*gorgonia.Node, error) { return Unit("v", x(2, 3), 0, -1) },
			func() (*gorgonia.Node, error) { return Unit("v", x(2, 3), 0, 0) }},
		{"Stack", "3 and 5 columns below each other",
			func() (*gorgonia.Node, error) { return Stack("v", x(2, 3), x(3, 5)) },
			func() (*gorgonia.Node, error) { return Stack("v", x(2, 3), x(4, 3)) }},
		{"Vertex, the matrix", `arrow "one": source is 2×3, matrix is 4×5`,
			func() (*gorgonia.Node, error) { return vertex(x(2, 3), x(4, 5), x(2, 3), x(4, 3)) },
			func() (*gorgonia.Node, error) { return vertex(x(2, 5), x(4, 5), x(2, 3), x(4, 3)) }},
		{"Vertex, the second arrow", `arrow "two" brings 2×5, the others 2×4`,
			func() (*gorgonia.Node, error) { return vertex(x(2, 3), x(4, 3), x(2, 3), x(5, 3)) },
			func() (*gorgonia.Node, error) { return vertex(x(2, 3), x(5, 3), x(2, 3), x(5, 3)) }},
		{"Vertex, the samples", `arrow "two" brings 4×4, the others 2×4`,
			func() (*gorgonia.Node, error) { return vertex(x(2, 3), x(4, 3), x(4, 3), x(4, 3)) },
			func() (*gorgonia.Node, error) { return vertex(x(4, 3), x(4, 3), x(4, 3), x(4, 3)) }},
	}
	for _, c := range cases {
		n, err := c.bad()
		require.Error(t, err, c.name)
		var typed *NodeError
		require.ErrorAs(t, err, &typed, c.name)
		assert.Contains(t, err.Error(), c.want, c.name)
		assert.Nil(t, n, c.name)
		n, err = c.right()
		require.NoError(t, err, c.name)
		assert.NotNil(t, n, c.name)
	}
}

// TestAdjointName: a name gets ᵀ, and loses it again.
func TestAdjointName(t *testing.T) {
	for _, s := range []string{"", "a", "ab", "abc", "δ"} {
		assert.Equal(t, s+"ᵀ", adjointName(s))
		assert.Equal(t, s, adjointName(adjointName(s)))
	}
	assert.Equal(t, "ᵀaᵀ", adjointName("ᵀa"), "in front it is part of the name")
}
