package rewrite

import (
	"github.com/stretchr/testify/require"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/quivernet/quivernet/internal/inspect"
)

// oddSteps use values in ways that a region must not follow, or only with care.
var oddSteps = []step{
	{"gram", func(w *garden, x *G.Node) *G.Node {
		h := w.rms(w.dense(x, 7))
		return w.dense(G.Must(G.Mul(h, G.Must(G.Mul(G.Must(G.Transpose(h)), h)))), 3)
	}},
	{"hidden value transposed", func(w *garden, x *G.Node) *G.Node {
		h := radialOf(G.Tanh)(w.dense(x, 6))
		return G.Must(G.Transpose(G.Must(G.Mul(w.weight(w.name("W"), 4, 6), G.Must(G.Transpose(h))))))
	}},
	{"sum over the samples", func(w *garden, x *G.Node) *G.Node {
		h := radialOf(G.Tanh)(w.dense(x, 8))
		w.roots = append(w.roots, G.Must(G.Sum(G.Must(G.Sum(h, 0)))))
		return w.dense(h, 3)
	}},
	{"weight as a root", func(w *garden, x *G.Node) *G.Node {
		m := w.weight(w.name("W"), x.Shape()[1], 9)
		w.roots = append(w.roots, m)
		return w.dense(radialOf(G.Tanh)(G.Must(G.Mul(x, m))), 3)
	}},
	{"bias as a value", func(w *garden, x *G.Node) *G.Node {
		b := w.weight(w.name("b"), 1, 9)
		w.roots = append(w.roots, G.Must(G.Sum(b)))
		return w.dense(w.rms(w.bias(w.dense(x, 9), b)), 3)
	}},
	{"one bias twice", func(w *garden, x *G.Node) *G.Node {
		b := w.weight(w.name("b"), 1, 9)
		h := w.rms(w.bias(w.dense(x, 9), b))
		return w.dense(w.rms(w.bias(w.dense(h, 9), b)), 3)
	}},
	{"product of weights", func(w *garden, x *G.Node) *G.Node {
		m := G.Must(G.Mul(w.weight(w.name("U"), x.Shape()[1], 2), w.weight(w.name("V"), 2, 9)))
		return w.dense(w.rms(G.Must(G.Mul(x, m))), 3)
	}},
	{"doubled", func(w *garden, x *G.Node) *G.Node {
		z := w.dense(x, 8)
		return w.dense(radialOf(G.Tanh)(G.Must(G.Add(z, z))), 3)
	}},
	{"temperature", func(w *garden, x *G.Node) *G.Node {
		t := G.NewScalar(w.g, w.dt, G.WithName(w.name("t")))
		require.NoError(w.t, G.Let(t, inspect.NewValue(w.dt, nil, []float64{0.7})))
		w.weights = append(w.weights, t)
		z := w.dense(x, 8)
		n := G.Must(G.Norm(z, 1, 2))
		s := G.Must(G.HadamardDiv(G.Must(G.Tanh(G.Must(G.HadamardProd(n, t)))), n))
		return w.dense(G.Must(G.BroadcastHadamardProd(z, s, nil, []byte{1})), 3)
	}},
	{"batch joined", func(w *garden, x *G.Node) *G.Node {
		h := w.rms(w.dense(x, 8))
		return w.dense(G.Must(G.Slice(G.Must(G.Concat(0, h, h)), G.S(0, max(w.n, 2)))), 3)
	}},
	{"cube of tensors", func(w *garden, x *G.Node) *G.Node {
		h := w.rms(w.dense(x, 6))
		c := G.Must(G.Reshape(h, tensor.Shape{w.n, 2, 3}))
		d := G.Must(G.BatchedMatMul(c, G.Must(G.Reshape(h, tensor.Shape{w.n, 3, 2}))))
		return w.dense(G.Must(G.Reshape(d, tensor.Shape{w.n, 4})), 3)
	}},
	{"largest entry", func(w *garden, x *G.Node) *G.Node {
		h := w.rms(w.dense(x, 6))
		w.roots = append(w.roots, G.Must(G.Sum(G.Must(G.Max(h, 1)))))
		return w.dense(h, 3)
	}},
	{"vector", func(w *garden, x *G.Node) *G.Node {
		v := w.input(w.name("v"), 5)
		z := G.Must(G.Add(G.Must(G.Mul(w.weight(w.name("W"), 9, 5), v)), w.weight(w.name("b"), 9)))
		n := G.Must(G.Sqrt(G.Must(G.Sum(G.Must(G.Square(z))))))
		h := G.Must(G.HadamardProd(z, G.Must(G.HadamardDiv(G.Must(G.Sigmoid(n)), n))))
		w.roots = append(w.roots, G.Must(G.Mul(h, w.weight(w.name("W"), 9, 3))), G.Must(G.Sum(G.Must(G.Mul(x, w.weight(w.name("u"), x.Shape()[1]))))))
		return x
	}},
	{"mixture", func(w *garden, x *G.Node) *G.Node {
		gate := G.Must(G.SoftMax(w.dense(x, 2)))
		a, b := w.dense(w.rms(w.dense(x, 7)), 4), w.dense(w.rms(w.dense(x, 6)), 4)
		part := func(y *G.Node, i int) *G.Node {
			g := G.Must(G.Reshape(G.Must(G.Slice(gate, nil, G.S(i))), tensor.Shape{w.n, 1}))
			return G.Must(G.BroadcastHadamardProd(y, g, nil, []byte{1}))
		}
		return G.Must(G.Add(part(a, 0), part(b, 1)))
	}},
	{"distance", func(w *garden, x *G.Node) *G.Node {
		a, b := w.dense(w.rms(w.dense(x, 7)), 4), w.dense(w.rms(w.dense(x, 6)), 4)
		w.roots = append(w.roots, G.Must(G.Sum(G.Must(G.Square(G.Must(G.Sub(a, b)))))))
		return a
	}},
	{"scaled branch", func(w *garden, x *G.Node) *G.Node {
		d := x.Shape()[1]
		f := G.Must(G.HadamardProd(w.dense(w.rms(w.dense(x, d+5)), d), w.scalar(0.5)))
		return w.dense(radialOf(G.Tanh)(w.dense(G.Must(G.Add(w.dense(x, d), f)), d+3)), 3)
	}},
	{"difference of layers", func(w *garden, x *G.Node) *G.Node {
		h := radialOf(G.Tanh)(G.Must(G.Sub(w.dense(x, 9), w.dense(w.pick(), 9))))
		return w.dense(G.Must(G.Neg(G.Must(G.HadamardDiv(h, w.scalar(3))))), 3)
	}},
	{"difference from a bias", func(w *garden, x *G.Node) *G.Node {
		z := G.Must(G.BroadcastSub(G.Must(G.Mul(x, w.weight(w.name("W"), x.Shape()[1], 9))), w.weight(w.name("b"), 1, 9), nil, []byte{0}))
		return w.dense(w.rms(z), 3)
	}},
	{"one weight with two signs", func(w *garden, x *G.Node) *G.Node {
		m := w.weight(w.name("W"), x.Shape()[1], 9)
		y := w.pick()
		if y == x || y.Shape()[1] != x.Shape()[1] { // x·W − x·W is 0, and its direction 0/0
			y = G.Must(G.Tanh(x))
		}
		return w.dense(radialOf(G.Tanh)(G.Must(G.Sub(G.Must(G.Mul(x, m)), G.Must(G.Mul(y, m))))), 3)
	}},
	{"minus parallel", func(w *garden, x *G.Node) *G.Node {
		d := x.Shape()[1]
		a, b, c := w.weight(w.name("W"), d, 9), w.weight(w.name("W"), d, 9), w.weight(w.name("W"), d, 9)
		z := G.Must(G.Sub(G.Must(G.Mul(x, b)), G.Must(G.Mul(G.Must(G.Tanh(x)), c))))
		return w.dense(w.rms(G.Must(G.Add(G.Must(G.Mul(x, a)), z))), 3)
	}},
	{"layer norm", func(w *garden, x *G.Node) *G.Node {
		h := w.layerNorm(w.dense(x, 9))
		if w.rng.IntN(2) == 0 {
			h = w.bias(G.Must(G.BroadcastHadamardProd(h, w.weight(w.name("g"), 1, 9), nil, []byte{0})), w.weight(w.name("b"), 1, 9))
		}
		return w.dense(h, 3)
	}},
	{"centred", func(w *garden, x *G.Node) *G.Node {
		z := w.dense(x, 7)
		return w.dense(G.Must(G.BroadcastSub(z, G.Must(G.Mean(z, 1)), nil, []byte{1})), 3)
	}},
	{"gradient", func(w *garden, x *G.Node) *G.Node {
		m := w.weight(w.name("W"), x.Shape()[1], 6)
		c := G.Must(G.Sum(w.dense(w.rms(G.Must(G.Mul(x, m))), 2)))
		if gs, err := G.Grad(c, m); err == nil && w.rng.IntN(2) == 0 {
			w.roots = append(w.roots, gs[0])
		}
		w.roots = append(w.roots, c)
		return x
	}},
}
