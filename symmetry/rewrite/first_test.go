package rewrite

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

func TestFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	g := G.NewGraph()
	m := func(name string, r, c int) *G.Node {
		n := G.NewMatrix(g, tensor.Float64, G.WithShape(r, c), G.WithName(name))
		x := make([]float64, r*c)
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		require.NoError(t, G.Let(n, tensor.New(tensor.WithShape(r, c), tensor.WithBacking(x))))
		return n
	}
	x := G.NewMatrix(g, tensor.Float64, G.WithShape(5, 2), G.WithName("x"))
	y := G.NewMatrix(g, tensor.Float64, G.WithShape(5, 2), G.WithName("y"))
	act := func(v *G.Node) *G.Node {
		n := G.Must(G.Norm(v, 1, 2))
		u := G.Must(G.BroadcastHadamardDiv(v, n, nil, []byte{1}))
		return G.Must(G.BroadcastHadamardProd(u, G.Must(G.Tanh(n)), nil, []byte{1}))
	}
	h := act(G.Must(G.BroadcastAdd(G.Must(G.Mul(x, m("w0", 2, 16))), m("b0", 1, 16), nil, []byte{0})))
	h = act(G.Must(G.BroadcastAdd(G.Must(G.Mul(h, m("w1", 16, 32))), m("b1", 1, 32), nil, []byte{0})))
	p := G.Must(G.BroadcastAdd(G.Must(G.Mul(h, m("w2", 32, 2))), m("b2", 1, 2), nil, []byte{0}))
	cost := G.Must(G.Mean(G.Must(G.Square(G.Must(G.Sub(p, y))))))
	res, err := Rewriter{}.Rewrite(cost, p)
	require.NoError(t, err)
	fmt.Print(res)
	fmt.Println(res.Compression)
	for _, n := range res.Weights {
		fmt.Println(n.Name(), n.Shape())
	}
	again, err := Rewriter{}.Rewrite(res.Roots...)
	require.NoError(t, err)
	fmt.Print(again)
	f, err := Rewriter{Fused: true}.Rewrite(cost, p)
	require.NoError(t, err)
	fmt.Print(f)
	again, err = Rewriter{Fused: true}.Rewrite(f.Roots...)
	require.NoError(t, err)
	fmt.Print(again)
}
