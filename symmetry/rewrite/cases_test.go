package rewrite

import (
	"slices"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/quiver"
)

// ruleCase is the case of a rule.
type ruleCase struct {
	rule   string
	build  func(l *lab) G.Nodes // a graph that the rule changes
	unlike func(l *lab) G.Nodes // one that looks alike, which it must not change; each rule that recognises something has one
}

// ruleCases has a case for each row of the table.
var ruleCases = []ruleCase{
	{rule: "identity", build: func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		n, err := op.Apply(G.Iop{}, x)
		require.NoError(l.t, err)
		c, err := op.Combine("v", "1·x", []float64{1}, n)
		require.NoError(l.t, err)
		return G.Nodes{G.Must(G.Exp(c))}
	}},
	{rule: "reshape", build: func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		flat := G.Must(G.Reshape(x, tensor.Shape{12}))
		back := G.Must(G.Reshape(G.Must(G.Reshape(flat, tensor.Shape{4, 3})), tensor.Shape{3, 4}))
		return G.Nodes{G.Must(G.Exp(G.Must(G.Reshape(back, tensor.Shape{3, 4})))), G.Must(G.Exp(flat))}
	}},
	{rule: "transpose", build: func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		cube := l.input("cube", 2, 3, 4)
		turned := G.Must(G.Transpose(G.Must(G.Transpose(cube, 1, 2, 0)), 2, 0, 1))
		return G.Nodes{G.Must(G.Exp(G.Must(G.Transpose(G.Must(G.Transpose(x)))))), G.Must(G.Sum(turned)), G.Must(G.Exp(G.Must(G.Transpose(x))))}
	}},
	{rule: "neutral", build: func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		one, zero := l.scalar(1), l.scalar(0)
		y := G.Must(G.HadamardProd(one, G.Must(G.Add(x, zero))))
		y = G.Must(G.Sub(G.Must(G.HadamardDiv(G.Must(G.Pow(y, one)), one)), zero))
		return G.Nodes{G.Must(G.Tanh(y))}
	}},
	{rule: "slice", build: func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		return G.Nodes{G.Must(G.Exp(G.Must(G.Slice(x, nil, G.S(0, 4))))), G.Must(G.Exp(G.Must(G.Slice(x, nil, G.S(1, 4)))))}
	}},
	{rule: "concat", build: func(l *lab) G.Nodes {
		return G.Nodes{G.Must(G.Exp(G.Must(G.Concat(1, l.input("x", 3, 4)))))}
	}},
	{rule: "fixed", build: func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		m := func(name string, r, c int) *G.Node {
			n := l.input(name, r, c)
			require.NoError(l.t, G.Let(n, l.normal(r, c)))
			l.data, l.fixed = l.data[:len(l.data)-1], append(l.fixed, n)
			return n
		}
		early := G.Must(G.Mul(G.Must(G.Mul(x, m("F", 4, 6))), G.Must(G.Transpose(m("G", 5, 6)))))
		return G.Nodes{G.Must(G.Exp(early)), G.Must(G.Exp(G.Must(G.Mul(m("H", 2, 3), m("I", 3, 2)))))}
	}},
	{rule: "gain", build: func(l *lab) G.Nodes {
		h := G.Must(G.BroadcastHadamardProd(l.rms(G.Must(G.Mul(l.input("x", 3, 2), l.weight("W", 2, 7)))), l.weight("g", 1, 7), nil, []byte{0}))
		return G.Nodes{G.Must(G.Mul(h, l.weight("U", 7, 1)))}
	}, unlike: func(l *lab) G.Nodes { // a factor for each feature of each sample
		return l.output(G.Must(G.HadamardProd(l.rms(l.features()), l.weight("g", 3, 7))))
	}},
	{rule: "decay", build: func(l *lab) G.Nodes {
		w := l.weight("W", 2, 7)
		h := l.rms(G.Must(G.Mul(l.input("x", 3, 2), w)))
		return G.Nodes{G.Must(G.Mul(h, l.weight("U", 7, 1))), G.Must(G.Sum(G.Must(G.Square(w))))}
	}, unlike: func(l *lab) G.Nodes { // the sum of the absolute values
		y := l.output(l.rms(l.features()))
		return append(y, G.Must(G.Sum(G.Must(G.Abs(l.weights[0])))))
	}},
	{rule: "sample bias", build: func(l *lab) G.Nodes {
		h := l.rms(G.Must(G.Add(G.Must(G.Mul(l.input("x", 3, 2), l.weight("W", 2, 7))), l.weight("B", 3, 7))))
		return G.Nodes{G.Must(G.Mul(h, l.weight("U", 7, 1)))}
	}, unlike: func(l *lab) G.Nodes { // data for each sample
		return l.output(l.rms(G.Must(G.Add(l.features(), l.input("B", 3, 7)))))
	}},
	spelled("power", func(l *lab) *G.Node {
		z := l.twins()
		return G.Must(G.Pow(G.Must(G.HadamardProd(z, z)), l.scalar(3)))
	}, func(l *lab) *G.Node { return G.Must(G.Pow(l.twins(), l.scalar(0.5))) }),
	{rule: "batch norm", build: func(l *lab) G.Nodes {
		y, gamma, beta, bn, err := G.BatchNorm(l.input("x", 3, 4), l.weight("g", 1, 4), l.weight("b", 1, 4), 0.9, 1e-5)
		require.NoError(l.t, err)
		require.NoError(l.t, bn.SetTraining(false))
		require.NotNil(l.t, gamma)
		require.NotNil(l.t, beta)
		return G.Nodes{G.Must(G.Tanh(y))}
	}},
	{rule: "dead", build: func(l *lab) G.Nodes {
		x := l.input("x", 3, 4)
		y := G.Must(G.Exp(x))
		G.Must(G.Sum(G.Must(G.Tanh(x))))
		var v G.Value
		G.Read(y, &v)
		return G.Nodes{y}
	}},
	{rule: "compress", build: func(l *lab) G.Nodes {
		h := l.rms(l.bias(G.Must(G.Mul(l.input("x", 3, 2), l.weight("W", 2, 7))), l.weight("b", 7)))
		return G.Nodes{G.Must(G.Mul(h, l.weight("U", 7, 1)))}
	}},
	{"product", func(l *lab) G.Nodes { return l.output(l.rms(l.features())) }, func(l *lab) G.Nodes {
		w := l.weight("W", 2, 7)
		return G.Nodes{l.rms(G.Must(G.Mul(l.input("x", 3, 2), G.Must(G.HadamardProd(w, w)))))}
	}},
	spelled("sum", func(l *lab) *G.Node { return l.rms(G.Must(G.Add(l.features(), l.product("V", 7)))) }, func(l *lab) *G.Node {
		return G.Must(G.Sub(l.input("target", 3, 7), l.features()))
	}),
	spelled("bias", func(l *lab) *G.Node { return l.rms(l.bias(l.features(), l.weight("b", 1, 7))) }, func(l *lab) *G.Node {
		return l.rms(l.bias(l.features(), l.input("b", 1, 7)))
	}),
	spelled("scaling", func(l *lab) *G.Node { return l.rms(G.Must(G.HadamardProd(l.scalar(2), l.features()))) }, func(l *lab) *G.Node {
		return l.rms(G.Must(G.HadamardProd(l.number("s", 2), l.features())))
	}),
	spelled("concatenation", func(l *lab) *G.Node { return l.rms(G.Must(G.Concat(1, l.features(), l.product("V", 7)))) }, func(l *lab) *G.Node {
		return l.rms(G.Must(G.Concat(0, l.features(), l.product("V", 7))))
	}),
	spelled("part", func(l *lab) *G.Node { return l.rms(G.Must(G.Slice(l.features(), nil, G.S(0, 6)))) }, func(l *lab) *G.Node {
		return l.rms(G.Must(G.Slice(l.features(), G.S(0, 2))))
	}),
	spelled("centring", func(l *lab) *G.Node { return l.layerNorm(l.features()) }, func(l *lab) *G.Node {
		v := l.features()
		return l.rms(G.Must(G.BroadcastSub(v, G.Must(G.Mean(v, 0)), nil, []byte{0})))
	}),
	spelled("operation", func(l *lab) *G.Node {
		x := l.input("x", 3, 2)
		n, err := op.Vertex("h", "h", quiver.Identity, []op.Term{{X: x, Arrow: "a", W: l.weight("W", 7, 2)}}, nil)
		require.NoError(l.t, err)
		return l.rms(n)
	}, func(l *lab) *G.Node {
		n, err := op.Combine("h", "2·z", []float64{2}, l.features())
		require.NoError(l.t, err)
		return l.rms(n)
	}),
	spelled("elementwise", func(l *lab) *G.Node { return G.Must(G.Tanh(l.twins())) }, func(l *lab) *G.Node { return G.Must(G.Cos(l.twins())) }),
	spelled("relu", func(l *lab) *G.Node { return G.Must(G.Rectify(l.twins())) }, func(l *lab) *G.Node {
		z := l.twins()
		return G.Must(G.HadamardProd(z, G.Must(G.Gte(z, l.scalar(1), true))))
	}),
	spelled("leaky relu", func(l *lab) *G.Node { return G.Must(G.LeakyRelu(l.twins(), 0.1)) }, func(l *lab) *G.Node {
		z, other := l.twins(), l.product("V", 7)
		below := G.Must(G.HadamardProd(other, G.Must(G.Lt(other, l.scalar(0), true))))
		return G.Must(G.Add(G.Must(G.Rectify(z)), G.Must(G.HadamardProd(below, l.scalar(0.1)))))
	}),
	spelled("silu", func(l *lab) *G.Node {
		z := l.twins()
		return G.Must(G.HadamardProd(z, G.Must(G.Sigmoid(z))))
	}, func(l *lab) *G.Node { return G.Must(G.HadamardProd(l.twins(), G.Must(G.Sigmoid(l.product("V", 7))))) }),
	spelled("radial", func(l *lab) *G.Node { return radialOf(G.Tanh)(l.features()) }, func(l *lab) *G.Node {
		v := l.features()
		return G.Must(G.BroadcastHadamardDiv(v, G.Must(G.Norm(G.Must(G.Add(v, l.scalar(1))), 1, 2)), nil, []byte{1}))
	}),
}

// output is what features are read by: a product with a weight.
func (l *lab) output(h *G.Node) G.Nodes {
	return G.Nodes{G.Must(G.Mul(h, l.weight("U", h.Shape()[1], 1)))}
}

// features are x·W, with 7 features of 2.
func (l *lab) features() *G.Node { return l.product("W", 7) }

func (l *lab) product(weight string, d int) *G.Node {
	x := slices.IndexFunc(l.data, func(n *G.Node) bool { return n.Name() == "x" })
	if x < 0 {
		l.input("x", 3, 2)
		x = len(l.data) - 1
	}
	return G.Must(G.Mul(l.data[x], l.weight(weight, 2, d)))
}

// twins are features of which two are equal.
func (l *lab) twins() *G.Node {
	z := l.features()
	w := l.weights[len(l.weights)-1].Value().Data().([]float64)
	for i := range 2 {
		w[7*i+1] = w[7*i]
	}
	return z
}

// spelled makes a case of features and a function of them.
func spelled(rule string, of, unlike func(l *lab) *G.Node) ruleCase {
	return ruleCase{rule, func(l *lab) G.Nodes { return l.output(of(l)) }, func(l *lab) G.Nodes { return l.output(unlike(l)) }}
}
