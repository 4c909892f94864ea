package inspect

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
)

// TestKinds pins how Gorgonia's operations are told apart: their types are not exported.
func TestKinds(t *testing.T) {
	g := G.NewGraph()
	input := func(name string, shape ...int) *G.Node {
		return G.NewTensor(g, tensor.Float64, len(shape), G.WithShape(shape...), G.WithName(name))
	}
	x, w, v := input("x", 4, 3), input("w", 3, 5), input("v", 3)
	h := G.Must(G.Mul(x, w))
	back := func(n *G.Node) *G.Node { // an operation that only a derivative makes: w·gᵀ with flags
		gs, err := n.Op().(G.SDOp).SymDiff(op.Children(n), n, h)
		require.NoError(t, err)
		return gs[0]
	}
	for _, c := range []struct {
		n    *G.Node
		want Kind
	}{
		{x, Kind{Name: "input"}},
		{h, Kind{Name: "matmul"}},
		{back(G.Must(G.Mul(x, w))), Kind{Name: "matmul", TransB: true}},
		{G.Must(G.Mul(v, w)), Kind{Name: "matvec", TransA: true}},
		{G.Must(G.Mul(x, v)), Kind{Name: "matvec"}},
		{G.Must(G.Transpose(x)), Kind{Name: "transpose", Axes: []int{1, 0}}},
		{G.Must(G.Reshape(x, tensor.Shape{12})), Kind{Name: "reshape"}},
		{G.Must(G.SizeOf(1, x)), Kind{Name: "size", Axes: []int{1}}},
		{G.Must(G.Sum(x, 1)), Kind{Name: "sum", Axes: []int{1}}},
		{G.Must(G.Sum(x)), Kind{Name: "sum", Axes: []int{0, 1}}},
		{G.Must(G.Concat(1, x, x)), Kind{Name: "concat", Axes: []int{1}}},
		{G.Must(G.Slice(x, nil, G.S(1, 3))), Kind{Name: "slice", Axes: []int{1}, Lo: 1, Hi: 3}},
		{G.Must(G.Slice(x, nil)), Kind{Name: "slice", Axes: []int{0}}},
		{G.Must(G.Add(x, x)), Kind{Name: "+"}},
		{G.Must(G.Sub(x, x)), Kind{Name: "-"}},
		{G.Must(G.HadamardProd(x, x)), Kind{Name: "⊙"}},
		{G.Must(G.HadamardDiv(x, x)), Kind{Name: "÷"}},
		{G.Must(G.Pow(x, x)), Kind{Name: "^"}},
		{G.Must(G.Gte(x, x, true)), Kind{Name: ">=", Compares: true}},
		{G.Must(G.Gte(x, x, false)), Kind{Name: "", Compares: true}},
		{G.Must(G.Tanh(x)), Kind{Name: "tanh"}},
		{G.Must(G.InverseSqrt(x)), Kind{Name: "invSqrt"}},
		{G.Must(G.SoftMax(x)), Kind{}},
		{G.Must(G.Max(x, 1)), Kind{}},
		{G.Must(G.OuterProd(v, v)), Kind{}},
	} {
		got := KindOf(c.n.Op())
		assert.Equal(t, c.want, got, "%T %v", c.n.Op(), c.n.Op())
	}
	n := G.Must(G.BroadcastAdd(h, input("b", 5), nil, []byte{0}))
	r := op.Children(n)[1]
	assert.True(t, KindOf(r.Op()).Is("repeat", 0))
	assert.Equal(t, "constant", KindOf(op.Children(G.Must(G.Add(x, G.NewConstant(2.0))))[1].Op()).Name)
	assert.True(t, Stateful(G.Must(G.Dropout(x, 0.5)).Op()))
	assert.False(t, Stateful(h.Op()))
	var val G.Value
	assert.True(t, IsStatement(G.Read(h, &val).Op()))
}
