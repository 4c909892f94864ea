package rewrite

import (
	"fmt"

	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
	"github.com/quivernet/quivernet/internal/op"
	"github.com/quivernet/quivernet/layers"
)

// garden grows a random graph on values of n rows.
type garden struct {
	*lab
	n     int
	pool  G.Nodes // n×d
	count int
	kinds map[string]bool
	roots G.Nodes
}

func (w *garden) name(s string) string { w.count++; return fmt.Sprintf("%s%d", s, w.count) }

func (w *garden) pick() *G.Node {
	if w.rng.IntN(3) > 0 {
		return w.pool[len(w.pool)-1]
	}
	return w.pool[w.rng.IntN(len(w.pool))]
}

func (w *garden) width() int { return 2 + w.rng.IntN(11) }

// dense is x·W + b with W of a random orientation and b added in a random form.
func (w *garden) dense(x *G.Node, d int) *G.Node {
	c := x.Shape()[1]
	var h *G.Node
	if w.rng.IntN(4) == 0 {
		h = G.Must(G.Mul(x, G.Must(G.Transpose(w.weight(w.name("W"), d, c)))))
	} else {
		h = G.Must(G.Mul(x, w.weight(w.name("W"), c, d)))
	}
	switch w.rng.IntN(5) {
	case 0:
		return h
	case 1:
		return G.Must(G.BroadcastAdd(w.weight(w.name("b"), 1, d), h, []byte{0}, nil))
	case 2:
		ones := make([]float64, w.n)
		for i := range ones {
			ones[i] = 1
		}
		o := w.input(w.name("ones"), w.n, 1)
		require.NoError(w.t, G.Let(o, inspect.NewValue(w.dt, tensor.Shape{w.n, 1}, ones)))
		return G.Must(G.Add(h, G.Must(G.Mul(o, w.weight(w.name("b"), 1, d)))))
	case 3:
		return w.bias(h, w.weight(w.name("b"), d))
	}
	return w.bias(h, w.weight(w.name("b"), 1, d))
}

type step struct {
	name string
	do   func(w *garden, x *G.Node) *G.Node
}

func unaryStep(name string, f func(*G.Node) (*G.Node, error)) step {
	return step{name, func(_ *garden, x *G.Node) *G.Node { return G.Must(f(x)) }}
}

// shrinker is a layer that leaves something to compress.
func shrinker(name string, act func(w *garden, v *G.Node) *G.Node) step {
	return step{name, func(w *garden, x *G.Node) *G.Node {
		h := act(w, w.dense(x, w.width()+x.Shape()[1]))
		return w.dense(h, w.width())
	}}
}

var steps = []step{
	shrinker("radial tanh", func(_ *garden, v *G.Node) *G.Node { return radialOf(G.Tanh)(v) }),
	shrinker("rmsnorm", func(w *garden, v *G.Node) *G.Node { return w.rms(v) }),
	shrinker("squash", func(w *garden, v *G.Node) *G.Node {
		q := G.Must(G.Sum(G.Must(G.HadamardProd(v, v)), 1))
		s := G.Must(G.HadamardDiv(G.Must(G.Sqrt(q)), G.Must(G.Add(q, w.scalar(1)))))
		return G.Must(G.BroadcastHadamardProd(v, G.Must(G.Reshape(s, tensor.Shape{w.n, 1})), nil, []byte{1}))
	}),
	shrinker("linear", func(_ *garden, v *G.Node) *G.Node { return v }),
	shrinker("own vertex", func(w *garden, v *G.Node) *G.Node {
		d := v.Shape()[1] + 3
		n, err := op.Vertex(w.name("own"), "own", layers.Radial(layers.Squash), []op.Term{{X: v, W: w.weight(w.name("W"), d, v.Shape()[1])}}, nil)
		require.NoError(w.t, err)
		return n
	}),
	{"residual", func(w *garden, x *G.Node) *G.Node {
		d := x.Shape()[1]
		return G.Must(G.Add(x, w.dense(radialOf(G.Sigmoid)(w.dense(x, d+4)), d)))
	}},
	{"siamese", func(w *garden, x *G.Node) *G.Node {
		y := w.pick()
		d := w.width() + 4
		if y == x || y.Shape()[1] != x.Shape()[1] {
			return x
		}
		m := w.weight(w.name("W"), x.Shape()[1], d)
		act := radialOf(G.Tanh)
		a, b := act(G.Must(G.Mul(x, m))), act(G.Must(G.Mul(y, m)))
		return G.Must(G.Add(w.dense(a, 4), w.dense(b, 4)))
	}},
	{"tied autoencoder", func(w *garden, x *G.Node) *G.Node {
		m := w.weight(w.name("W"), x.Shape()[1], w.width())
		return G.Must(G.Mul(G.Must(G.Tanh(G.Must(G.Mul(x, m)))), G.Must(G.Transpose(m))))
	}},
	{"columns", func(w *garden, x *G.Node) *G.Node {
		c := G.Must(G.Transpose(x))
		h := G.Must(G.Mul(w.weight(w.name("W"), x.Shape()[1]+5, x.Shape()[1]), c))
		h = G.Must(G.BroadcastAdd(h, w.weight(w.name("b"), x.Shape()[1]+5, 1), nil, []byte{1}))
		q := G.Must(G.Norm(h, 0, 2))
		h = G.Must(G.BroadcastHadamardProd(h, G.Must(G.Reshape(G.Must(G.Sigmoid(q)), tensor.Shape{1, w.n})), nil, []byte{0}))
		return G.Must(G.Transpose(G.Must(G.Mul(w.weight(w.name("W"), 3, x.Shape()[1]+5), h))))
	}},
	{"concat", func(w *garden, x *G.Node) *G.Node {
		return w.dense(G.Must(G.Concat(1, x, radialOf(G.Tanh)(w.dense(w.pick(), w.width())))), w.width())
	}},
	{"concat activation", func(w *garden, x *G.Node) *G.Node {
		return w.dense(radialOf(G.Tanh)(G.Must(G.Concat(1, w.dense(x, 7), w.dense(w.pick(), 6)))), w.width())
	}},
	{"slice", func(w *garden, x *G.Node) *G.Node {
		h := radialOf(G.Tanh)(w.dense(x, 9))
		return G.Must(G.Add(w.dense(G.Must(G.Slice(h, nil, G.S(2, 6))), 3), w.dense(G.Must(G.Slice(h, nil, G.S(0, 5))), 3)))
	}},
	{"regulariser", func(w *garden, x *G.Node) *G.Node {
		m := w.weight(w.name("W"), x.Shape()[1], 9)
		w.roots = append(w.roots, G.Must(G.Sum(G.Must(G.Square(m)))))
		return w.dense(radialOf(G.Tanh)(G.Must(G.Mul(x, m))), 4)
	}},
	{"fixed chain", func(w *garden, x *G.Node) *G.Node {
		c := func(r, c int) *G.Node {
			n := w.input(w.name("F"), r, c)
			w.data = w.data[:len(w.data)-1]
			require.NoError(w.t, G.Let(n, w.normal(r, c)))
			w.fixed = append(w.fixed, n)
			return n
		}
		return G.Must(G.Mul(G.Must(G.Mul(x, c(x.Shape()[1], 7))), c(7, 4)))
	}},
	unaryStep("tanh", G.Tanh), unaryStep("sigmoid", G.Sigmoid), unaryStep("rectify", G.Rectify), unaryStep("softplus", G.Softplus), unaryStep("sin", G.Sin), unaryStep("abs", G.Abs),
	unaryStep("leaky", func(x *G.Node) (*G.Node, error) { return G.LeakyRelu(x, 0.2) }),
	unaryStep("silu", func(x *G.Node) (*G.Node, error) { return G.HadamardProd(x, G.Must(G.Sigmoid(x))) }),
	unaryStep("softmax", func(x *G.Node) (*G.Node, error) { return G.SoftMax(x) }),
	unaryStep("twice transposed", func(x *G.Node) (*G.Node, error) { return G.Transpose(G.Must(G.Transpose(x))) }),
	unaryStep("reshaped back", func(x *G.Node) (*G.Node, error) {
		s := x.Shape()
		return G.Reshape(G.Must(G.Reshape(x, tensor.Shape{s.TotalSize()})), s)
	}),
	{"neutral", func(w *garden, x *G.Node) *G.Node {
		return G.Must(G.Add(G.Must(G.HadamardProd(x, w.scalar(1))), w.scalar(0)))
	}},
	{"scaled", func(w *garden, x *G.Node) *G.Node { return G.Must(G.HadamardProd(x, w.scalar(0.3))) }},
	{"difference", func(w *garden, x *G.Node) *G.Node {
		if y := w.pick(); y.Shape().Eq(x.Shape()) && y != x {
			return G.Must(G.Sub(x, y))
		}
		return x
	}},
	{"gate", func(w *garden, x *G.Node) *G.Node {
		return G.Must(G.HadamardProd(w.dense(x, 5), G.Must(G.Sigmoid(w.dense(x, 5)))))
	}},
	{"gain", func(w *garden, x *G.Node) *G.Node {
		h := w.rms(w.dense(x, 8))
		return G.Must(G.BroadcastHadamardProd(h, w.weight(w.name("g"), 1, 8), nil, []byte{0}))
	}},
	{"attention", func(w *garden, x *G.Node) *G.Node {
		q, k := w.dense(x, 6), w.dense(x, 6)
		return G.Must(G.Mul(G.Must(G.SoftMax(G.Must(G.Mul(q, G.Must(G.Transpose(k)))))), w.dense(x, 5)))
	}},
	{"mean", func(w *garden, x *G.Node) *G.Node {
		h := radialOf(G.Tanh)(w.dense(x, 8))
		w.roots = append(w.roots, G.Must(G.Mean(h)))
		return w.dense(h, 3)
	}},
	{"shared norm", func(w *garden, x *G.Node) *G.Node {
		z := w.dense(x, 9)
		n := G.Must(G.Norm(z, 1, 2))
		w.roots = append(w.roots, G.Must(G.Sum(n)))
		return w.dense(G.Must(G.BroadcastHadamardDiv(z, n, nil, []byte{1})), 3)
	}},
	{"two activations", func(w *garden, x *G.Node) *G.Node {
		z := w.dense(x, 9)
		return G.Must(G.Add(w.dense(radialOf(G.Tanh)(z), 3), w.dense(w.rms(z), 3)))
	}},
}
