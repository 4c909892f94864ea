package rewrite

import (
	"testing"

	"github.com/quivernet/quivernet/internal/composed"

	"github.com/quivernet/quivernet/internal/inspect"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
)

// TestKinds pins how Gorgonia's operations are told apart: their types are not exported.
func TestKinds(t *testing.T) {
	l := newLab(t, 1)
	x, w, v := l.input("x", 4, 3), l.input("w", 3, 5), l.input("v", 3)
	h := G.Must(G.Mul(x, w))
	back := func(n *G.Node) *G.Node { // an operation that only a derivative makes: w·gᵀ with flags
		gs, err := n.Op().(G.SDOp).SymDiff(op.Children(n), n, h)
		require.NoError(t, err)
		return gs[0]
	}
	for _, c := range []struct {
		n    *G.Node
		want inspect.Kind
	}{
		{x, inspect.Kind{Name: "input"}},
		{h, inspect.Kind{Name: "matmul"}},
		{back(G.Must(G.Mul(x, w))), inspect.Kind{Name: "matmul", TransB: true}},
		{G.Must(G.Mul(v, w)), inspect.Kind{Name: "matvec", TransA: true}},
		{G.Must(G.Mul(x, v)), inspect.Kind{Name: "matvec"}},
		{G.Must(G.Transpose(x)), inspect.Kind{Name: "transpose", Axes: []int{1, 0}}},
		{G.Must(G.Reshape(x, tensor.Shape{12})), inspect.Kind{Name: "reshape"}},
		{G.Must(G.SizeOf(1, x)), inspect.Kind{Name: "size", Axes: []int{1}}},
		{G.Must(G.Sum(x, 1)), inspect.Kind{Name: "sum", Axes: []int{1}}},
		{G.Must(G.Sum(x)), inspect.Kind{Name: "sum", Axes: []int{0, 1}}},
		{G.Must(G.Concat(1, x, x)), inspect.Kind{Name: "concat", Axes: []int{1}}},
		{G.Must(G.Slice(x, nil, G.S(1, 3))), inspect.Kind{Name: "slice", Axes: []int{1}, Lo: 1, Hi: 3}},
		{G.Must(G.Slice(x, nil)), inspect.Kind{Name: "slice", Axes: []int{0}}},
		{G.Must(G.Add(x, x)), inspect.Kind{Name: "+"}},
		{G.Must(G.Sub(x, x)), inspect.Kind{Name: "-"}},
		{G.Must(G.HadamardProd(x, x)), inspect.Kind{Name: "⊙"}},
		{G.Must(G.HadamardDiv(x, x)), inspect.Kind{Name: "÷"}},
		{G.Must(G.Pow(x, x)), inspect.Kind{Name: "^"}},
		{G.Must(G.Gte(x, x, true)), inspect.Kind{Name: ">=", Compares: true}},
		{G.Must(G.Gte(x, x, false)), inspect.Kind{Name: "", Compares: true}},
		{G.Must(G.Tanh(x)), inspect.Kind{Name: "tanh"}},
		{G.Must(G.InverseSqrt(x)), inspect.Kind{Name: "invSqrt"}},
		{G.Must(G.SoftMax(x)), inspect.Kind{}},
		{G.Must(G.Max(x, 1)), inspect.Kind{}},
		{G.Must(G.OuterProd(v, v)), inspect.Kind{}},
	} {
		got := inspect.KindOf(c.n.Op())
		assert.Equal(t, c.want, got, "%T %v", c.n.Op(), c.n.Op())
	}
	n := G.Must(G.BroadcastAdd(h, l.input("b", 5), nil, []byte{0}))
	r := op.Children(n)[1]
	assert.True(t, inspect.KindOf(r.Op()).Is("repeat", 0))
	assert.Equal(t, "constant", inspect.KindOf(op.Children(G.Must(G.Add(x, G.NewConstant(2.0))))[1].Op()).Name)
	assert.True(t, inspect.Stateful(G.Must(G.Dropout(x, 0.5)).Op()))
	assert.False(t, inspect.Stateful(h.Op()))
	var val G.Value
	assert.True(t, inspect.IsStatement(G.Read(h, &val).Op()))
	for name := range composed.Functions {
		assert.NotEmpty(t, name)
	}
}
