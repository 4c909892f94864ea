package rewrite

import (
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"

	"github.com/quivernet/quivernet/internal/inspect"
)

// penalty is λ·Σ‖w‖² over weights, spelled by sq.
func (l *lab) penalty(sq func(*G.Node) *G.Node, ws ...*G.Node) *G.Node {
	var sums G.Nodes
	for _, w := range ws {
		sums = append(sums, G.Must(G.Sum(sq(w))))
	}
	return G.Must(G.HadamardProd(l.scalar(0.01), G.Must(G.ReduceAdd(sums))))
}

func square(w *G.Node) *G.Node { return G.Must(G.Square(w)) }

// named returns the weight of that name.
func (l *lab) named(names ...string) (ws G.Nodes) {
	for _, n := range names {
		for _, w := range l.weights {
			if w.Name() == n {
				ws = append(ws, w)
			}
		}
	}
	return ws
}

// radialNet is a network of two radial layers; its weights are w0, b0, w1, b1, w2, b2.
func (l *lab) radialNet() *G.Node {
	h := radialOf(G.Tanh)(l.linear("1", radialOf(G.Tanh)(l.linear("0", l.input("x", 4, 2), 10)), 14))
	return mse(l.linear("2", h, 2), l.input("y", 4, 2))
}

// weightStyles are costs with penalties, and matrices that are computed from weights.
var weightStyles = []style{
	{name: "decay of all weights", decays: true, widths: "10→3 14→4", build: func(l *lab) *G.Node {
		c := l.radialNet()
		return G.Must(G.Add(c, l.penalty(square, l.weights...)))
	}},
	{name: "decay by products and powers", decays: true, widths: "10→3 14→4", build: func(l *lab) *G.Node {
		c := l.radialNet()
		a := l.penalty(func(w *G.Node) *G.Node { return G.Must(G.HadamardProd(w, w)) }, l.named("w0", "w2")...)
		b := l.penalty(func(w *G.Node) *G.Node { return G.Must(G.Pow(w, l.scalar(2))) }, l.named("w1")...)
		return G.Must(G.Add(G.Must(G.Add(c, a)), b))
	}},
	{name: "decay by a mean and by a norm", decays: true, widths: "10→3 14→4", build: func(l *lab) *G.Node {
		c := l.radialNet()
		a := G.Must(G.Mean(square(l.named("w1")[0])))
		b := G.Must(G.Sqrt(G.Must(G.Sum(G.Must(G.Sum(square(l.named("w2")[0]), 1))))))
		return G.Must(G.Add(G.Must(G.Add(c, a)), b))
	}},
	{name: "decay with its factor inside the sum, of a transpose, of scaled weights", decays: true, widths: "10→3 14→4", build: func(l *lab) *G.Node {
		c := l.radialNet()
		w := l.named("w0", "w1", "w2", "b1")
		inside := G.Must(G.Sum(G.Must(G.HadamardProd(l.scalar(0.02), square(w[0])))))
		turned := G.Must(G.Sum(G.Must(G.HadamardDiv(G.Must(G.Sum(square(G.Must(G.Transpose(w[1]))), 1)), l.scalar(-7)))))
		scaled := G.Must(G.Sum(square(G.Must(G.HadamardProd(w[2], l.scalar(0.3))))))
		bias := G.Must(G.Sum(G.Must(G.Neg(square(w[3])))))
		return G.Must(G.Add(G.Must(G.Add(c, inside)), G.Must(G.Add(turned, G.Must(G.Add(scaled, bias))))))
	}},
	{name: "decay with a trained factor inside the sum", decays: true, says: `weight "w1" also feeds`, build: func(l *lab) *G.Node {
		factor := l.number("s", 0.4)
		c := l.radialNet()
		return G.Must(G.Add(c, G.Must(G.Sum(G.Must(G.HadamardProd(square(l.named("w1")[0]), factor))))))
	}},
	{name: "decay of a scaled weight that a product reads", decays: true, widths: "12→3", build: func(l *lab) *G.Node {
		w := G.Must(G.Transpose(G.Must(G.HadamardProd(l.weight("w", 12, 3), l.scalar(0.5)))))
		h := radialOf(G.Tanh)(G.Must(G.Mul(l.input("x", 4, 3), w)))
		c := mse(G.Must(G.Mul(h, l.weight("o", 12, 2))), l.input("y", 4, 2))
		return G.Must(G.Add(c, G.Must(G.Sum(square(w)))))
	}},
	{name: "decay of a network with tanh", decays: true, says: "squares of", build: func(l *lab) *G.Node {
		p := l.linear("1", G.Must(G.Tanh(l.linear("0", l.input("x", 4, 3), 5))), 2)
		return G.Must(G.Add(mse(p, l.input("y", 4, 2)), l.penalty(square, l.named("w0", "w1")...)))
	}},
	{name: "a penalty on absolute values", says: `weight "w1" also feeds`, build: func(l *lab) *G.Node {
		c := l.radialNet()
		return G.Must(G.Add(c, l.penalty(func(w *G.Node) *G.Node { return G.Must(G.Abs(w)) }, l.named("w1")...)))
	}},
	{name: "factorised weights", widths: "8→2 20→3", build: func(l *lab) *G.Node {
		ab := G.Must(G.Mul(l.weight("A", 2, 8), l.weight("B", 8, 20)))
		h := radialOf(G.Tanh)(l.bias(G.Must(G.Mul(l.input("x", 4, 2), ab)), l.weight("b", 1, 20)))
		return mse(G.Must(G.Mul(h, l.weight("o", 20, 2))), l.input("y", 4, 2))
	}},
	{name: "factorised weights that two products read", says: "chain of two arrows", build: func(l *lab) *G.Node {
		ab := G.Must(G.Mul(l.weight("A", 2, 3), l.weight("B", 3, 20)))
		u, v := G.Must(G.Mul(l.input("x", 4, 2), ab)), G.Must(G.Mul(l.input("z", 4, 2), ab))
		return mse(G.Must(G.Mul(radialOf(G.Tanh)(G.Must(G.Add(u, v))), l.weight("o", 20, 2))), l.input("y", 4, 2))
	}},
	{name: "scaled weights", widths: "20→2 15→2", build: func(l *lab) *G.Node {
		w := G.Must(G.HadamardProd(l.weight("w", 2, 20), l.scalar(0.3)))
		v := G.Must(G.Transpose(G.Must(G.HadamardDiv(l.weight("v", 15, 20), l.scalar(-4)))))
		h := radialOf(G.Tanh)(G.Must(G.Mul(l.rms(G.Must(G.Mul(l.input("x", 4, 2), w))), v)))
		return mse(G.Must(G.Mul(h, l.weight("o", 15, 2))), l.input("y", 4, 2))
	}},
	{name: "weights with a trained scale", widths: "20→2", build: func(l *lab) *G.Node {
		s := G.NewScalar(l.g, l.dt, G.WithName("s"))
		require.NoError(l.t, G.Let(s, inspect.NewValue(l.dt, nil, []float64{0.7})))
		w := l.weight("w", 2, 20)
		l.weights = append(l.weights, s)
		h := l.rms(G.Must(G.Mul(l.input("x", 4, 2), G.Must(G.HadamardProd(s, w)))))
		return mse(G.Must(G.Mul(h, l.weight("o", 20, 2))), l.input("y", 4, 2))
	}},
	{name: "masked weights", says: `computed from "w"`, widths: "20→9", build: func(l *lab) *G.Node {
		m := l.input("mask", 2, 8)
		l.data, l.fixed = l.data[:len(l.data)-1], append(l.fixed, m)
		require.NoError(l.t, G.Let(m, inspect.NewValue(l.dt, m.Shape(), []float64{1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0})))
		z := l.bias(G.Must(G.Mul(l.input("x", 4, 2), G.Must(G.HadamardProd(m, l.weight("w", 2, 8))))), l.weight("b", 1, 8))
		h := radialOf(G.Tanh)(l.linear("0", radialOf(G.Tanh)(z), 20))
		return mse(l.linear("1", h, 2), l.input("y", 4, 2))
	}},
	{name: "weights in slices", says: `computed from "w"`, build: func(l *lab) *G.Node {
		w, x := l.weight("w", 2, 12), l.input("x", 4, 2)
		part := func(i int) *G.Node { return G.Must(G.Mul(x, G.Must(G.Slice(w, nil, G.S(6*i, 6*i+6))))) }
		h := G.Must(G.HadamardProd(G.Must(G.Sigmoid(part(0))), G.Must(G.Tanh(part(1)))))
		return mse(G.Must(G.Mul(h, l.weight("o", 6, 2))), l.input("y", 4, 2))
	}},
	{name: "a weight and its transpose", says: "used in two ways", build: func(l *lab) *G.Node {
		x, w := l.input("x", 5, 3), l.weight("w", 3, 20)
		h := radialOf(G.Tanh)(l.bias(G.Must(G.Mul(x, w)), l.weight("b", 1, 20)))
		return mse(G.Must(G.Mul(h, G.Must(G.Transpose(w)))), x)
	}},
}
