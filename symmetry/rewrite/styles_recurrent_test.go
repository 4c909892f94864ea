package rewrite

import (
	"fmt"

	G "gorgonia.org/gorgonia"
)

// recurrentStyles are networks that are unrolled in time, and attention.
var recurrentStyles = []style{
	{name: "recurrent network, unrolled", build: func(l *lab) *G.Node {
		u, w, b := l.weight("u", 2, 12), l.weight("w", 12, 12), l.weight("b", 1, 12)
		h := G.Must(G.Tanh(l.bias(G.Must(G.Mul(l.input("x0", 3, 2), u)), b)))
		for i := range 3 {
			h = G.Must(G.Tanh(l.bias(G.Must(G.Add(G.Must(G.Mul(l.input(fmt.Sprint("x", i+1), 3, 2), u)), G.Must(G.Mul(h, w)))), b)))
		}
		return mse(G.Must(G.Mul(h, l.weight("o", 12, 2))), l.input("y", 3, 2))
	}, says: "keeps"},
	{name: "LSTM with a product for each gate", build: func(l *lab) *G.Node {
		state, cell := l.input("h", 3, 4), l.input("c", 3, 4)
		x := l.input("x", 3, 2)
		gate := func(name string, f func(*G.Node) (*G.Node, error)) *G.Node {
			return G.Must(f(l.bias(G.Must(G.Add(G.Must(G.Mul(x, l.weight("wx"+name, 2, 4))), G.Must(G.Mul(state, l.weight("wh"+name, 4, 4))))), l.weight("b"+name, 1, 4))))
		}
		i, f, o, g := gate("i", G.Sigmoid), gate("f", G.Sigmoid), gate("o", G.Sigmoid), gate("g", G.Tanh)
		c := G.Must(G.Add(G.Must(G.HadamardProd(f, cell)), G.Must(G.HadamardProd(i, g))))
		return mse(G.Must(G.HadamardProd(o, G.Must(G.Tanh(c)))), l.input("y", 3, 4))
	}, says: "outside the region"},
	{name: "LSTM with one product for its gates", build: func(l *lab) *G.Node {
		return mse(l.linear("o", fusedGates(l, 3, 2, 4, 5), 2), l.input("y", 2, 2))
	}, says: "fixed matrices"},
	{name: "GRU with one product for two gates", build: func(l *lab) *G.Node {
		x, h := l.input("x", 3, 2), l.input("h", 3, 5)
		z := G.Must(G.Sigmoid(l.bias(G.Must(G.Add(G.Must(G.Mul(x, l.weight("W", 2, 10))), G.Must(G.Mul(h, l.weight("U", 5, 10))))), l.weight("b", 1, 10))))
		r, u := G.Must(G.Slice(z, nil, G.S(0, 5))), G.Must(G.Slice(z, nil, G.S(5, 10)))
		n := G.Must(G.Tanh(G.Must(G.Add(l.linear("n", x, 5), G.Must(G.HadamardProd(r, G.Must(G.Mul(h, l.weight("V", 5, 5)))))))))
		y := G.Must(G.Add(G.Must(G.HadamardProd(u, h)), G.Must(G.HadamardProd(G.Must(G.Sub(l.scalar(1), u)), n))))
		return mse(y, l.input("y", 3, 5))
	}, says: "keeps"},
	{name: "attention with a product for each of three", build: func(l *lab) *G.Node {
		x := radialOf(G.Tanh)(l.linear("in", l.input("x", 4, 3), 12))
		q, k, v := l.linear("q", x, 6), l.linear("k", x, 6), l.linear("v", x, 6)
		a := G.Must(G.SoftMax(G.Must(G.Mul(q, G.Must(G.Transpose(k))))))
		return mse(l.linear("out", radialOf(G.Tanh)(l.linear("mix", G.Must(G.Mul(a, v)), 16)), 2), l.input("y", 4, 2))
	}, widths: "12→4 16→7"},
	{name: "attention with one product for three", build: func(l *lab) *G.Node {
		z := G.Must(G.Mul(l.input("x", 5, 8), l.weight("W", 8, 24)))
		part := func(i int) *G.Node { return G.Must(G.Slice(z, nil, G.S(8*i, 8*i+8))) }
		a := G.Must(G.SoftMax(G.Must(G.Mul(part(0), G.Must(G.Transpose(part(1)))))))
		return mse(G.Must(G.Mul(G.Must(G.Mul(a, part(2))), l.weight("O", 8, 2))), l.input("y", 5, 2))
	}, says: "fixed matrices"},
	{name: "transformer block", build: func(l *lab) *G.Node {
		x := l.linear("in", l.input("x", 4, 3), 16)
		n := l.layerNorm(x)
		q, k, v := l.linear("q", n, 5), l.linear("k", n, 5), l.linear("v", n, 5)
		a := G.Must(G.Mul(G.Must(G.SoftMax(G.Must(G.Mul(q, G.Must(G.Transpose(k)))))), v))
		x = G.Must(G.Add(x, G.Must(G.Mul(a, l.weight("o", 5, 16)))))
		x = G.Must(G.Add(x, l.linear("f2", G.Must(G.Rectify(l.linear("f1", l.layerNorm(x), 10))), 16)))
		return mse(l.linear("out", x, 2), l.input("y", 4, 2))
	}, widths: "16→4 16→4 16→4 16→9 16→9 16→9", says: "keeps no smaller subspace"},
}
