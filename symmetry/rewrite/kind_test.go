package rewrite

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
		want kind
	}{
		{x, kind{name: "input"}},
		{h, kind{name: "matmul"}},
		{back(G.Must(G.Mul(x, w))), kind{name: "matmul", transB: true}},
		{G.Must(G.Mul(v, w)), kind{name: "matvec", transA: true}},
		{G.Must(G.Mul(x, v)), kind{name: "matvec"}},
		{G.Must(G.Transpose(x)), kind{name: "transpose", axes: []int{1, 0}}},
		{G.Must(G.Reshape(x, tensor.Shape{12})), kind{name: "reshape"}},
		{G.Must(G.SizeOf(1, x)), kind{name: "size", axes: []int{1}}},
		{G.Must(G.Sum(x, 1)), kind{name: "sum", axes: []int{1}}},
		{G.Must(G.Sum(x)), kind{name: "sum", axes: []int{0, 1}}},
		{G.Must(G.Concat(1, x, x)), kind{name: "concat", axes: []int{1}}},
		{G.Must(G.Slice(x, nil, G.S(1, 3))), kind{name: "slice", axes: []int{1}, lo: 1, hi: 3}},
		{G.Must(G.Slice(x, nil)), kind{name: "slice", axes: []int{0}}},
		{G.Must(G.Add(x, x)), kind{name: "+"}},
		{G.Must(G.Sub(x, x)), kind{name: "-"}},
		{G.Must(G.HadamardProd(x, x)), kind{name: "⊙"}},
		{G.Must(G.HadamardDiv(x, x)), kind{name: "÷"}},
		{G.Must(G.Pow(x, x)), kind{name: "^"}},
		{G.Must(G.Gte(x, x, true)), kind{name: ">=", compares: true}},
		{G.Must(G.Gte(x, x, false)), kind{name: "", compares: true}},
		{G.Must(G.Tanh(x)), kind{name: "tanh"}},
		{G.Must(G.InverseSqrt(x)), kind{name: "invSqrt"}},
		{G.Must(G.SoftMax(x)), kind{}},
		{G.Must(G.Max(x, 1)), kind{}},
		{G.Must(G.OuterProd(v, v)), kind{}},
	} {
		got := kindOf(c.n.Op())
		assert.Equal(t, c.want, got, "%T %v", c.n.Op(), c.n.Op())
	}
	n := G.Must(G.BroadcastAdd(h, l.input("b", 5), nil, []byte{0}))
	r := op.Children(n)[1]
	assert.True(t, kindOf(r.Op()).is("repeat", 0))
	assert.Equal(t, "constant", kindOf(op.Children(G.Must(G.Add(x, G.NewConstant(2.0))))[1].Op()).name)
	assert.True(t, stateful(G.Must(G.Dropout(x, 0.5)).Op()))
	assert.False(t, stateful(h.Op()))
	var val G.Value
	assert.True(t, statement(G.Read(h, &val).Op()))
	for name := range unary {
		assert.NotEmpty(t, name)
	}
}
